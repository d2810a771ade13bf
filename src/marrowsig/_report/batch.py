"""The page of a batch: what the studies say together, the studies, and every row behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig import methods
from marrowsig._report import facts, frames, words
from marrowsig._report.answer import PRIMARY
from marrowsig._report.elements import Caution, Fold, Paste, Pictures, Section, Sentences, Words, pictures
from marrowsig._report.figures import named_apart
from marrowsig._report.methods_meta import of_meta
from marrowsig._report.page import html_of
from marrowsig._report.picture import picture
from marrowsig._rounded import plain
from marrowsig.sig._load import of_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._batch.job import Batch
    from marrowsig._report.elements import Part
    from marrowsig._report.picture import Figure
    from marrowsig.tl.meta import Meta

HOW = (
    "Each study was tested by itself; its estimates are pooled by random effects (variance between studies "
    "by Paule and Mandel, Hartung and Knapp's interval on t with studies - 1 degrees of freedom, its factor "
    "not below 1: rma(estimate, se^2, method = 'PM', test = 'adhoc') of metafor in R). Fewer than three "
    "studies are listed, not pooled. The prediction interval is where the effect of a further study is "
    "expected. Not established is no evidence of no change."
)
RELATIVE = (
    "Scores of {} are relative to the other samples of their own study: a unit is not the same in each. Read "
    "their sizes within studies, and what is pooled of them as effects, below (studies of 3 df or more)."
)
METHODS = (
    "Written from the records of the batch; check it against what you did. It names each study as the batch "
    "does: add where its data come from, and how they were prepared (its own report has that paragraph)."
)
EFFECTS = (
    "Effects per SD of each study (Hedges' g, or g_z of pairs). Replicates of one cell line vary less than "
    "donors, so the same change gives them a larger effect; read these beside the scores, not instead."
)


def page(done: Batch, *, title: str) -> tuple[str, list[Figure]]:
    """Text of the page, and the figures in it."""
    sections = [_together(done), _studies(done), _further(done), _numbers(done), _warned(done)]
    sections.append(_methods(done))
    sections.append(Section("versions", "Versions", [facts_of()]))
    shown = [s for s in sections if s is not None]
    simulated = [str(r["study"]) for r in done.studies.to_dict("records") if r["simulated"]]
    banner = f"No cells and no patients stand behind {words.listing(simulated)}." if simulated else ""
    text = html_of(shown, title=title, simulated=banner)
    return text, named_apart([f for s in shown for f in pictures(s.parts)])


def _methods(done: Batch) -> Section | None:
    """Write the paragraph for a paper, with its references."""
    if done.meta is None:
        return None
    said = of_meta(done.meta, effects=done.meta_effect)
    parts: list[Part] = [
        Words(METHODS, soft=True),
        Paste("methods-short", "methods with references", [said.text, *said.references]),
        Fold(
            "Everything that is cited here as BibTeX",
            [Paste("methods-bibtex", "BibTeX", [said.bibtex.strip()], code=True)],
        ),
    ]
    return Section("methods", "Methods, ready to paste", parts)


def facts_of() -> Part:
    """Versions as a part of the page."""
    from marrowsig._report.elements import Facts

    return Facts(facts.versions())


def _together(done: Batch) -> Section:
    parts: list[Part] = []
    if done.failed:
        n = words.count(len(done.failed), "study", "studies")
        parts.append(
            Caution(
                f"{n} of {len(done.studies)} could not be done and is not in what follows: see The studies."
            )
        )
    if done.meta is None:
        parts.append(Caution("No study could be done."))
        return Section("together", "What the studies say together", parts)
    parts.append(Words(HOW, soft=True))
    pooled = done.meta.table[done.meta.table["estimate"].notna()]
    named = pooled[pooled["adjustment"] == "Holm"]
    of_study = set(methods.table().query("not per_obs")["method"])
    relative = [method for method in dict.fromkeys(pooled["method"]) if method in of_study]
    if relative:
        parts.append(Words(RELATIVE.format(words.listing(relative)), soft=True))
    parts += [Sentences(made)] if (made := _made_from(pooled)) else []
    if pooled.empty:
        parts.append(
            Caution(
                "No contrast was estimated in three studies; nothing is pooled. Contrasts of one name are "
                "pooled: rename those that ask the same."
            )
        )
    if len(named):
        parts += [_short("Main signatures, pooled", named), Sentences(_remarks(named))]
    rest = pooled.drop(named.index)
    if len(rest):
        parts.append(
            Fold(
                f"{words.count(len(rest), 'further pooled row')}",
                [_table("Further rows, pooled", rest), Sentences(_remarks(rest))],
            )
        )
    forests = _forests(done.meta)
    if forests:
        parts.append(Pictures(forests))
    return Section("together", "What the studies say together", parts)


def _made_from(pooled: pd.DataFrame) -> list[str]:
    """Say of shipped lists what data they were made from, where it is known: no test on these."""
    found: dict[str, list[str]] = {}
    for id, sig in of_ids(map(str, pooled["signature"])).items():
        if data := str(sig.context.get("made from", "")):
            found.setdefault(data, []).append(id)
    return [f"{words.listing(ids)}: made from {data}." for data, ids in found.items()]


def _short(caption: str, rows: pd.DataFrame) -> Part:
    """Table that fits the page; I2 stands in the remarks, tau2 and Q in the figures, all in meta.csv."""
    one = rows["method"].eq(rows["method"].iloc[0]).all()
    columns = {
        "signature": "signature",
        "contrast": frames.where,
        **({} if one else {"method": "method"}),
        "estimate [95 % CI]": frames.span("estimate"),
        "adj. p (p)": lambda r: f"{words.p_value(r['p_adj'])} ({words.p_value(r['p'])})",
        "verdict": "verdict",
        "studies (samples)": lambda r: f"{r['n_studies']} ({r['n_samples']})",
        "prediction interval [95 %]": lambda r: words.interval(r["pi_low"], r["pi_high"]),
        "without one study [range]": lambda r: words.interval(r["without_low"], r["without_high"]),
    }
    return frames.table(f"{caption}, by {rows['method'].iloc[0]}" if one else caption, rows, columns)


def _table(caption: str, rows: pd.DataFrame) -> Part:
    return frames.table(
        caption,
        rows,
        {
            "signature": "signature",
            "contrast": frames.where,
            "method": "method",
            "estimate [95 % CI]": frames.span("estimate"),
            "p": "p",
            "adj. p": "p_adj",
            "verdict": "verdict",
            "studies": "n_studies",
            "samples": "n_samples",
            "I2 [95 % CI]": _i2,
            "Q p": "q_p",
            "prediction interval [95 %]": lambda r: words.interval(r["pi_low"], r["pi_high"]),
            "without one study [range]": lambda r: words.interval(r["without_low"], r["without_high"]),
            "tau2": lambda r: plain(r["tau2"]),
        },
    )


def _remarks(rows: pd.DataFrame) -> list[str]:
    """How far the studies differ, and what to know before reading a row; a sentence each."""
    said = []
    for r in rows.to_dict("records"):
        note = f"; {r['notes']}" if r["notes"] else ""
        said.append(f"{r['signature']} ({r['method']}), {frames.where(r)}: {r['heterogeneity']}{note}.")
    return said


def _i2(row: Mapping[str, Any]) -> str:
    return f"{row['i2']:.0%} [{row['i2_low']:.0%}, {row['i2_high']:.0%}]"


def _forests(meta: Meta) -> list[Figure]:
    """Draw the main signatures in every contrast that was pooled; the tables hold what was not."""
    from marrowsig import pl

    pooled = meta.table[meta.table["estimate"].notna()]
    shown = pooled[pooled["adjustment"] == "Holm"]
    if shown.empty:
        shown = pooled[pooled["axis"].isin(list(PRIMARY))].head(6)
    several = len(set(shown["method"])) > 1
    out = []
    for row in shown.to_dict("records"):
        ax = pl.meta(
            meta, row["signature"], contrast=row["contrast"], method=row["method"], stratum=row["stratum"]
        )
        by = f" by {row['method']}" if several else ""
        name = f"{row['signature']}{by}: {frames.where(row)}"
        n = words.count(int(row["n_studies"]), "study", "studies")
        span = words.estimate(row["estimate"], row["ci_low"], row["ci_high"])
        told = f"pooled {span}, {row['verdict']}; {row['heterogeneity']}"
        out.append(
            picture(
                f"meta_{name}_{row['method']}", ax, f"Forest plot of {name}, {n}: {told}.", f"{name}, {n}"
            )
        )
    return out


def _studies(done: Batch) -> Section:
    rows = done.studies
    lost = [f"{name}: {why}" for name, why in done.failed.items()]
    table = frames.table(
        "Studies",
        rows,
        {
            "study": "study",
            "status": "status",
            "samples": lambda r: _n(r["n_samples"]),
            "genes": lambda r: _n(r["n_genes"]),
            "values": "kind",
            "design": "design",
            "reason": "reason",
            "results": lambda r: _link(str(r["results"])),
        },
    )
    parts: list[Part] = [Sentences(lost)] if lost else []
    return Section("studies", "The studies", [*parts, table])


def _n(value: Any) -> str:
    return "" if pd.isna(value) else f"{int(value):,}"


def _link(path: str) -> Any:
    from markupsafe import Markup

    what = "report" if path.endswith(".html") else "table"
    return Markup('<a href="{0}">{1}</a>').format(path, what) if path else ""


def _further(done: Batch) -> Section | None:
    if done.meta is None or done.meta_effect is None:
        return None
    parts: list[Part] = []
    effects = done.meta_effect.table
    pooled = effects[effects["estimate"].notna()]
    if len(pooled):
        parts += [
            Words(EFFECTS, soft=True),
            Fold(
                f"{words.count(len(pooled), 'row')} pooled as effects",
                [_table("Pooled effects", pooled), Sentences(_remarks(pooled))],
            ),
        ]
    listed = done.meta.table[done.meta.table["estimate"].isna()]
    if len(listed):
        columns = {
            "signature": "signature",
            "contrast": frames.where,
            "method": "method",
            "studies": "n_studies",
            "why not pooled": "reason",
        }
        parts.append(
            Fold(
                f"{words.count(len(listed), 'row')} not pooled, with the reason",
                [frames.table("Not pooled", listed, columns)],
            )
        )
    left = done.meta.without
    if len(left):
        columns = {
            "signature": "signature",
            "contrast": frames.where,
            "method": "method",
            "without": "without",
            "estimate [95 % CI]": frames.span("estimate"),
            "p": "p",
        }
        parts.append(
            Fold("Pooled without each study", [frames.table("Each study left out once", left, columns)])
        )
    return (
        Section("further", "Effects, rows that were not pooled, and each study left out", parts)
        if parts
        else None
    )


def _numbers(done: Batch) -> Section | None:
    if done.res.empty:
        return None
    columns = {
        "signature": "signature", "contrast": frames.where, "method": "method", "test": "test_arm",
        "base": "base_arm", "samples": "n_samples", "estimate [95 % CI]": frames.span("estimate"),
        "effect": "effect", "effect is": "effect_name", "p": "p", "adj. p": "p_adj", "verdict": "verdict",
        "genes measured": _covered,
    }  # fmt: skip
    folds: list[Part] = [
        Fold(
            f"{study}: {words.count(len(rows), 'row')}",
            [frames.table(f"Contrasts of {study}", rows, columns)],
        )
        for study, rows in done.res.groupby("study", sort=False)
    ]
    return Section("numbers", "One row per study and contrast", folds)


def _covered(row: Mapping[str, Any]) -> str:
    return f"{row['coverage']:.0%}" if row["coverage"] == row["coverage"] else ""


def _warned(done: Batch) -> Section | None:
    from marrowsig.tl.meta import unlike_arms

    unlike = "" if done.meta is None else unlike_arms(done.meta.table)
    folds: list[Part] = [Words(unlike)] if unlike else []
    folds += [
        Fold(
            f"{r['study']}: {words.count(r['warnings'].count(chr(10)) + 1, 'warning')}",
            [Sentences(r["warnings"].split("\n"))],
        )
        for r in done.studies.to_dict("records")
        if r["warnings"]
    ]
    return Section("warnings", "Warnings", folds) if folds else None
