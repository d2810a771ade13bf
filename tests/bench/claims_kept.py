"""Should ways of scoring agree as scored, or on genes that stroma could not move? Three rules, one study.

Usage: python tests/bench/claims_kept.py [--runs 20] [--out rows.csv]
       python tests/bench/claims_kept.py --read rows.csv more.csv

Two lines in n pairs, alone and in co-culture, from the profiles of tests/bench/stroma.py. `none`: nothing but
carry-over, of the stroma of the reference or of a stirred-up one (`primed`). `list`: half of the genes of the
first list of EMT, IL-6 and STAT3 move; other lists share some of them. `all`: half of the genes of every
list, each drawn for itself. `first`: half of the genes that the first list alone has.

Rules: (a) ways are counted as scored; (b) on genes that stroma could not move, where the claim is cited on
these; (c) as (a), with a mark, here not counted as supported, where no other list holds on these.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from claims import DEPTH, DEPTH_SD, DISPERSION, PAIR_SD, SHARE_SD, _million, sibling

import marrowsig as ms
from marrowsig.tl import _claims_rows
from marrowsig.tl._claims_data import SIGNATURES
from marrowsig.tl._claims_kept import Kept
from marrowsig.tl._claims_numbers import agreement, fitted
from marrowsig.tl._claims_rows import UNMATURED
from marrowsig.tl._claims_rules import SUPPORTED, judge

SEED = 20261128
FOLD = {"parental": 1.25, "resistant": 1.5}
DESIGN = ms.Design(culture="culture", line="line", pair="pair")
STANDS = "not explained by carry-over"
KEYS = ["truth", "carried", "mismatch", "share", "n"]


class Case(NamedTuple):
    """`carried`: the stroma that was measured, or primed; `mismatch`: log-SD of the reference per gene."""

    truth: str
    n: int
    share: float
    mismatch: float = 0.5
    carried: str = "same"


CASES = [
    *(Case("none", 4, share) for share in (0.005, 0.01, 0.02, 0.05)),
    *(Case("none", n, 0.02) for n in (3, 6)),
    *(Case("none", 4, share, 1.0, "primed") for share in (0.005, 0.05)),
    *(Case("list", 4, share) for share in (0.0, 0.005, 0.01, 0.02, 0.05)),
    *(Case("list", n, 0.02) for n in (3, 6)),
    *(Case("all", 4, share) for share in (0.0, 0.005, 0.02, 0.05)),
    *(Case("all", n, 0.02) for n in (3, 6)),
    *(Case("first", 4, share) for share in (0.0, 0.005, 0.02, 0.05)),
]


def simulate(p: Any, case: Case, rng: np.random.Generator) -> tuple[AnnData, pd.Series]:
    """Draw counts of one study, and the reference that its analyst has."""
    place = {gene: i for i, gene in enumerate(p.genes)}
    sign = np.zeros(len(p.genes))
    for ids in SIGNATURES.values() if case.truth != "none" else ():
        lists = [ms.sig.load(id).to_net().set_index("target")["weight"] for id in ids]
        rest = {gene for own in lists[1:] for gene in own.index} if case.truth == "first" else set()
        for own in lists if case.truth == "all" else lists[:1]:
            members = [gene for gene in own.index if gene in place and gene not in rest]
            hit = rng.permutation(members)[: len(members) // 2]
            sign[[place[gene] for gene in hit]] = np.sign(own[hit])
    carried = _million(p.primed if case.carried == "primed" else p.stroma)
    rows, obs = [], []
    for line, fold in FOLD.items():
        for i in range(case.n):
            pair = 2.0 ** rng.normal(0.0, PAIR_SD, len(p.genes))
            for culture in ("mono", "co"):
                co = culture == "co"
                f = min(case.share * np.exp(rng.normal(0, SHARE_SD)), 0.5) if co else 0.0
                rows.append((1 - f) * _million(p.blast * fold ** (co * sign) * pair) + f * carried)
                obs.append((culture, line, f"{line}{i}"))
    depth = DEPTH * np.exp(rng.normal(0.0, DEPTH_SD, len(rows)))
    mean = np.array(rows) * depth[:, None] / 1e6
    counts = rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, mean.shape)).astype(float)
    frame = pd.DataFrame(obs, columns=["culture", "line", "pair"], index=[f"s{i}" for i in range(len(obs))])
    adata = AnnData(counts, obs=frame, var=pd.DataFrame(index=p.genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata, pd.Series(p.stroma * np.exp(case.mismatch * rng.normal(size=len(p.genes))), p.genes)


class Counted(Kept):
    """Counts ways on the genes that stroma could not move beside what the claims ask."""

    seen: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, data: Any, design: Any) -> None:
        super().__init__(data, design)
        self.all_ids, self.own, self.every = data.ids, self.tables, {}

    def of(self, plan: Any, ids: Any, estimate: float, alpha: float) -> dict[str, Any]:
        told = super().of(plan, ids, estimate, alpha)
        data, first = self.data, self.data.method
        found, p = [], []
        for method in data.scores:
            data.method, data.ids = method, {"every": ["", *ids]}
            self.tables = self.every.setdefault((method, ids[0]), {})
            values = self._scores(plan.stratum).reindex(columns=list(ids)).to_numpy(dtype=np.float64)
            for into, own in zip((found, p), fitted(plan, values), strict=True):
                into.append(own)
        data.method, data.ids, self.tables = first, self.all_ids, self.own
        kept = agreement(estimate, np.concatenate(found), np.concatenate(p), alpha)
        self.seen.append(
            {"signature": ids[0], "contrast": plan.contrast.name, "n_others": told["n_others"],
             "n_hold": len(told["others_hold"]), **{f"kept_{k}": v for k, v in kept.items()}}
        )  # fmt: skip
        return told


def one(p: Any, case: Case, run: int) -> pd.DataFrame:
    """Claims of signatures of one study, with what each rule reads."""
    rng = np.random.default_rng([SEED, run, *repr(tuple(case)).encode()])
    adata, reference = simulate(p, case, rng)
    Counted.seen = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = ms.tl.claims(adata, DESIGN, stroma=reference, maturation=UNMATURED)
    columns = ["claim", "line", "signature", "contrast", "estimate", "p_adj", "agreement", "n_against",
               "stroma", "filtered_p_adj", "cite", "verdict", "rule"]  # fmt: skip
    rows = table[columns].merge(pd.DataFrame(Counted.seen), on=["signature", "contrast"])
    return rows.assign(**case._asdict(), run=run)


def ruled(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether each rule supports a claim; a rise that is not supported takes "more in resistant" with it."""
    rises: dict[Any, str] = {}
    by_kept = []
    for row in rows.to_dict("records"):
        study = tuple(row[k] for k in (*KEYS, "run"))
        if row["stroma"] == STANDS and row["cite"] == "filtered_estimate":
            row |= {"agreement": row["kept_agreement"], "n_against": row["kept_n_against"]}
        needs = rises.get((study, "emt_up", "resistant"), "") if "more" in row["claim"] else ""
        found = judge({**row, "builds_on": needs, "maturation": ""}, alpha=0.05, agreement=0.75)
        rises[study, row["claim"], row["line"]] = found.verdict
        by_kept.append(found.verdict == SUPPORTED)
    a = rows["verdict"] == SUPPORTED
    none = (rows["stroma"] == STANDS) & (rows["n_others"] > 0) & (rows["n_hold"] == 0)
    return rows.assign(a=a, b=by_kept, c=a & ~none, scored=(rows["p_adj"] < 0.05) & (rows["estimate"] > 0))


