"""The methods of a meta-analysis in a paragraph, with the references that it cites."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig._report import facts, words
from marrowsig._report.cited import Cited, MethodsText
from marrowsig._report.methods_pooled import judged, pooled, unit
from marrowsig._report.methods_short import of_axes
from marrowsig._version import __version__
from marrowsig.sig._cite import OURS, bibtex, of_methods, used
from marrowsig.sig._load import everything
from marrowsig.sig._reference import reference

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.tl.meta import Meta


def of_meta(found: Meta, *, effects: Meta | None = None) -> MethodsText:
    """Write how studies were pooled; `effects` are the same studies pooled as effect sizes, if they were."""
    how = found.table.attrs.get("pooling")
    if how is None:
        msg = "The meta-analysis does not say how it was pooled. Pass what ms.tl.meta returned, as it is."
        raise InputError(msg)
    cited = Cited()
    said = [_studies(found), _scores(found.table, how["sha256"], cited)]
    rows = found.table[found.table["estimate"].notna()]
    if len(rows):
        said += [pooled(rows, found.studies, how, cited), *judged(found.table, cited)]
    else:
        said.append(
            f"Nothing was pooled: no estimate was there from {how['min_studies']} comparable studies."
        )
    if effects is not None and len(beside := effects.table[effects.table["estimate"].notna()]):
        said.append(
            f"{unit(beside, cited)} were pooled in the same way, from studies of 3 or more residual df."
        )
    said.append(
        f"Software: marrowsig {__version__} {cited(OURS)}, Python {dict(facts.versions())['python']}."
    )
    listed = tuple(f"[{n}] {reference(key)}" for key, n in cited.keys.items())
    same = _same(found.table, how["sha256"])
    papers = used(sorted(same))[0] if same else set()
    return MethodsText(" ".join(said), listed, bibtex(papers | set(cited.keys)), tuple(cited.keys))


def _studies(found: Meta) -> str:
    """Name the studies with their sizes, and the model most of their contrasts were tested in."""
    rows = found.studies[found.studies["estimate"].notna()]
    named = [f"{name} ({_size(own)})" for name, own in rows.groupby("study", sort=False)]
    models = Counter(rows["test"].astype(str)).most_common() if "test" in rows else []
    by = f" in a {models[0][0]}" if models else ""
    by += ", some contrasts in others, which the tables name" if len(models) > 1 else ""
    who = f"The {len(named)} studies {words.listing(named)} were" if len(named) > 1 else f"{named[0]} was"
    return f"{who} scored and compared one by one{by}."


def _size(rows: pd.DataFrame) -> str:
    """Say how many pairs stood behind the estimates of one study, and how many samples where not paired."""
    paired = rows["n_pairs"].fillna(0) > 0
    parts = [(rows.loc[paired, "n_pairs"], "pair"), (rows.loc[~paired, "n_samples"], "sample")]
    told = []
    for n, noun in parts:
        if len(n):
            low, high = int(n.min()), int(n.max())
            told.append(words.count(high, noun) if low == high else f"{low} to {words.count(high, noun)}")
    return ", or unpaired ".join(told)


def _scores(table: pd.DataFrame, lists: dict[str, list[str]], cited: Cited) -> str:
    holm = table[table["adjustment"].eq("Holm")]
    named = list(dict.fromkeys((holm if len(holm) else table)["signature"].astype(str)))
    papers, main = of_methods(), of_axes(named, cited, same=_same(table, lists), genes={})
    rest = table["signature"].nunique() - len(named)
    others = f", and {words.count(rest, 'further signature')} of the supplement," if rest else ""
    by = [f"{m} {cited(papers[m])}" if m in papers else m for m in dict.fromkeys(table["method"].astype(str))]
    return f"Signatures of {main}{others} were scored by {words.listing(by)} in each study."


def _same(table: pd.DataFrame, lists: dict[str, list[str]]) -> set[str]:
    """Signatures of the catalogue, with its genes as far as the hashes tell."""
    shipped, ids = everything(), set(table["signature"].astype(str))
    return {id for id in ids if id in shipped and set(lists.get(id, ())) <= {shipped[id].sha256}}
