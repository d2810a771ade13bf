"""What `ms.get.run` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marrowsig._errors import count

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


@dataclass(frozen=True, eq=False)
class Checked:
    """What a run keeps of the result of `ms.qc.stroma`, as figures take it.

    `filtered` has by method the scores on the genes that stroma could not move, samples x signatures.
    """

    verdicts: pd.DataFrame
    shares: pd.DataFrame
    filtered: dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RunFolder:
    """What a run left in its folder, to draw from again; made by `ms.get.run`.

    Attributes
    ----------
    folder
        Where it was read from.
    adata
        Samples x genes, with the scores.
    design
        The design of the run.
    res
        The table of `ms.tl.compare`.
    claims
        Those of `ms.tl.claims` and `ms.tl.questions`, with their p and verdicts; None where none were asked.
    stroma
        What `ms.qc.stroma` found, where there was a reference, else None: its `verdicts`, `shares`, and as
        `filtered` by method the scores on the genes that stroma could not move.
    look
        What the run was given for its figure: labels, palette, order, width (mm; None for the usual) and
        formats.
    tables
        The tables that were read, by the names of their files.

    Examples
    --------
    >>> import marrowsig as ms
    >>> done = ms.get.run("results")  # doctest: +SKIP
    >>> ms.pl.overview(
    ...     done.adata, design=done.design, res=done.res, claims=done.claims, stroma=done.stroma
    ... )  # doctest: +SKIP
    """

    folder: Path
    adata: AnnData
    design: Design | FormulaDesign
    res: pd.DataFrame
    claims: pd.DataFrame | None
    stroma: Checked | None
    look: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def to_excel(self, path: str | PathLike[str] | None = None) -> Path:
        """Write the tables of the run as the sheets of one workbook, `tables.xlsx` in its folder or `path`.

        The first sheet says what each of the others holds; tests of every gene stay in their own file.
        Returns the path. `marrowsig excel FOLDER` does the same. Takes `pip install 'marrowsig[excel]'`.

        Raises
        ------
        InputError
            If a table was changed since the run, or openpyxl is absent.

        Examples
        --------
        >>> import marrowsig as ms
        >>> ms.get.run("results").to_excel("supplement.xlsx")  # doctest: +SKIP
        """
        from marrowsig._run_workbook import write_workbook

        return write_workbook(self.folder, path)[0]

    def __repr__(self) -> str:
        parts = [count(self.adata.n_obs, "sample"), count(self.res["signature"].nunique(), "signature")]
        asked = 0 if self.claims is None else len(self.claims)
        parts += [count(asked, "claim or question", "claims and questions")] if asked else []
        known = [name for name in ("claims", "stroma") if getattr(self, name) is not None]
        names = ", ".join(["adata", "design", "res", *known, "look", "tables"])
        return f"<RunFolder {str(self.folder)!r}: {', '.join(parts)}. Has {names}; draw with ms.pl.overview>"
