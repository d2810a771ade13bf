"""What a study of a batch asks of its run beyond its matrix and design: by the names of `marrowsig run`."""

from __future__ import annotations

from os import fspath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anndata import AnnData

    from marrowsig._study import Study

NUMBER, TEXTS = (int, float), (str, list)
KEYS: dict[str, tuple[Any, str]] = {
    "min_cells": (int, "a whole number, such as 10"),
    "expressed": (bool, "true or false"),
    "min_count": (NUMBER, "a number of reads, such as 1"),
    "min_total": (NUMBER, "a number of reads, such as 10"),
    "stroma": (str, 'a level or a file, such as "stroma.csv"'),
    "stroma_kind": (str, 'the kind of its numbers, such as "tpm"'),
    "stroma_source": (str, 'a text, such as "GSE224190, umbilical cord MSC"'),
    "markers": (TEXTS, 'genes or a file, such as ["COL1A1", "COL1A2"]'),
    "no_carry_over": (bool, "true or false"),
    "claims_on": (dict, 'a table, such as { emt = "emt.blast" }'),
    "labels": (dict, 'a table, such as { co = "with MSC" }'),
    "palette": (dict, 'a table, such as { co = "#882255" }'),
    "order": (list, 'a list of levels, such as ["mono", "co"]'),
}
"""Keys of a study, with the kind of each and how it is written."""
OF_CLAIMS = ("stroma", "stroma_kind", "stroma_source", "markers", "no_carry_over", "claims_on")


def problems(study: Mapping[str, Any], name: str) -> list[str]:
    """Say which of `KEYS` are of the wrong kind in a study of a batch file."""
    found = []
    for key, (kind, how) in KEYS.items():
        value = study.get(key)
        wrong = value is not None and not isinstance(value, kind)
        if wrong or (isinstance(value, bool) and kind is not bool):
            found.append(f"study {name}: {key} has to be {how}")
        elif key.startswith("min_") and value is not None and value < (1 if key == "min_cells" else 0):
            found.append(f"study {name}: {key} = {value} is too small; it has to be {how}")
    return found


def changed(study: Study) -> dict[str, Any]:
    """Return what is not as it is where nothing is said, so that it is part of what a result depends on."""
    plain = type(study)(name="", input="", design=study.design)
    given = {key: getattr(study, key) for key in KEYS}
    return {key: value for key, value in given.items() if value is not getattr(plain, key) and value != {}}


def options(
    study: Study, adata: AnnData, ids: Sequence[str], *, reports: bool
) -> tuple[AnnData, dict[str, Any], list[str]]:
    """Return the rows to compare, the options of `marrowsig._run.run`, and what is to be said.

    `ids` are the signatures that are scored.
    """
    from marrowsig import _named_inputs as inputs
    from marrowsig._bounds import bounds_of
    from marrowsig._cli.beside import beside
    from marrowsig._cli.looks import look_of
    from marrowsig._cli.on_axes import on_axes
    from marrowsig._not_of_formula import require_fields
    from marrowsig._repeats import is_formula

    idle = [name for name in OF_CLAIMS if name in changed(study)]
    if is_formula(study.design):
        require_fields([f"{name}=" for name in idle])
    said: list[str] = []
    stroma: Any = study.stroma
    if stroma is not None and not hasattr(stroma, "obs"):
        apart = beside(adata, study.design, fspath(stroma))
        if apart is None or study.stroma_kind is not None or study.stroma_source is not None:
            stroma = inputs.stroma(
                fspath(stroma), beside=adata, stroma_kind=study.stroma_kind,
                stroma_source=study.stroma_source,
            )  # fmt: skip
        else:
            adata, stroma, said = apart.adata, apart.stroma, apart.said
    if not (reports or said) and idle:
        said = [f"{', '.join(idle)}: claims are asked in a study's own report, which reports=True writes."]
    markers: Any = study.markers
    claims = [
        f"{axis}={own if isinstance(own, str) else ','.join(own)}" for axis, own in study.claims_on.items()
    ]
    how: dict[str, Any] = {
        "stroma": stroma,
        "markers": list(markers) if isinstance(markers, list | tuple) else inputs.markers(markers),
        "carry_over": not study.no_carry_over,
        "claims_on": on_axes(claims, ids),
        "min_cells": study.min_cells,
        "expressed": bounds_of(study.min_count, study.min_total, expressed=study.expressed),
        "look": look_of(
            adata.obs, study.design, ids,
            labels=[f"{level}={words}" for level, words in study.labels.items()],
            palette=[f"{level}={colour}" for level, colour in study.palette.items()],
            order=list(study.order),
        ),
    }  # fmt: skip
    return adata, how, said
