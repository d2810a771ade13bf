"""How often the verdicts of `ms.qc.maturation` and `ms.qc.cycle` are right, on studies with known truth.

    python tests/bench/confounders.py            # fills the tables of docs/confounders.md

Log expression of 4,000 genes, two arms. A factor with SD 1 within arms shifts by `shift` between them. Genes
of the confounder follow it with slopes of 0.1 to 0.5 log2 units per SD (immature ones against it); so does
a share `hidden` of the signature's other genes, which no list names. A real effect raises half of the
signature's genes by 0.4. Noise of single genes has SD 0.3. All numbers go through the scores, models and the
rule of the package; only the rows of many studies are scored at once.
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

import marrowsig as ms
from marrowsig import _confounders
from marrowsig._check_words import CANNOT, NOTHING
from marrowsig._provenance import record
from marrowsig._stats.ols import fit
from marrowsig.qc._confounder_verdict import explained, verdict

N_GENES = 4000
SIGNATURES = {
    "maturation": ("emt.hallmark", "il6.hallmark"),
    "cycle": ("emt.sarrio2008", "il6.croonquist2003"),
}
ALPHA = 0.05


def universe(sig, kind):
    """Names of the genes, those of the signature and of the confounder first."""
    own = [*dict.fromkeys([*sig.genes, *sorted(frozenset().union(*_confounders.parts(kind).values()))])]
    return [*own, *(f"OTHER{i}" for i in range(N_GENES - len(own)))]


def slopes(names, sig, kind, hidden, rng):
    """Change of every gene per SD of the confounder."""
    size = rng.uniform(0.1, 0.5, len(names))
    young = _confounders.parts(kind).get("immature", frozenset())
    listed = _confounders.genes(kind)
    unlisted = [g for g in sig.genes if g not in listed and g not in young]
    follow = set(rng.permutation(unlisted)[: round(hidden * len(unlisted))])
    sign = [
        1.0 if g in listed else -1.0 if g in young else np.sign(sig.genes[g]) if g in follow else 0.0
        for g in names
    ]
    return size * np.array(sign)


def studies(sig, kind, *, n, shift, hidden, effect, runs, rng):
    """Log expression (runs x samples, genes); in every run n samples of each arm, arm by arm."""
    names = universe(sig, kind)
    arm = np.repeat([0.0, 1.0], n)
    real = np.zeros(len(names))
    up = rng.permutation(len(sig))[: len(sig) // 2]
    real[up] = effect * np.array(list(sig.genes.values()))[up]
    blocks = []
    for _ in range(runs):
        factor = rng.normal(size=2 * n) + shift * arm
        level = rng.normal(6, 2, len(names))
        x = level + np.outer(factor, slopes(names, sig, kind, hidden, rng)) + np.outer(arm, real)
        blocks.append((x + rng.normal(0, 0.3, x.shape)).astype(np.float32))
    adata = ad.AnnData(np.vstack(blocks), var=pd.DataFrame(index=names))
    adata.obs_names = [f"r{i}" for i in range(adata.n_obs)]
    record(adata, "input", {"kind": "log"})
    return adata


def judged(sig, kind, *, n, runs, **truth):
    """Count of the verdicts over the runs."""
    rng = np.random.default_rng([n, runs, *(round(10 * v) for v in truth.values()), len(sig)])
    adata = studies(sig, kind, n=n, runs=runs, rng=rng, **truth)
    kept = {g: w for g, w in sig.genes.items() if g not in _confounders.genes(kind)}
    less = ms.sig.Signature("control.less", axis="control", genes=kept)
    gone = frozenset(sig.genes)
    covariate = _confounders.scores(adata, None, kind, [frozenset(), gone])
    ms.tl.score(adata, [sig, less])
    own = adata.obsm["score_singscore"].to_numpy().reshape(runs, 2 * n, 2)
    plain, cut = (covariate[g][kind].to_numpy().reshape(runs, 2 * n) for g in (frozenset(), gone))
    X = np.column_stack([np.repeat([1.0, 0.0], n), np.repeat([0.0, 1.0], n)])
    c = np.array([-1.0, 1.0])
    found: Counter[str] = Counter()
    for i in range(runs):
        main, without, moved = (one(y, X, c) for y in (own[i, :, 0], own[i, :, 1], plain[i]))
        adjusted = one(own[i, :, 0], np.column_stack([X, cut[i] - cut[i].mean()]), np.append(c, 0.0))
        for row in (without, adjusted):
            row["share_left"] = row["estimate"] / main["estimate"]
            row["se_inflation"] = row["k"] / main["k"]
            same = np.sign(row["estimate"]) == np.sign(main["estimate"])
            row["holds"] = bool(same and row["excludes_zero"] == main["excludes_zero"])
        found[verdict(kind, main=main, without=without, adjusted=adjusted, moved=moved["excludes_zero"])] += 1
    return found


def one(y, X, c):
    result = fit(y[:, None], X, c)
    low, high = (float(end[0]) for end in result.interval(ALPHA))
    return {
        "estimate": float(result.estimate[0]), "excludes_zero": bool(result.p[0] < ALPHA), "k": result.k,
        "ci_low": low, "ci_high": high,
    }  # fmt: skip


COLUMNS = (
    "confounder", "signature", "real effect", "shift, SD", "hidden", "n", "not explained", "may be",
    "cannot tell", "not asked",
)  # fmt: skip


def table(runs):
    """One row per signature and truth."""
    grid = itertools.product(SIGNATURES, (0.0, 0.4), (0.0, 1.0, 2.0, 3.0), (0.0, 0.25, 0.5), (3, 4, 6))
    rows = []
    for kind, effect, shift, hidden, n in grid:
        if hidden and not shift:
            continue
        for id in SIGNATURES[kind]:
            truth = {"shift": shift, "hidden": hidden, "effect": effect}
            found = judged(ms.sig.load(id)[id], kind, n=n, runs=runs, **truth)
            shares = [found[v] / runs for v in (*explained(kind), CANNOT, NOTHING)]
            rows.append((kind, id, effect, shift, hidden, n, *shares))
    return pd.DataFrame(rows, columns=list(COLUMNS))


PAGE = Path(__file__).resolve().parents[2] / "docs" / "confounders.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
ORDER = ["confounder", "real effect", "shift, SD", "n"]


def measured(found, runs):
    """Give the part of the page that the numbers fill."""
    nothing = found[found["real effect"] == 0]
    worst = nothing.loc[nothing["not explained"].idxmax()]
    moved = nothing[nothing["shift, SD"] > 0]
    error = np.sqrt(0.05 * 0.95 / runs)
    lines = [
        f"{runs} studies of each setting. The Monte-Carlo error of a share of 0.05 is {error:.3f}; means",
        "over several settings err less.",
        "",
        f'Without any real effect, "not explained" comes out in {moved["not explained"].mean():.3f} of the',
        f"studies in which the confounder moved, at worst in {worst['not explained']:.3f}",
        f"({worst['signature']}, shift {worst['shift, SD']:g} SD, hidden {worst['hidden']:g},",
        f"n = {worst['n']}).",
        "",
        "Share of studies with each verdict, means over both signatures and the shares `hidden`:",
        "",
    ]
    mean = found.groupby(ORDER, sort=False)[list(COLUMNS[6:])].mean().reset_index()
    for effect, part in mean.groupby("real effect", sort=False):
        lines += [f"**{'A real effect' if effect else 'No real effect'}**", ""]
        lines += [*as_table(part.drop(columns="real effect"), ORDER), ""]
    lines += ["## All settings", ""]
    for (kind, effect), part in found.groupby(["confounder", "real effect"], sort=False):
        title = f"{kind}, {'a real effect' if effect else 'no real effect'}: {len(part)} settings"
        lines += ["<details>", f"<summary>{title}</summary>", ""]
        lines += as_table(part.drop(columns=["confounder", "real effect"]), [*COLUMNS[:6]])
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def as_table(rows, keys):
    """Lines of a table, `keys` as they are and the other columns as shares."""
    right = ["---" if name in ("confounder", "signature") else "---:" for name in rows]
    lines = [f"| {' | '.join(rows)} |", f"| {' | '.join(right)} |"]
    for row in rows.to_dict("records"):
        shown = (
            v if isinstance(v, str) else f"{v:g}" if name in keys else f"{v:.2f}" for name, v in row.items()
        )
        lines.append(f"| {' | '.join(shown)} |")
    return lines


def write(found, runs):
    """Fill the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"{before}{BEGIN}\n\n{measured(found, runs)}\n{END}{after}"
    PAGE.write_text(text, encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=300)
    runs = parser.parse_args().runs
    write(table(runs), runs)


if __name__ == "__main__":
    main()
