"""What was asked, of which data, with what warnings, genes, sources and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._between_compartments import as_lines
from marrowsig._interactions import unasked
from marrowsig._provenance import recall
from marrowsig._report import facts, tables
from marrowsig._report.elements import Facts, Fold, Section, Sentences, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from marrowsig._report.elements import Given, Part
    from marrowsig.sig import Signature


COUNTED = (
    "n are the rows of the model in each arm; in pairs only those that have a partner, so that strata may "
    "hold fewer than were sampled. Of what cannot be estimated, the rows that were seen."
)


def asked(given: Given) -> Section:
    """Columns, levels and contrasts of the design."""
    listed: list[Part] = [Words(COUNTED, soft=True), tables.contrasts(given.contrasts)]
    table = Fold("Contrasts that follow from the design, and their models", listed)
    units = [str(unit) for unit in given.main.get("unit", [])]
    parts: list[Part] = [Facts(facts.asked(given.design, given.adata, units=units)), table]
    say: Callable[[str], str] = given.extras.get("say", str)
    obs = given.adata.obs
    hints = (as_lines(given.design, obs, given.extras.get("claims")), unasked(given.design, obs))
    parts += [Words(say(hint), soft=True) for hint in hints if hint]
    return Section("asked", "What was asked", parts)


def data(given: Given) -> Section:
    """File, size, kind of values, gene names."""
    parts: list[Part] = [Facts(facts.data(given.adata, given.design))]
    changes = recall(given.adata, "genes", {}).get("changes")
    problems = tables.problems(changes) if isinstance(changes, pd.DataFrame) else None
    if problems is not None:
        parts.append(Fold(problems.caption, [problems]))
    return Section("data", "The data", parts)


def warned(given: Given) -> Section | None:
    """Warnings that came up on the way."""
    return Section("warnings", "Warnings", [Sentences(given.notes)]) if given.notes else None


def genes(given: Given) -> Section:
    """Genes found per signature."""
    table = tables.coverage(given.coverage)
    return Section("genes", "Genes found", [Fold(table.caption, [table])])


def sources(given: Given) -> Section:
    """Signatures with their sources and licences, and the versions that computed."""
    frame = scored(given)
    sigs = known(frame["id"].astype(str))
    table = tables.signatures(frame, sigs, _link)
    parts: list[Part] = [Fold(table.caption, [table]), Facts(facts.versions())]
    thanks = _thanks(sigs)
    if thanks:
        parts.insert(1, Fold("Attributions that licences ask for", [Sentences(thanks)]))
    return Section("sources", "Signatures, sources and versions", parts)


def scored(given: Given) -> pd.DataFrame:
    """Id, hash, axis and size of every signature scored."""
    entries: dict[str, Any] = recall(given.adata, "scores", {})
    return pd.concat([entry["signatures"] for entry in entries.values()]).drop_duplicates("id")


def _thanks(known: dict[str, Signature]) -> list[str]:
    """Attributions that the licences of the signatures ask for, each once."""
    texts = (str(s.source["attribution"]) for s in known.values() if s.source.get("attribution"))
    return list(dict.fromkeys(texts))


def known(ids: Iterable[str]) -> dict[str, Signature]:
    """Those of the signatures that the package carries, by id."""
    from marrowsig.sig._load import of_ids

    return of_ids(ids)


def _link(cite: str, doi: str) -> Any:
    from markupsafe import Markup

    if not doi:
        return cite
    return Markup('{0} <a href="https://doi.org/{1}">doi:{1}</a>').format(cite, doi)
