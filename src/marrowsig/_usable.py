"""What a run is given, checked before anything is computed: stroma that is stroma, genes that are genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import DesignError, InputError, count, first, near
from marrowsig._unlike import looks_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

_GIVE = "Give a count table of the stroma grown alone, such as msc_counts.csv"


def require_level(stroma: str, adata: AnnData, design: Design | FormulaDesign) -> None:
    """Raise if no sample has the level `stroma`, or none of it was grown alone."""
    from marrowsig._arms import as_text
    from marrowsig.design import Design
    from marrowsig.qc._stroma_reference import require_alone, stroma_rows

    if not isinstance(design, Design):
        return
    _require_level_of(stroma, adata)
    column, seen, remedy = "none is named", "", _GIVE
    if design.compartment is not None:
        if design.compartment not in adata.obs:
            return
        levels = sorted(as_text(adata.obs[design.compartment]).dropna().unique())
        column, seen = f"{design.compartment!r}: {first(levels)}", near(stroma, levels)
        remedy = f"Give the level that names stroma. {_GIVE}, if it is not in the study"
    try:
        here = stroma_rows(adata, design, stroma)
    except DesignError:
        other = next((c for c in adata.obs if (as_text(adata.obs[c]) == stroma).any()), None)
        if other is not None:
            remedy = (
                f"It is a level of {other!r}: give stroma={f'{other}={stroma}'!r}. {_GIVE}, if there is one"
            )
        seen = seen or ("" if other is not None else _meant(stroma, adata, design))
        msg = (
            f"stroma={stroma!r} is neither a file nor a level of the compartment column ({column}).{seen} "
            f"{remedy}."
        )
        raise DesignError(msg) from None
    if design.compartment is not None and looks_like(stroma) == "leukaemia":
        kinds = as_text(adata.obs[design.compartment]).dropna().value_counts()
        others = [level for level in kinds.index if looks_like(level) == "stroma"]
        if others:
            msg = (
                f"stroma={stroma!r} looks like leukaemia ({kinds[stroma]} rows), and {others[0]!r} like "
                f"stroma ({kinds[others[0]]} rows): give stroma={others[0]!r}. If {stroma!r} is "
                "stroma all the same, call it so in the sheet."
            )
            raise DesignError(msg)
    if design.culture in adata.obs:
        require_alone(adata.obs[here], design, stroma)


def _require_level_of(stroma: str, adata: AnnData) -> None:
    """Raise if "COLUMN=LEVEL" names a column that is there, and no level of it."""
    from marrowsig._arms import as_text, in_order

    column, _, level = (part.strip() for part in stroma.partition("="))
    if not level or column not in adata.obs or (as_text(adata.obs[column]) == level).any():
        return
    seen = in_order(adata.obs[column])
    like = [name for name in seen if looks_like(name) == "stroma"] if looks_like(level) == "stroma" else []
    meant = near(level, seen) or (near(like[0], like) if len(like) == 1 else "")
    msg = (
        f"stroma={stroma!r}: {column!r} has no level {level!r}.{meant} Levels: {first(map(repr, seen), 20)}. "
        f"{_GIVE}, if it is not in the study."
    )
    raise DesignError(msg)


def _meant(stroma: str, adata: AnnData, design: Design) -> str:
    """Ask whether a level of a column of text was meant, which may hold more words, and name the column."""
    from pandas.api.types import is_numeric_dtype

    from marrowsig._arms import as_text

    columns = [c for c in adata.obs if not is_numeric_dtype(adata.obs[c])]
    for column in sorted(columns, key=lambda c: c not in (design.compartment, design.culture)):
        arms = (design.mono, design.co) if column == design.culture else ()
        levels = [level for level in as_text(adata.obs[column]).dropna().unique() if level not in arms]
        asked, plain = _plain(stroma), {_plain(level): level for level in levels}
        within = [level for text, level in plain.items() if len(asked) > 1 and asked in text]
        if found := near(stroma, levels) or (near(within[0], within) if len(within) == 1 else ""):
            return f"{found.removesuffix('?')} in {column!r}?"
    return ""


def _plain(level: str) -> str:
    return "".join(filter(str.isalnum, level)).lower()


def require_shared(stroma: AnnData, adata: AnnData) -> None:
    """Raise if stroma that was grown alone has hardly any gene of the study; both with current symbols."""
    from marrowsig.qc._stroma_reference import LEAST_SHARED

    shared = len(adata.var_names.intersection(stroma.var_names))
    if shared >= min(LEAST_SHARED, adata.n_vars / 2):
        return
    msg = (
        f"The matrix of stroma= shares {shared} of {count(adata.n_vars, 'gene')} with the data. "
        f"It has {count(stroma.n_vars, 'row')}: {first(_as_given(stroma))}. Is this a sample sheet? {_GIVE}."
    )
    raise InputError(msg)


def require_markers(markers: Sequence[str] | None, adata: AnnData, stroma: AnnData | str | None) -> None:
    """Raise if markers of stroma come without stroma, or none of them was measured."""
    if markers is None:
        return
    if stroma is None:
        msg = "markers= tells the share of stroma by its genes, so it needs stroma= too."
        raise InputError(msg)
    if not set(markers) & set(adata.var_names):
        msg = f"None of the genes of markers= was measured: {first(markers)}. Give current gene symbols."
        raise InputError(msg)


def require_genes(adata: AnnData, coverage: pd.DataFrame) -> None:
    """Raise if no gene of any signature was found."""
    if coverage["coverage"].gt(0).any():
        return
    n = coverage["signature"].nunique()
    msg = (
        f"No gene of the {count(n, 'signature')} is in the matrix. "
        f"It has {count(adata.n_vars, 'row')}: {first(_as_given(adata))}. Is this the sample sheet? "
        "Give a matrix whose rows are human genes (symbols, Ensembl or Entrez ids)."
    )
    raise InputError(msg)


def _as_given(adata: AnnData) -> list[str]:
    """Names of the rows as the file has them: 'RIN', of a sample sheet, is an old symbol of a gene."""
    return [str(name) for name in adata.var.get("original_id", adata.var_names)]
