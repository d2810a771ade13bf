"""The radix order of a row against a stable sort of numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from marrowsig._kernels.order import LOW, order_falling

RNG = np.random.default_rng(0)
ROWS = {
    "normal": RNG.normal(size=3000),
    "one value": np.array([2.0]),
    "all equal": np.full(50, -1.5),
    "few values": RNG.integers(-3, 4, 2000).astype(float),
    "both zeros": np.where(RNG.random(300) < 0.5, -0.0, 0.0) + RNG.choice([0.0, 1e-300, -1e-300], 300) * 0.0,
    "signs of zero": np.copysign(RNG.choice([0.0, 1.0], 300), RNG.normal(size=300)),
    "close": 1.0 + RNG.integers(0, 20, 2000) * 2.0**-50,
    "close pairs": np.repeat(RNG.normal(size=500), 3) + np.tile([0.0, 1e-13, -1e-13], 500),
    "wide": RNG.normal(size=500) * 10.0 ** RNG.integers(-300, 300, 500),
    "infinite": np.array([0.0, np.inf, -np.inf, 1.0]),
}


@pytest.mark.parametrize("name", ROWS)
def test_order_is_that_of_a_stable_sort(name):
    x = ROWS[name]
    n = x.size
    work = np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(3 * 2048, np.int32)
    got = (order_falling(x, *work) & LOW).astype(int)
    assert_array_equal(got, np.lexsort((np.arange(n), -x)))
