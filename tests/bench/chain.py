"""How often the links of a chain are called where there is none, and found where there is one.

`python tests/bench/chain.py` writes the tables of docs/chain.md; a short version is in tests/test_partial.py.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from marrowsig._stats.partial import partial
from marrowsig._stats.partial_parts import partial_in_parts, parts
from marrowsig._stats.partial_power import detectable_r

RUNS = 10_000
GENES = 30
ALPHA = 0.05
PAGE = Path(__file__).resolve().parents[2] / "docs" / "chain.md"


def unpaired(arms: int, n: int) -> np.ndarray:
    """Means of `arms` arms of `n` samples."""
    return np.kron(np.eye(arms), np.ones((n, 1)))


def paired(n: int) -> np.ndarray:
    """Co and mono in two lines, `n` pairs within each."""
    blocks = np.vstack([np.kron(np.eye(2), np.kron(np.ones((2, 1)), np.eye(n)))])
    return np.hstack([unpaired(4, n), blocks])


DESIGNS = {
    "two arms of 3": unpaired(2, 3),
    "2 x 2, 3 each": unpaired(4, 3),
    "2 x 2, 4 pairs a line": paired(4),
    "2 x 2, 6 each": unpaired(4, 6),
    "two arms of 12": unpaired(2, 12),
}
# Slopes of STAT3 on IL-6 and of EMT on STAT3, and loading of a factor that all three share.
TRUTHS = {
    "nothing": (0.0, 0.0, 0.0),
    "first link only": (1.0, 0.0, 0.0),
    "second link only": (0.0, 1.0, 0.0),
    "both links": (1.0, 1.0, 0.0),
    "a shared factor, no link": (0.0, 0.0, 0.7),
}


def rise(X: np.ndarray) -> np.ndarray:
    """Three SD in every second arm."""
    arms = X[:, : 2 if X.shape[1] < 4 else 4]
    return 3.0 * (arms.argmax(axis=1) % 2)[:, None]


def rates(X: np.ndarray, truth: tuple[float, float, float], rng: np.random.Generator) -> list[float]:
    first, second, load = truth
    noise, factor = rng.normal(size=(3, len(X), RUNS)), rng.normal(size=(len(X), RUNS))
    noise = np.sqrt(1 - load**2) * noise + load * factor
    il6 = noise[0] + rise(X)
    stat3 = noise[1] + rise(X) + first * noise[0]
    emt = noise[2] + rise(X) + second * (stat3 - rise(X))
    one, other = partial(il6, stat3, X).p, partial(stat3, emt, X, [il6]).p
    pooled = partial(il6, stat3, np.ones((len(X), 1))).p
    found = (one, other, np.maximum(one, other), pooled)
    return [float(np.mean(p < ALPHA)) for p in found]


def sharing(X: np.ndarray, shared: int, rng: np.random.Generator) -> list[float]:
    """Level of the first link with `shared` of 30 genes in both scores, and without them."""
    common = rng.normal(size=(len(X), RUNS)) * np.sqrt(shared)
    own = rng.normal(size=(2, len(X), RUNS)) * np.sqrt(GENES - shared)
    with_them = partial(common + own[0], common + own[1], X).p
    return [float(np.mean(p < ALPHA)) for p in (with_them, partial(own[0], own[1], X).p)]


# Donors in both lines, arms of each line, rows (donor, line, arm) that are lost, and donors of one line.
SHARED = {
    "3 donors, 2 arms": (3, 2, [], 0),
    "3 donors, 3 arms": (3, 3, [], 0),
    "4 donors, 2 arms": (4, 2, [], 0),
    "4 donors, 3 arms": (4, 3, [], 0),
    "4 donors, 3 arms, two samples lost": (4, 3, [(0, 0, 2), (1, 1, 2)], 0),
    "4 donors, 2 arms, and 2 in one line each": (4, 2, [], 2),
    "6 donors, 2 arms": (6, 2, [], 0),
}
SHARES = (0.0, 0.3, 0.5, 0.8, 0.95)


def recurring(donors: int, arms: int, lost: list, single: int) -> tuple[np.ndarray, np.ndarray]:
    """Model of arms and pairs within lines, and the cell (donor and arm) of every row."""
    rows = [(d, line, a) for d in range(donors) for line in range(2) for a in range(arms)]
    rows += [(donors + i, i % 2, a) for i in range(single) for a in range(arms)]
    donor, line, arm = np.array([row for row in rows if row not in lost]).T
    dummies = [(v[:, None] == np.unique(v)).astype(float) for v in (10 * line + arm, 10 * donor + line)]
    return np.hstack(dummies), 10 * donor + arm


def recurring_rates(X: np.ndarray, cell: np.ndarray, share: float, rng: np.random.Generator) -> list[float]:
    """Level of the mean of parts, of all residuals and of sums; power of the first and the last."""
    bases, found = parts(X, cell), []
    member = (cell[:, None] == np.unique(cell)).astype(float)
    for r in (0.0, 0.7):
        common, own = rng.normal(size=(2, member.shape[1], RUNS)), rng.normal(size=(2, len(X), RUNS))
        for noise in (common, own):
            noise[1] = r * noise[0] + np.sqrt(1 - r**2) * noise[1]
        a, b = np.sqrt(share) * (member @ common) + np.sqrt(1 - share) * own
        tests = [partial_in_parts(a, b, bases), partial(a, b, X), partial_in_parts(a, b, bases[-1:])]
        found.append([float(np.mean(test.p < ALPHA)) for test in tests])
    return [*found[0], found[1][0], found[1][2]]


def donors(rng: np.random.Generator) -> list[list[str]]:
    rows = []
    for name, (n, arms, lost, single) in SHARED.items():
        X, cell = recurring(n, arms, lost, single)
        for share in SHARES:
            rates = recurring_rates(X, cell, share, rng)
            rows.append([name, f"{share:g}", *(f"{rate:.3f}" for rate in rates)])
    return rows


def tables(rng: np.random.Generator, only: list[str]) -> dict[str, list[list[str]]]:
    """All tables, or that of donors in both lines alone (`only` holds "donors")."""
    if only == ["donors"]:
        return {"donors": donors(np.random.default_rng(1))}
    levels, genes, power = [], [], []
    for name, X in DESIGNS.items():
        for truth, slopes in TRUTHS.items():
            levels.append([name, truth, *(f"{rate:.3f}" for rate in rates(X, slopes, rng))])
        df = len(X) - np.linalg.matrix_rank(X) - 1
        power.append([name, str(df), *(f"{detectable_r(int(df) - k, alpha=ALPHA):.2f}" for k in (0, 1))])
        genes.append([name, *(f"{rate:.3f}" for k in (3, 6) for rate in sharing(X, k, rng))])
    return {"levels": levels, "genes": genes, "power": power, "donors": donors(np.random.default_rng(1))}


def main() -> None:
    text = PAGE.read_text()
    only = sys.argv[1:]
    for name, rows in tables(np.random.default_rng(0), only).items():
        body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        pattern = rf"(<!-- {name} -->\n\n\|.*\n\|[-| ]+\|\n)(?:\|.*\n)*"
        text, n = re.subn(pattern, lambda m, body=body: f"{m[1]}{body}\n", text)
        if n != 1:
            msg = f"docs/chain.md has no table {name}"
            raise SystemExit(msg)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
