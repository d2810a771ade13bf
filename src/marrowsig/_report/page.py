"""`ms.report`: put words, tables and figures on one page."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning, first
from marrowsig._provenance import recall
from marrowsig._report import answer, facts, tables, words
from marrowsig._report.figures import Figure, draw
from marrowsig._version import __version__
from marrowsig.tl._depth import warn_of_depth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.sig import Signature

ALPHA = 0.05
OURS = (CoverageWarning, GeneWarning, InputWarning)
NEEDED = ("signature", "method", "contrast", "stratum", "estimate", "ci_low", "ci_high", "p", "p_adj")


def report(
    path: str | PathLike[str],
    adata: AnnData,
    res: pd.DataFrame,
    *,
    design: Design,
    title: str | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write the answer, its numbers, figures and sources as one HTML page.

    The page holds everything it needs: it opens without a network, on paper and on a telephone.

    Parameters
    ----------
    path
        File to write; its folder must exist. It appears whole or not at all.
    adata
        After `ms.tl.score`: samples x genes, with the scores.
    res
        What `ms.tl.compare` returned for `adata` and `design`.
    design
        The design that was compared.
    title
        Heading of the page.
    notes
        Warnings to show, e.g. those that were caught on the way.

    Raises
    ------
    InputError
        If `adata` holds no scores, or `res` is empty or not a table of contrasts.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:120])))
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "report.html"
    ...     ms.report(page, adata, ms.tl.compare(adata, design), design=design)
    ...     page.read_text(encoding="utf-8").startswith("<!doctype html>")
    True
    """
    from marrowsig.io._atomic import atomic

    _check(res)
    with warnings.catch_warnings(record=True) as caught:
        # They came up in score and compare already: here they belong on the page.
        for category in OURS:
            warnings.simplefilter("always", category)
        warn_of_depth(adata, design.plans(adata.obs))
        said = [str(w.message) for w in caught if issubclass(w.category, OURS)]
        text = render(adata, res, design=design, title=title, notes=list(dict.fromkeys([*notes, *said])))[0]
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def render(
    adata: AnnData,
    res: pd.DataFrame,
    *,
    design: Design,
    title: str | None = None,
    notes: Sequence[str] = (),
) -> tuple[str, list[Figure]]:
    """Text of the page, and the figures in it."""
    from jinja2 import Environment, StrictUndefined

    from marrowsig import get

    coverage = get.coverage(adata)
    main = res[res["method"] == res["method"].iloc[0]]
    contrasts = design.contrasts(adata.obs)
    scored = _scored(adata)
    known = _known(scored["id"].astype(str))
    figures = draw(adata, main, design, coverage, alpha=ALPHA)
    here = files("marrowsig._report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(here.joinpath("page.html.j2").read_text(encoding="utf-8"))
    css = here.joinpath("style.css").read_text(encoding="utf-8")
    text = template.render(
        title=title or "Signatures compared",
        css=css,
        version=__version__,
        date=datetime.now(tz=UTC).strftime("%Y-%m-%d"),
        simulated=_simulated(adata),
        lead=_lead(adata, main, contrasts),
        reading=_reading(main),
        answers=answer.answers(main, contrasts, coverage, alpha=ALPHA),
        asked=facts.asked(design, adata),
        contrasts=tables.contrasts(contrasts),
        data=facts.data(adata),
        problems=_problems(adata),
        warnings=list(dict.fromkeys(notes)),
        figures=figures,
        numbers=tables.numbers(res, alpha=ALPHA),
        coverage=tables.coverage(coverage),
        signatures=tables.signatures(scored, known, _link),
        versions=[*_thanks(known), *facts.versions()],
    )
    return text, figures


def _check(res: pd.DataFrame) -> None:
    absent = [c for c in NEEDED if c not in res]
    if absent or res.empty:
        what = f"lacks the columns {first(absent)}" if absent else "has no rows"
        msg = f"The table of contrasts {what}. Pass what ms.tl.compare(adata, design) returned."
        raise InputError(msg)


def _lead(adata: AnnData, res: pd.DataFrame, contrasts: pd.DataFrame) -> str:
    n = words.count(res["signature"].nunique(), "signature")
    asked = words.count(len(contrasts), "contrast")
    refused = int((~contrasts["estimable"].astype(bool)).sum())
    rest = f"; {words.count(refused, 'contrast')} cannot be estimated" if refused else ""
    method = res["method"].iloc[0]
    samples = words.count(adata.n_obs, "sample")
    return (
        f"{n}, scored by {method} in {samples}, and {asked} that follow from the design{rest}. "
        "The main signatures stand here; all numbers are below."
    )


def _reading(res: pd.DataFrame) -> str:
    return (
        f"Estimates are differences of {res['method'].iloc[0]} scores with 95 % confidence intervals, "
        "each taken by itself. "
        f"P values are adjusted within the family of tests of one contrast. Up and down are said where the "
        f"adjusted p is below {ALPHA}; 'not established' means that these samples cannot tell, not that "
        "nothing happens."
    )


def _simulated(adata: AnnData) -> str:
    read: dict[str, Any] = recall(adata, "input", {})
    if not read.get("simulated"):
        return ""
    return "No cells and no patients stand behind these numbers."


def _problems(adata: AnnData) -> tables.Table | None:
    changes = recall(adata, "genes", {}).get("changes")
    return tables.problems(changes) if isinstance(changes, pd.DataFrame) else None


def _scored(adata: AnnData) -> pd.DataFrame:
    entries: dict[str, Any] = recall(adata, "scores", {})
    return pd.concat([entry["signatures"] for entry in entries.values()]).drop_duplicates("id")


def _thanks(known: dict[str, Signature]) -> facts.Facts:
    """Attributions that the licences of the signatures ask for, each once."""
    texts = dict.fromkeys(str(s.source["attribution"]) for s in known.values() if s.source.get("attribution"))
    return [("attribution", text) for text in texts]


def _known(ids: pd.Series) -> dict[str, Signature]:
    from marrowsig import sig

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a retired signature warned when it was scored
        shipped = set(sig.table()["id"])
        return {s.id: s for s in sig.load(*[i for i in ids if i in shipped])} if shipped & set(ids) else {}


def _link(cite: str, doi: str) -> Any:
    from markupsafe import Markup

    if not doi:
        return cite
    return Markup('{0} <a href="https://doi.org/{1}">doi:{1}</a>').format(cite, doi)
