"""How a method scored, after its name: options, departures from its paper, genes that it dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._originals import ORIGINALS
from marrowsig._report import facts, words

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_THEIRS = {"layer", "min_coverage", "uncertainty"}
"""Parameters of a record that are no option of the method."""
EXPECTED = "the mean over all orders of tied genes"
DEPARTS: dict[str, dict[tuple[str, object], str]] = {
    "aucell": {("ties", "average"): EXPECTED},
    "ssgsea": {("ties", "average"): EXPECTED, ("normalize", "genes"): "over the number of genes"},
    "module": {("controls", None): "all other genes of a bin as controls"},
    "gsva": {("parity", False): "tied genes as one block"},
}
"""Where a default, by its option and value, is not what the paper or its package does."""
ALWAYS = {
    "wmean_z": "permutations in closed form",
    "zscore": "constant genes left out",
    "plage": "constant genes left out, pointing where the mean of the genes rises",
    "mlm": "all signatures in one regression",
}
PROSE = {("direction", "known"): "directions as listed"}
"""Options that say little to a reader who has not seen the call."""
APART = ("aucell", "ssgsea", "gsva", *ORIGINALS)
"""Methods that were published for rising genes alone."""
COHORT = ("module", "zscore", "plage", "gsva", "scanpy:score_genes")


def details(name: str, entry: Mapping[str, Any], *, drawn: bool = False, prose: bool = False) -> str:
    """Say how `name` scored, from its record; empty where there is nothing to say.

    Scores that are `drawn` are means over thinned matrices, each with constant genes of its own.
    `prose` writes in words what is clear only to those who know the call.

    >>> details("ucell", {"params": '{"layer": null, "max_rank": 1500, "w_neg": 1.0}'})
    'max_rank = 1500, w_neg = 1'
    """
    given = options(entry)
    plain = {k: v for k, v in given.items() if v is not None}
    worded = [text for (k, v), text in PROSE.items() if prose and plain.get(k) == v and plain.pop(k)]
    said = [", ".join(f"{k} = {_plain(v)}" for k, v in plain.items()), *worded]
    found = DEPARTS.get(name, {})
    said += [text for (option, value), text in found.items() if given.get(option) == value]
    said += [ALWAYS[name]] if name in ALWAYS else []
    if name in APART and _falling(entry):
        said.append("rising less falling genes")
    if "varying" in entry:
        n = words.count(int(entry["varying"]), "gene")
        said.append("constant genes left out" if drawn else f"on the {n} that vary")
    if name in COHORT:
        n = f"{words.count(int(entry['n_obs']), 'row')} " if "n_obs" in entry else "rows "
        said.append(f"relative to all {n}of the matrix")
    if name in ORIGINALS:
        package = name.partition(":")[0]
        said.insert(0, f"version {facts.installed(package)}")
    return "; ".join(filter(None, said))


def options(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the method of a record."""
    return {k: v for k, v in facts.params(dict(entry)).items() if k not in NOT_THEIRS}


def _falling(entry: Mapping[str, Any]) -> bool:
    """Whether a signature that was scored has genes that fall."""
    record = entry.get("signatures")
    return record is not None and "n_down" in record and bool((record["n_down"] > 0).any())


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | dict):
        return f"{len(value)} given"
    return str(value)