def pooled(told: pd.DataFrame) -> str:
    """Shares supported by each rule, over all studies of a truth with stroma or without."""
    rises = told[told["claim"].isin(["emt_up", "stat3_up"])]
    lines = ["| truth | stroma | claim | claims | a | b | c |", "|---|---|---|---:|---:|---:|---:|"]
    truths = rises["truth"].where(rises["carried"] == "same", rises["truth"] + ", primed")
    for (truth, mixed, claim), part in rises.groupby([truths, rises["share"] > 0, "claim"], sort=False):
        shares = " | ".join(f"{part[rule].mean():.2f}" for rule in "abc")
        lines.append(f"| {truth} | {'yes' if mixed else 'no'} | {claim} | {len(part)} | {shares} |")
    return "\n".join(lines)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path).fillna({"line": "", "stroma": "", "cite": ""})


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Agreement as scored, or on genes that stroma could not move."
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--from", dest="start", type=int, default=0, help="number of the first study")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--read", type=Path, nargs="+", help="tables of earlier runs, in place of a new one")
    given = parser.parse_args()
    if given.read:
        rows = pd.concat([read(path) for path in given.read])
    else:
        folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
        p = sibling().shared_profiles(folder)
        _claims_rows.Kept = Counted
        parts = []
        for run in range(given.start, given.start + given.runs):  # all cases in turn: stop at any time
            parts += [one(p, case, run) for case in CASES]
            rows = pd.concat(parts)
            if given.out:
                rows.to_csv(given.out, index=False)
    told = ruled(rows)
    shares = told.groupby([*KEYS, "claim", "line"])[["scored", *"abc"]].mean()
    print(shares.round(2).reset_index().to_string(index=False), pooled(told), sep="\n\n")


if __name__ == "__main__":
    main()
