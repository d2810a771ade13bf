"""Scores of random sets that are like signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._engine import FLAT, Job
from marrowsig._sets import Sets
from marrowsig._source import rounds
from marrowsig.qc._matched import ExhaustedError, matched_sets
from marrowsig.tl._score_options import options_of, with_columns
from marrowsig.tl._score_run import scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from marrowsig.methods import Method


def mean_expression(x: Any) -> NDArray[np.float64]:
    """Mean of every column of any container."""
    total = np.zeros(x.shape[1])
    for start, stop, block, offset in rounds(x):
        part = block[offset : offset + stop - start]
        part = part.compute() if hasattr(part, "compute") else part
        total += np.asarray(part.sum(axis=0), dtype=np.float64).ravel()
    return total / x.shape[0]


def random_scores(
    draws: Sequence[Any],
    method: Method,
    sets: Sets,
    names: Sequence[str],
    *,
    n_sets: int,
    rng: np.random.Generator,
    exclude: NDArray[np.bool_],
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield, signature by signature, its name and the scores (n_obs, n_sets) of random sets like it.

    Scores are means over `draws` of one matrix, mostly a single one. Signatures of which an expression bin
    has too few other genes are left out.
    """
    from marrowsig._progress import tqdm

    mean = mean_expression(draws[0])
    spans = zip(sets.names, sets.ptr[:-1], sets.ptr[1:], sets.listed, sets.listed_down, strict=True)
    for name, a, b, listed, down in tqdm(
        spans, total=len(sets), desc="random sets", unit="signature", delay=2, leave=False
    ):
        try:
            drawn = matched_sets(mean, sets.idx[a:b], n_sets=n_sets, rng=rng, exclude=exclude)
        except ExhaustedError:
            continue
        like = _like(drawn, sets.weight[a:b], listed, down, sets.n_genes)
        yield name, np.mean([scores_by_row(x, method, like, names) for x in draws], axis=0)


def _like(
    drawn: NDArray[np.int64], weight: NDArray[np.float64], listed: int, down: int, n_genes: int
) -> Sets:
    """Make sets of the drawn columns (n_sets, k), which list as many genes without a measurement."""
    n, k = drawn.shape
    return Sets(
        names=tuple(f"random {i + 1}" for i in range(n)),
        ptr=np.arange(n + 1, dtype=np.int64) * k,
        idx=drawn.ravel(),
        weight=np.tile(weight, n),
        listed=np.full(n, listed, np.int64),
        n_genes=n_genes,
        listed_down=np.full(n, down, np.int64),
    )


def scores_by_row(x: Any, method: Method, sets: Sets, names: Sequence[str]) -> NDArray[np.float64]:
    """Scores (n_obs, n_sets) of one method."""
    options = with_columns(options_of([method], None), names, sets)
    values = scores_of(x, Job((method,), sets, options))
    values.pop(FLAT)
    return values[method.name]
