"""Sizes on the genes that stroma could not move, and what stroma gives, beside contrasts as scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import JOINT, KEYS, as_claimed
from marrowsig._carry_over import AS_SCORED, of_stroma, on_kept_genes, said_impossible
from marrowsig._check_words import STANDS
from marrowsig._size_to_cite import OF_CHECK, OPEN, held

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

OF_STROMA = (
    "carried", "cite", "filtered_estimate", "filtered_ci_low", "filtered_ci_high", "filtered_p_adj", "stroma",
    "n_kept", "n_genes",
)  # fmt: skip

SAMPLES = ("n_test", "n_base", "n_pairs")


def with_stroma(rows: pd.DataFrame, *tables: pd.DataFrame | None) -> pd.DataFrame:
    """Add to the contrasts what stroma gives by itself, and the size to cite; the last table comes first."""
    known_to = [t for t in tables if t is not None and "carried" in t]
    given = [t if "stroma" in t else t.rename(columns=OF_CHECK) for t in known_to]  # of the check, its own p
    if not given:
        return rows
    known = {key: row for t in given for key, row in zip(_keys(t), t.to_dict("records"), strict=True)}
    keys = _keys(rows)
    kept = [name for name in OF_STROMA if name in given[-1]]
    return rows.assign(**{name: [known.get(key, {}).get(name) for key in keys] for name in kept})


def as_answered(rows: pd.DataFrame, claims: pd.DataFrame | None, *, joint: bool = False) -> pd.DataFrame:
    """Take size, interval and samples from the claims where the design alone has none.

    So it is with stroma that was grown alone for both lines: claims compare it with the stroma of each, all
    arms in one model. With `joint` every contrast of such stroma has the numbers of that model, as the p of
    its claim has, and `test` says so.
    """
    import pandas as pd

    numbers = ["estimate", "ci_low", "ci_high"]
    if claims is None or not {*KEYS, *numbers, "p_adj"} <= set(claims):
        return rows
    own = claims[claims["p_adj"].notna() & claims["estimate"].notna()]
    taken = [*numbers, *(name for name in (*SAMPLES, "df") if name in own and name in rows)]
    known = dict(zip(_keys(own), own[taken].to_numpy(float), strict=True))
    keys, out = _keys(rows), rows.copy()
    partners = {key for key, row in zip(_keys(own), own.to_dict("records"), strict=True) if of_stroma(row)}
    lacking = rows["estimate"].isna().to_numpy()
    alone = {
        key[KEYS.index("stratum")] for key, no in zip(keys, lacking, strict=True) if no and key in partners
    }
    one = [joint and key in partners and key[KEYS.index("stratum")] in alone for key in keys]
    at = [i for i, key in enumerate(keys) if (lacking[i] or one[i]) and key in known]
    if not at:
        return rows
    found = pd.DataFrame([known[keys[i]] for i in at], columns=taken, index=out.index[at])
    for name in taken:
        out.loc[found.index, name] = found[name].astype(out[name].dtype)
    ours = out.index[[i for i in at if one[i]]]
    if "test" in out and len(ours):
        out.loc[ours, "test"] = JOINT
    if "df" in out and "df" not in taken and len(ours):
        out.loc[ours, "df"] = float("nan")
    return out


def with_verdicts(rows: pd.DataFrame, claims: pd.DataFrame | None) -> pd.DataFrame:
    """Add as `claimed` the verdict of the claim, or the further question, that asks a contrast; else ""."""
    if claims is None or not {*KEYS, "verdict", "p_adj"} <= set(claims):
        return rows
    own = claims[claims["p_adj"].notna() & claims["verdict"].ne("not asked")]
    known = dict(zip(_keys(own), own["verdict"].astype(str), strict=True))
    return rows.assign(claimed=[known.get(key, "") for key in _keys(rows)])


def on_kept(row: Mapping[str, Any]) -> bool:
    """Whether the size to show is that on the genes that stroma could not move, and there is one."""
    value = row.get("filtered_estimate")
    return on_kept_genes(row) and value is not None and value == value


def drawn_on_kept(row: Mapping[str, Any]) -> bool:
    """Whether a figure draws the size on the genes that stroma could not move, beside that as scored.

    So it does of all strata of a signature of which one is to be cited on them, each on genes of its own:
    sizes that stand beside each other are then all without RNA of stroma.
    """
    return on_kept(row) or bool(row.get("beside_kept"))


def p_to_cite(row: Mapping[str, Any], alpha: float) -> float | None:
    """Give the adjusted p on the genes that stroma could not move where it is to be cited; else None.

    So it is where the size on them is, by the rule of `table.csv` of a run.

    >>> own = {"cite": "filtered_estimate", "filtered_estimate": 0.1, "filtered_p_adj": 0.016}
    >>> [p_to_cite({**own, "p_adj": 0.0081, "claimed": said}, 0.05) for said in ("supported", "cannot tell")]
    [0.016, None]
    >>> p_to_cite({**own, "p_adj": 0.0081, "stroma": "explained by carry-over"}, 0.05)
    """
    p = row.get("filtered_p_adj")
    if not on_kept(row) or p is None or p != p:
        return None
    verdict = str(row.get("verdict") or ("" if row["p_adj"] < alpha else OPEN[0]))
    checked = str(row.get("stroma") or STANDS)
    return float(p) if held(verdict, str(row.get("claimed") or ""), checked) else None


def completed(
    rows: pd.DataFrame, claims: pd.DataFrame | None, stroma: pd.DataFrame | None, alpha: float
) -> pd.DataFrame:
    """Rows of `ms.tl.compare` as figures draw them: with all that claims and the check of stroma say."""
    rows = as_answered(rows.reset_index(drop=True), claims, joint=True)
    stroma = None if said_impossible(claims) else stroma
    found = with_stroma(as_claimed(rows, claims, alpha), stroma, claims)
    return with_verdicts(_beside_kept(found, claims), claims)


def _beside_kept(rows: pd.DataFrame, claims: pd.DataFrame | None) -> pd.DataFrame:
    """Mark as `beside_kept` what is to be cited as scored, while another stratum of its signature is not.

    Where a further question alone cites fewer genes, claims keep their size, here and in other strata. Strata
    of stroma are by themselves: RNA of leukaemia cells moves other genes.
    """
    import pandas as pd

    if not {"cite", "filtered_estimate", *KEYS} <= set(rows):
        return rows
    asked = (
        [] if claims is None or "p_adj" not in claims else claims[claims["p_adj"].notna()].to_dict("records")
    )
    partners = {str(row["stratum"]) for row in asked if of_stroma(row)}
    kept = rows["cite"].eq(AS_SCORED) & rows["filtered_estimate"].notna()
    of = [rows["method"], rows["signature"], rows["stratum"].astype(str).isin(partners)]
    own = pd.Series([on_kept(row) for row in rows.to_dict("records")], index=rows.index, dtype=bool)
    here = own.groupby([*of, rows["stratum"].astype(str)]).transform("any")
    further = rows.get("as_question", pd.Series(data=False, index=rows.index)).astype(bool)
    elsewhere = (own & ~further).groupby(of).transform("any")
    return rows.assign(beside_kept=kept & ~here & elsewhere)


def _keys(table: pd.DataFrame) -> list[tuple[str, ...]]:
    texts = (table[k].astype(object).where(table[k].notna(), "").astype(str) for k in KEYS)
    return list(zip(*texts, strict=True))
