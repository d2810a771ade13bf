"""Cells are not replicates: the rows of one donor may not be counted as if they were independent.

What is refused, from `obs` alone:

- rows of one `pair` or `unit` that share an arm; without these, rows of one donor that do;
- units that nest within the levels of a column named like donors, several to an arm: cells, samples of
  several days of one donor, clusters of its cells. Individuals by name (mice of one patient) and pairs of
  bulk samples are warned of instead;
- clusters and cell types as unit or pair (`_unit_columns`);
- `MANY` rows or more that can only be cells: without unit and pair, always; with a unit that is (nearly)
  new in every row, if it is called a cell or its levels are barcodes, if rows of one donor share an arm by
  tens, or, with a unit not named like persons or samples, if libraries hold rows by tens or `obs` has two
  columns as only cells have (leiden, cell_type). A cohort of hundreds of persons, one bulk sample each and
  no coarser column of donors, is none of these.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from marrowsig import _absent_in_mono
from marrowsig._arms import as_text
from marrowsig._errors import DesignError, count, first, warn_once
from marrowsig._repeats import TIME, is_formula, taken_up
from marrowsig._replicates_words import SOME_DONOR, answers, counted, pseudobulk, remedy, shared_message
from marrowsig._unit_columns import KIND, require_unit
from marrowsig._unlike import DONOR, telling_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

MANY = 100
"""Rows without unit= and pair= from which on they are taken for cells."""

_TENS = 10
"""Rows per level from which on a level is a donor or a library of cells, not of bulk samples."""

"""Fields of a design whose levels are summed apart."""
_CELL = re.compile(
    r"^(cell|barcode|cell[\s._-]?barcode|cb)s?[\s._-]?(id|name|no|nr|number|index)?$", re.IGNORECASE
)
_BARCODE = r"(?:^|[^A-Za-z])[ACGT]{10,}(?:[^A-Za-z]|$)"
_LIBRARY = re.compile(r"^(orig\.ident|sample|library|channel|batch)s?([\s._-]?(id|name))?$", re.IGNORECASE)
_OF_CELLS = (
    "n_genes", "n_genes_by_counts", "total_counts", "nCount_RNA", "nFeature_RNA", "leiden", "louvain",
    "seurat_clusters", "pct_counts_mt", "percent.mt", "cell_type",
)  # fmt: skip
_OF_BULK_TOO = ("n_genes", "n_genes_by_counts", "total_counts")


def require_replicates(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    """Raise if rows of one pair, unit or donor share an arm, or if the rows can only be cells."""
    declared = {f: getattr(design, f) for f in ("unit", "pair") if getattr(design, f) is not None}
    for field, column in declared.items():
        require_unit(column, obs.columns, field=field)
    of_cells = {"n_cells", "n_counts"} <= set(obs.columns)
    if design.unit is not None or (of_cells and design.pair is not None):
        refuse_nested_units(design, obs, arms, of_cells=of_cells)
    for field, column in declared.items():
        if _shared(arms.frame, arms.frame[field]):
            raise DesignError(shared_message(design, obs, arms, arms.frame[field], column, field))
    if design.unit is None:
        _look_for_donors(design, obs, arms)
    if declared:
        _look_for_cells_as_units(design, obs, arms, *next(iter(declared.items())))
    else:
        _look_for_cells(design, obs, arms)


def _look_for_donors(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    for column, donor in _unused(design, obs, arms, DONOR):
        shared = _shared(arms.frame, donor)
        if shared and design.pair is None:
            raise DesignError(shared_message(design, obs, arms, donor, column, "unit"))
        if shared:
            # Cultures of one donor may be what is meant: then the claim is about these donors.
            msg = f"Pairs of {design.pair!r} share levels of {column!r} within an arm: they count as "
            if _absent_in_mono.where(design, donor, arms.frame.get("culture")):
                msg += f"replicates, so {_absent_in_mono.check_of(column, donor)}"
            else:
                msg += (
                    f"replicates, so the result speaks of {_these(donor.nunique())} only. "
                    f"Sum or average over {column!r} and give pair={column!r} to speak of others."
                )
            warn_once(msg, of=tuple(donor), stacklevel=5)
        recurs = arms.frame[["stratum"]].assign(donor=donor).dropna().duplicated().any()
        if design.pair is None and recurs:
            warn_once(_unpaired(design, obs, arms, column, donor), of=tuple(donor), stacklevel=5)


def _unpaired(design: Design, obs: pd.DataFrame, arms: Arms, column: str, donor: pd.Series) -> str:
    said = f"Levels of {column!r} recur over the arms, and the comparison does not pair them."
    if not is_formula(design):
        if answers(replace(design, pair=column), obs):
            return f"{said} Give pair={column!r} to compare within them."
        return (
            f"{said} Too few of them stand in both arms to compare within them, so rows of one {column!r} "
            "count as independent."
        )
    formula = cast("FormulaDesign", design)
    data = obs.iloc[arms.frame["row"]].reset_index(drop=True)
    told, every = taken_up(formula, data, column, donor)
    if every:
        return f"{said} {told[0].upper()}{told[1:]}."
    return f"{said} Add '+ {column}' to the formula, with its reference in levels=, to compare within them."


def _next_step(design: Design, obs: pd.DataFrame, arms: Arms, donor: pd.Series, field: str) -> str:
    """Name a drug or compartment that tells rows of one donor and arm apart, else the sum over them."""
    column = str(donor.name)
    others, told, no_sum = telling_apart(design, obs, arms, donor, known_only=True)
    if any(map(TIME.search, others)):  # visits of one donor are added up
        others, told, no_sum = [], "", False
    if no_sum:
        return f"{told} Then give {field}={column!r}."
    steps = f"{remedy(design, column, field, others)} In ms.tl.compare_cells, give unit={column!r}."
    return f"{told} {steps}".strip()


def refuse_nested_units(design: Design, obs: pd.DataFrame, arms: Arms, *, of_cells: bool) -> None:
    """Raise if several units are of one donor and in one arm; warn where units are individuals by name.

    Pairs of bulk samples are warned of too: cultures of one donor may be what is meant. Sums of cells
    (`of_cells`) are refused, for a donor is as easily split by its clusters.
    """
    field = "pair" if design.unit is None else "unit"
    unit, level = str(getattr(design, field)), arms.frame[field]
    used = set(design.columns.values())
    for column, donor in _levels(obs, arms, DONOR):
        if column == unit or donor.groupby(level).nunique().max() != 1:
            continue
        units = arms.frame.assign(donor=donor).drop_duplicates(["stratum", "arm", field])
        if not _shared(units, units["donor"]):
            continue
        n, levels, said = units[field].nunique(), donor.nunique(), counted(units["donor"])
        seen = f"{n} levels of {unit!r} are of {count(levels, 'level')} of {column!r}, several in one arm"
        named = bool(DONOR.search(unit)) or levels == 1 or (design.pair is not None and not of_cells)
        split = _split_by(obs, arms, level, donor)
        if column in used and not split:
            continue
        if named and not split and len(units) < MANY:
            msg = (
                f"{seen} ({said}): they count as replicates, so the result speaks of {_these(levels)} only. "
                f"To speak of others, run {pseudobulk(design, column)} and give "
                f"{field}={column!r}."
            )
            warn_once(msg, of=tuple(donor), stacklevel=5)
            continue
        why = f" They split donors by {split!r}, which says what kind a cell is." if split else ""
        steps = _next_step(design, obs, arms, donor.rename(column), field)
        msg = (
            f"{seen}: {said}.{why} Cells, and samples of one donor, are not replicates. "
            f"{steps} If {column!r} does not name donors, rename it."
        )
        if len(units) < MANY and not split:
            msg += f" To speak of {_these(levels)} alone, from independent cultures, add batch={column!r}."
        raise DesignError(msg)


def _split_by(obs: pd.DataFrame, arms: Arms, unit: pd.Series, donor: pd.Series) -> str:
    """Name a column of clusters or cell types that has one level in each unit, and several in a donor."""
    for column, kind in _levels(obs, arms, KIND):
        if kind.groupby(unit).nunique().max() == 1 and kind.groupby(donor).nunique().max() > 1:
            return column
    return ""


def _look_for_cells_as_units(design: Design, obs: pd.DataFrame, arms: Arms, field: str, column: str) -> None:
    unit, frame = arms.frame[field], arms.frame
    if len(frame) < MANY or unit.nunique() < 0.9 * len(frame):
        return
    donors, libraries = (
        [name for name, level in _levels(obs, arms, named) if name != column and _by_tens(frame, level)]
        for named in (DONOR, _LIBRARY)
    )
    traces = [name for name in _OF_CELLS if name in obs.columns]
    libraries = [name for name in libraries if "batch" not in name.lower()]  # bulk samples come in these too
    barcodes = max(names.str.contains(_BARCODE).mean() for names in (unit, frame["name"])) > 0.5
    of_samples = bool(DONOR.search(column) or _LIBRARY.search(column))
    clustered = len([name for name in traces if name not in _OF_BULK_TOO]) > 1
    if not (_CELL.search(column) or barcodes or donors or ((libraries or clustered) and not of_samples)):
        return
    seen = first([*donors, *libraries, *traces])
    named = [*donors, *libraries, SOME_DONOR][0]
    msg = (
        f"{field}={column!r} has {unit.nunique()} levels in {len(frame)} rows, and these look like cells"
        f"{f' (columns {seen})' if seen else ''}; cells are not replicates. {remedy(design, named)}"
    )
    if not (donors or of_samples):
        msg += " Only where every row is a bulk sample of another person, rename the column to 'patient'."
    raise DesignError(msg)


def _by_tens(frame: pd.DataFrame, level: pd.Series) -> bool:
    """Whether levels hold ten rows or more of one arm on average."""
    keys = frame[["stratum", "arm"]].assign(level=level).dropna()
    return len(keys) > 0 and len(keys) >= _TENS * len(keys.drop_duplicates())


def _look_for_cells(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    traces = [column for column in _OF_CELLS if column in obs.columns]
    libraries = [
        column
        for column, level in _unused(design, obs, arms, _LIBRARY)
        if len(arms.frame) >= _TENS * max(level.nunique(), 1)
    ]
    if len(arms.frame) < MANY and not (libraries and traces):
        return
    seen = f" (columns {first([*libraries, *traces])})" if libraries or traces else ""
    donor = libraries[0] if libraries else SOME_DONOR
    msg = (
        f"{len(arms.frame)} rows and neither unit= nor pair=: these look like cells{seen}; "
        f"cells are not replicates. {remedy(design, donor)} Names of cells do not serve as unit=. Only "
        "where every row is a bulk sample of another person, give unit= the column of the persons."
    )
    raise DesignError(msg)


def _unused(
    design: Design, obs: pd.DataFrame, arms: Arms, named: re.Pattern[str]
) -> Iterator[tuple[str, pd.Series]]:
    """Give the columns that the design does not use and whose name fits, with their levels in the design."""
    used = set(design.columns.values())
    yield from ((column, level) for column, level in _levels(obs, arms, named) if column not in used)


def _levels(obs: pd.DataFrame, arms: Arms, named: re.Pattern[str]) -> Iterator[tuple[str, pd.Series]]:
    """Give the columns whose name fits, with their levels in the design; "-" is no donor."""
    for column in obs.columns:
        if named.search(str(column)):
            level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
            yield str(column), _absent_in_mono.entries(level) if named is DONOR else level


def _these(levels: int) -> str:
    return f"these {levels} levels" if levels > 1 else "this one level"


def _shared(frame: pd.DataFrame, unit: pd.Series) -> bool:
    """Whether some unit has several rows in one arm of one stratum."""
    keys = frame[["stratum", "arm"]].assign(unit=unit)
    return bool(keys.dropna().duplicated().any())
