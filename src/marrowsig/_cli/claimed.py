"""Lines of the terminal: a claim with its numbers, how much of stroma's RNA there is, and maturation."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import NO_REFERENCE
from marrowsig._drug_alone import without_note
from marrowsig._in_brackets import once_unasked, parted
from marrowsig._people import OF_LINE
from marrowsig._rounded import percent as written

MOST_NAMED = 2  # claims with their names, and no number of them
NOTHING = 1e-8  # shares below are rounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def claimed(row: Mapping[Any, Any]) -> str:
    """Verdict, reason and numbers of a claim; of one that was not asked, what it would need."""
    from marrowsig._carry_over import moved
    from marrowsig._report.words import estimate, p_phrase
    from marrowsig.tl._claims_size import genes_kept, given_by_stroma, on_these_genes, switched, to_cite

    sentence = str(row["sentence"])
    if row["verdict"] == "not asked":
        return once_unasked(sentence)
    if row["rule"] == "carry-over not examined":
        sentence = sentence.replace(NO_REFERENCE, f"{NO_REFERENCE} (give it with --stroma)", 1)
    verdict = re.split(r"(?<=[.?]) ", sentence, maxsplit=1)[0].rstrip(".")
    value, low, high, p = (float(row[name]) for name in ("estimate", "ci_low", "ci_high", "p_adj"))
    if value != value:
        return f"{verdict}."
    kept = [
        float(row.get(f"filtered_{name}", math.nan)) for name in ("estimate", "ci_low", "ci_high", "p_adj")
    ]
    scored = "" if math.isnan(kept[0]) else " as scored"
    size = f"{row['signature']}{scored} {estimate(value, low, high)}, {p_phrase(p)}"
    stroma = "" if moved(row) and to_cite(row) else given_by_stroma(row)  # else said by the reason
    if stroma:
        size += f"; {stroma}"
    if on_these_genes(row):
        found = "cite this size" if to_cite(row) else f"{row['verdict']} as scored"
        found += f" ({switched(row)})" if switched(row) else ""
        size += f"; on {genes_kept(row)} {estimate(*kept[:3])}, {p_phrase(kept[3])}: {found}"
    note = without_note(str(row.get("note") or ""))
    note = f"{note}." if note else ""
    said = (f"{verdict} ({size}).", str(row.get("other_tests", "")), note)
    return " ".join(part for part in said if part)


def of_maturation(claims: pd.DataFrame) -> str:
    """Say which claims maturation may explain, and of how many it was asked; nothing where of none."""
    told = claims["maturation"].fillna("").astype(str)
    every = int(claims["verdict"].ne("not asked").sum())
    own = claims[~told.str.match("$|not asked") & claims["verdict"].ne("not asked")]
    found: dict[str, list[str]] = {}
    rows = own.to_dict("records")
    for row in rows:
        what = re.sub("^may be .*", "may explain", str(row["maturation"]).partition(" by maturation")[0])
        name = str(row["sentence"]).split(f": {row['verdict']}", maxsplit=1)[0]
        found.setdefault(what, []).append(OF_LINE.sub("", name))
    ways = {"may explain": "may explain", "cannot tell": "cannot be told for"}
    said = [_of_some(way, found[what]) for what, way in ways.items() if what in found]
    clear = len(found.get("not explained", []))
    part = f", asked of {len(own)} of {every} claims," if len(own) < every else ""
    of = "" if part and clear == len(own) else f" of {clear}{'' if part else ' claims'}"
    lead = [f"explains none{of}"] if clear else []
    return f"Maturation{part} {'; '.join([*lead, *said])}." if found else ""


def of_same_shares(claims: pd.DataFrame) -> str:
    """Say which claims other shares of cell types may explain; nothing where shares are alike.

    Only what is established can stand. Of a claim that cannot be told for another reason it is said that an
    effect is left.
    """
    if "cell_types" not in claims:
        return ""
    told = claims["cell_types"].fillna("").astype(str)
    found: dict[str, list[str]] = {}
    established = 0
    for row, what in zip(claims.to_dict("records"), told, strict=True):
        if what and row["verdict"] in ("supported", "contradicted", "cannot tell"):
            name = str(row["sentence"]).split(f": {row['verdict']}", maxsplit=1)[0]
            open_one = row["verdict"] == "cannot tell"
            established += not open_one
            way = what.partition(" by ")[0]
            way = "stays" if open_one and way == "not explained" else way
            found.setdefault(way, []).append(OF_LINE.sub("", name))
    if not found:
        return ""
    clear = len(found.get("not explained", []))
    said = [f"{clear} of {established} established claims stand"] if established else []
    ways = {
        "may be shares of cell types": "other shares may explain",
        "cannot tell": "cannot be told for",
    }
    said += [_of_some(way, found[what]) for what, way in ways.items() if what in found]
    if own := found.get("stays", []):
        many, other = len(own) > MOST_NAMED, "claims that cannot be told for another reason"
        rest = f"{len(own)} {other} (claims.csv)" if many else f"{other}: {'; '.join(own)}"
        said.append(f"an effect is left in {rest}")
    return f"With the same shares of cell types in all sums: {'; '.join(said)}."


def _of_some(what: str, names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{what} {len(names)} (claims.csv)"
    return f"{what}: {'; '.join(names)}"


def percent(share: float) -> str:
    """Write a share in percent: what rounding leaves is 0.

    >>> percent(9.9e-17), percent(0.00002), percent(0.0043)
    ('0 %', 'below 0.01 %', '0.43 %')
    """
    if share < NOTHING:
        return "0 %"
    return "below 0.01 %" if share < 1e-4 else written(share)


def most_of_stroma(shares: pd.DataFrame | None, claims: pd.DataFrame, mono: str | None = None) -> str:
    """Say of stroma's RNA the sample with most of it, where a share is known, and its part of EMT's rise.

    Of samples grown alone, whose arms name the level `mono`, only those count that are shown to hold some.
    """
    part = of_emt_as_scored(claims)
    if shares is None or not shares["share"].notna().any():
        return part
    alone = (
        shares["arm"].str.contains(rf"(?:^|:){re.escape(mono)}(?::|$)") if mono else shares["share"].isna()
    )
    there = shares[~alone | (shares["share_low"] > NOTHING)]
    if there["share"].notna().any():
        shares = there
    top = shares.loc[shares["share"].idxmax()]
    of = f", in {top['arm']}"
    if "stratum" in shares and len(shares["stratum"].unique()) > 1:
        of = f" of {str(top['stratum']).removeprefix('compartment=')} (arm {top['arm']})"
    some = f"estimated at most {percent(float(top['share']))} of a sample{of}"
    some = "none shown in any arm" if top["share"] < NOTHING else some
    up = percent(float(shares["share_high"].max()))
    return f"Stroma's RNA: {some}; samples may hold up to {up} (stroma_shares.csv). {part}".strip()


def of_emt_as_scored(claims: pd.DataFrame) -> str:
    """Say how much of the rise of EMT as scored is stroma's RNA, where the size to cite is on fewer genes.

    Where it is more than may be left in one row, every row cited so is named, with its cells and line.
    """
    from marrowsig._carry_over import moved
    from marrowsig.tl._claims_size import to_cite

    rows = claims[claims["claim"].eq("emt_up") & claims["verdict"].eq("supported")].to_dict("records")
    rows = [row for row in rows if to_cite(row)]
    if "larger" not in map(moved, rows):
        return ""
    told = []
    for row in rows:
        if row["carried"] * row["estimate"] > 0:
            cells = re.match(r"EMT in (.+) rises in co-culture", str(row["sentence"]))
            where = parted(str(row["sentence"]).split(": supported", maxsplit=1)[0])[1]
            line = OF_LINE.sub("", f"({where})")[1:-1]
            named = ", ".join(filter(None, [cells[1] if cells else "", line]))
            told.append(f"{100 * row['carried'] / row['estimate']:.0f} %{f' ({named})' if named else ''}")
    listed = " and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))
    return f"Of EMT's rise as scored, {listed} is stroma's RNA: cite the sizes marked *."


def share_of_stroma(shares: pd.DataFrame | None) -> str:
    """Say how much RNA of stroma was found, by arm; nothing where no share is known."""
    return _share_by_arm(shares, "Stroma's RNA", "stroma_shares.csv")


def share_of_leukaemia(shares: pd.DataFrame | None) -> str:
    """Say how much leukaemia RNA was found in samples of stroma, by arm; nothing where it is not known."""
    return _share_by_arm(shares, "Leukaemia RNA in stroma", "leukaemia_shares.csv")


def _share_by_arm(shares: pd.DataFrame | None, what: str, file: str) -> str:
    if shares is None or not shares["share"].notna().any():
        return ""
    means = shares.groupby("arm", sort=False)["share"].agg(["mean", "max"])
    seen = means[means["max"] >= NOTHING]
    if seen.empty:
        return f"{what}: none shown in any arm ({file})."
    arms = [f"{arm} {percent(r['mean'])} ({percent(r['max'])})" for arm, r in seen.iterrows()]
    lead = f"{what}, mean of the arm (largest sample): {', '.join(arms)}"
    rest = "; in other arms none shown" if len(seen) < len(means) else ""
    return f"{lead}{rest} ({file})."


def shares_between(table: pd.DataFrame | None) -> list[str]:
    """Say how the share of stroma's RNA differs between co-cultures; nothing where none were compared."""
    from marrowsig._p_values import p_equals
    from marrowsig._report.words import MINUS, estimate

    if table is None or not len(table):
        return []
    told = []
    for row in table.to_dict("records"):
        of = f" [{row['stratum']}]" if row["stratum"] else ""
        size = estimate(row["estimate"], row["ci_low"], row["ci_high"]).replace(MINUS, "-")
        told.append(f"{row['arm']} less {row['against']}{of} {size}, {p_equals('p', row['p'])}")
    lead = "Between these arms, points of per cent (stroma_share_contrasts.csv)"
    return [f"{lead}: {'; '.join(told)}."]
