"""One estimate per signature and contrast from several studies."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from marrowsig._contrast_kinds import is_fall
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._readable import as_html
from marrowsig._stats.fdr import bh
from marrowsig._stats.holm import holm
from marrowsig._titles import KEY as TITLES
from marrowsig.tl._families import is_control
from marrowsig.tl._meta_inputs import KEY, ON, inputs, lists_of
from marrowsig.tl._meta_rows import ARMS, DIFFERS, pooled_row, without_each
from marrowsig.tl._pooled import SCALES, TAU2

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = (
    "signature", "axis", "method", "contrast", "stratum", "on", "n_studies", "n_samples",
    "estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj", "adjustment", "family", "family_size",
    "verdict", "heterogeneity", "tau2", "tau2_low", "tau2_high", "q", "q_p", "i2", "i2_low", "i2_high",
    "pi_low", "pi_high", "without_low", "without_high", "without_p", "reason", "notes",
)  # fmt: skip

MIXED = " on average, not in every study"


class Meta(NamedTuple):
    """Pooled estimates, the studies behind each, and the estimates without each study; see `ms.tl.meta`."""

    table: pd.DataFrame
    studies: pd.DataFrame
    without: pd.DataFrame

    def __repr__(self) -> str:
        told = ", ".join(f"{n} {word}" for word, n in self.table["verdict"].value_counts().items())
        n = self.studies["study"].nunique()
        return f"<Meta: {len(self.table)} rows from {n} studies; {told}. Tables: table, studies, without>"

    def _repr_html_(self) -> str:
        return as_html([repr(self)], self.table)


def meta(
    table: pd.DataFrame,
    *,
    on: Literal["score", "effect"] = "score",
    tau2: Literal["pm", "dl"] = "pm",
    scale: Literal["floored", "plain"] = "floored",
    primary: str | Iterable[str] | None = None,
    min_studies: int = 3,
    alpha: float = 0.05,
) -> Meta:
    """Pool the estimates of several studies by inverse-variance random effects.

    Each study is tested by itself with `ms.tl.compare`; what is pooled are its estimates. Rows belong
    together if signature, method, contrast and stratum carry the same names, so rename contrasts that ask
    the same question. Fewer than `min_studies` studies are listed, not pooled.

    Parameters
    ----------
    table
        Tables of `ms.tl.compare`, one below the other, with the column `study`. Taken into account where
        there: `sha256` (of the signature), `coverage` (share of its genes measured) and `n_samples`.
    on
        `"score"` pools differences in units of the score: their meaning does not depend on how noisy a study
        was. Those of singscore and ucell lie on a fixed scale, yet arrays compress what RNA-seq shows, and
        that adds to the heterogeneity; those of gsva, plage and zscore are relative to the samples of their
        study, so pool their effects. `"effect"` pools Hedges' g (or `g_z`, never both): free of units, but
        per SD of each study, so that replicates of one cell line give values many times those of donors.
    tau2
        Variance between studies: `"pm"` (Paule and Mandel) or `"dl"` (DerSimonian and Laird).
    scale
        Hartung and Knapp's factor of the standard error: `"floored"` at 1, so that studies which agree by
        chance do not give an interval narrower than their own errors allow (`rma(estimate, se^2,
        method="PM", test="adhoc")` of metafor in R), or `"plain"` (its `test="knha"`).
    primary
        Signatures or axes named before the data were seen: Holm over all their rows of a method. The others
        are adjusted by Benjamini-Hochberg within method, contrast and stratum, controls by themselves.
    min_studies
        Fewest studies that are pooled; 3 or more.
    alpha
        One minus the level of the intervals, and the bound of `p_adj` for a verdict.

    Returns
    -------
    Meta
        `table`: one row per signature, method, contrast and stratum. `estimate`, `ci_low`, `ci_high` and `se`
        in the unit that `on` names; t on `df` = studies - 1. `verdict` as in `ms.tl.compare`; "up on average,
        not in every study" where studies differ (`q_p` below 0.1) and a further one could go either way
        (`pi_low` to `pi_high` holds 0). `tau2` and `i2`
        (0 to 1) with Q-profile intervals; `q` and `q_p` of Cochran's test; `pi_low`, `pi_high` the interval
        in which the effect of a further study is expected. `without_low`, `without_high` the range of
        estimates, and `without_p` the largest p, when each study is left out. `heterogeneity` says it in
        words, `reason` why a row is not pooled, `notes` what to know before reading it. `n_samples` counts
        the smallest arm on each side where the table has no such column.

        `studies`: one row per study in it, with its `n_pairs`, `test`, `estimate`, own interval, `weight`
        (shares that sum to one; NaN if not pooled) and `reason` if it was left out. `without`: the pooled
        estimate without each. `ms.methods_text` of all three writes the methods paragraph.

    Raises
    ------
    InputError
        If the table is none of `ms.tl.compare` with studies, a study has two rows of one kind, two studies
        have the same numbers in every digit, or an option is unknown.

    Warns
    -----
    InputWarning
        If studies that are pooled compare arms of other names, such as TGF-beta and IL-22, or differ by more
        than 0.2 in the share of a signature's genes that they measured.

    Notes
    -----
    Level and coverage by simulation: docs/batch.md. With three studies the interval is wide, as it has to be:
    t on 2 df. Do not pool a list over the studies that it was made from, which it fits by choice; where these
    are known, `ms.sig.load(id)` says so.

    Examples
    --------
    >>> import pandas as pd
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, "il6.hallmark", min_coverage=0.0)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> parts = {"a": adata, "b": adata[adata.obs["pair"] != "r4"], "c": adata[adata.obs["pair"] != "r1"]}
    >>> rows = [ms.tl.compare(part, design).assign(study=name) for name, part in parts.items()]
    >>> pooled = ms.tl.meta(pd.concat(rows))
    >>> row = pooled.table.query("contrast == 'co_in_parental'").iloc[0]
    >>> int(row["n_studies"]), int(row["df"]), row["verdict"]
    (3, 2, 'up')

    References
    ----------
    Paule and Mandel, Journal of Research of the National Bureau of Standards 1982, doi:10.6028/jres.087.022.
    DerSimonian and Laird, Controlled Clinical Trials 1986, doi:10.1016/0197-2456(86)90046-2.
    Hartung and Knapp, Statistics in Medicine 2001, doi:10.1002/sim.791.
    Röver, Knapp and Friede, BMC Medical Research Methodology 2015, doi:10.1186/s12874-015-0091-1
    (the floor).
    Viechtbauer, Statistics in Medicine 2007, doi:10.1002/sim.2514 (Q profile).
    Higgins, Thompson and Spiegelhalter, Journal of the Royal Statistical Society A 2009,
    doi:10.1111/j.1467-985X.2008.00552.x (prediction interval).
    """
    _check(on, tau2, scale, min_studies, alpha)
    rows = inputs(table, on)
    made, used, without = [], [], []
    for key, group in rows.groupby(list(KEY), sort=False):
        row, own = pooled_row(group, tau2=tau2, scale=scale, min_studies=min_studies, alpha=alpha)
        head = dict(zip(KEY, key, strict=True)) | {"axis": _axis(str(key[0]))}
        left = without_each(own, tau2=tau2, scale=scale, alpha=alpha)
        if len(left):
            row |= {
                "without_low": left["estimate"].min(),
                "without_high": left["estimate"].max(),
                "without_p": left["p"].max(),
            }
            without.append(left.assign(**{name: head[name] for name in KEY}))
        made.append(head | row)
        used.append(own)
    out = _judged(pd.DataFrame(made).reindex(columns=list(COLUMNS)), primary, alpha)
    how = {"tau2": tau2, "scale": scale, "min_studies": min_studies, "sha256": lists_of(rows, table)}
    out.attrs |= {"alpha": float(alpha), TITLES: dict(table.attrs.get(TITLES, {})), "pooling": how}
    _warn(out)
    parts = pd.concat(used, ignore_index=True)
    left_out = pd.concat(without, ignore_index=True) if without else pd.DataFrame()
    return Meta(out, parts, left_out)


def _check(on: str, tau2: str, scale: str, min_studies: int, alpha: float) -> None:
    for name, value, known in (("on", on, ON), ("tau2", tau2, TAU2), ("scale", scale, SCALES)):
        if value not in known:
            msg = f"{name} is {value!r}; it has to be one of {first(map(repr, known))}."
            raise InputError(msg)
    if min_studies < 3:
        msg = (
            f"min_studies is {min_studies}; the variance between fewer than 3 studies cannot be told, and "
            "they are listed, not pooled."
        )
        raise InputError(msg)
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)


def _axis(signature: str) -> str:
    return signature.split(".", maxsplit=1)[0] if "." in signature else ""


def _judged(out: pd.DataFrame, primary: str | Iterable[str] | None, alpha: float) -> pd.DataFrame:
    named = [primary] if isinstance(primary, str) else list(primary or ())
    ids, axes = out["signature"], out["axis"]
    absent = [n for n in named if not (ids.eq(n) | axes.eq(n)).any()]
    if absent:
        msg = f"primary= names {first(absent)}, which is not in the table. It has: {first(ids.unique(), 10)}."
        raise InputError(msg)
    own = (ids.isin(named) | axes.isin(named)).to_numpy(dtype=bool)
    tail = out["stratum"].map(lambda s: f" [{s}]" if s else "")
    out["adjustment"] = np.where(own, "Holm", "BH")
    aside = np.where(is_control(ids), ", controls", "")
    out["family"] = out["method"] + np.where(own, ": primary", ": " + out["contrast"] + aside + tail)
    p = out["p"].to_numpy(dtype=float)
    p_adj = np.full(len(p), np.nan)
    for at in out.groupby("family", sort=False).indices.values():
        p_adj[at] = (holm if own[at[0]] else bh)(p[at])
    out["p_adj"] = p_adj
    out["family_size"] = out.groupby("family")["p"].transform("count").astype(int)
    fall = out["contrast"].map(is_fall).astype(bool)
    up = np.where(fall, "lowered by inhibitor", "up")
    down = np.where(fall, "raised by inhibitor", "down")
    told = np.where(out["estimate"] > 0, up, down)
    either = (out["q_p"] < DIFFERS) & (out["pi_low"] <= 0) & (out["pi_high"] >= 0)
    told = np.where(either, told + MIXED, told)
    words = np.where(out["p_adj"] < alpha, told, "not established")
    out["verdict"] = np.where(out["p_adj"].isna(), "not pooled", words).astype(object)
    return out


def unlike_arms(table: pd.DataFrame) -> str:
    """Say that studies of unlike arms are pooled, and which; empty where there are none."""
    if "notes" not in table or (unlike := table[table["notes"].str.contains(ARMS)]).empty:
        return ""
    arms = first(dict.fromkeys(note.partition(ARMS)[2] for note in unlike["notes"]), 3)
    return (
        f"Studies of unlike arms are pooled: {arms}. The pooled estimate is then a mean over these "
        "stimuli and the answer to none of them, and I2 counts how far they differ. Pool studies that "
        "ask the same question, each stimulus by itself; if names mean the same, write one word for them."
    )


def _warn(out: pd.DataFrame) -> None:
    if msg := unlike_arms(out):
        warnings.warn(msg, InputWarning, stacklevel=3)
    far = out[out["notes"].str.contains("genes measured")]
    if len(far):
        ids = first(far["signature"].unique())
        msg = f"Studies measured very different shares of the genes of {ids}. See the column notes."
        warnings.warn(msg, InputWarning, stacklevel=3)
