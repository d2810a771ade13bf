"""What was grown with what: the arms of a study, and the questions they can answer."""

from __future__ import annotations

import html
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from marrowsig import _arms, _contrasts, _plan, _plan_table
from marrowsig._between_compartments import call
from marrowsig._errors import DesignError
from marrowsig._interactions import of_design, unasked
from marrowsig._other_words import OF_DESIGN, other_words
from marrowsig._readable import paragraph
from marrowsig._stimulus import no_coculture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan


@dataclass(frozen=True, kw_only=True, repr=False)
class Design:
    """Which columns of `obs` say what each sample is.

    At least `culture` or `line` is needed. Rows with other levels than the named ones lie outside the design
    and are left out, with a warning of `ms.tl.compare`. No level is ever the baseline by alphabet.

    Parameters
    ----------
    culture, mono, co
        Column of the culture, and its levels for cells alone and cells with stroma. Any two levels can be
        compared; the direction that signatures state for co-culture is expected of `co`, and `ms.tl.claims`
        asks about it, unless all its words name cytokines, drugs or doses ("IL22", "rhIL-6 10 ng/ml"), or
        both levels cell lines ("THP-1", "THP-1 VenR"), which are a `line`.
    line, parental, resistant
        Column of the cell line, and its levels.
    inhibitor, vehicle
        Column of the treatment, and its untreated level. Every other level is an inhibitor arm.
        An inhibitor is read against co-culture, so `culture` is needed with it.
    compartment, time
        Columns whose levels are analysed separately, never pooled: each time point answers for itself. Give
        a time that only shifts the scores as `batch`; ask whether an effect changes with time, or with the
        dose of a drug, by `from_formula`.
    pair
        Column that names the samples grown from one culture or donor; each pair becomes a block of the model.
    unit
        Column of the donor or independent culture. A unit that recurs in several arms becomes the block when
        `pair` is not given. Names of cells are refused, and samples of which one donor gave several to an
        arm (a column called donor, patient, subject, mouse, ... tells). A cohort with one bulk sample per
        person takes the column of the persons, however many they are.
    batch
        Column, or columns, that shift the scores without being a question; fixed effects of the model.
    covariates
        Numeric column, or columns, with one slope over all arms, centred within the rows of each model; for
        a dose, an RNA quality, a share of cycling cells. What lies on the path from the culture to the score
        takes part of the effect with it: report the model without it too; a run says which verdicts would
        change. One that changes within no pair (age) has no part in what is compared in pairs, and may be
        missing in a pair there. `se_inflation` of `ms.tl.compare` tells what they cost, beside a degree of
        freedom each: at three samples per arm, a covariate pays only if it explains about half of the
        variance within arms or more. Arms that differ in one are adjusted only as well as it was measured
        (simulated, docs/calibration.md).

    Raises
    ------
    DesignError
        If the fields contradict each other. `check` raises it for samples that do not fit.

    Notes
    -----
    What other tools call condition, group or groupby is `culture` (a second factor: `line`); its reference
    or control is `mono` (`parental`). A treatment or drug is the `inhibitor`. A donor, patient, subject or
    replicate is the `pair` where it gives samples to several arms, else the `unit`. A time point is a `time`,
    a cell type a `compartment`, a run or plate a `batch`.

    Examples
    --------
    >>> import pandas as pd
    >>> import marrowsig as ms
    >>> obs = pd.DataFrame({"culture": ["mono", "co"] * 3, "donor": ["a", "a", "b", "b", "c", "c"]})
    >>> design = ms.Design(culture="culture", pair="donor")
    >>> design.contrasts(obs)[["contrast", "test", "base", "estimable"]].to_dict("records")
    [{'contrast': 'co_vs_mono', 'test': 'co', 'base': 'mono', 'estimable': True}]
    """

    culture: str | None = None
    mono: str = "mono"
    co: str = "co"
    line: str | None = None
    parental: str = "parental"
    resistant: str = "resistant"
    inhibitor: str | None = None
    vehicle: str = "none"
    compartment: str | None = None
    time: str | None = None
    pair: str | None = None
    unit: str | None = None
    batch: str | list[str] | None = None
    covariates: str | list[str] | None = None

    def __post_init__(self) -> None:
        for level in ("mono", "co", "parental", "resistant", "vehicle"):
            object.__setattr__(self, level, str(getattr(self, level)))
        _check_fields(self)

    @classmethod
    def from_formula(
        cls,
        formula: str,
        *,
        levels: Mapping[str, Any],
        contrasts: Mapping[str, str | Mapping[Any, float]] | Sequence[str],
        unit: str | None = None,
        at: Mapping[str, float] | None = None,
    ) -> FormulaDesign:
        """Write the model as a formula, for questions that the fields of a design do not ask.

        Parameters
        ----------
        formula
            Right-hand side, such as `"~ line * culture + donor"`.
        levels
            Column to its levels, reference first, or to the reference alone; for every categorical column,
            since a reference taken by alphabet turns the signs of an interaction. Rows of levels that a list
            leaves out are left out. Numeric columns that are named here are categorical, others get a slope.
        contrasts
            Name to text, `"resistant:co - resistant:mono"` with blanks around the signs, also with brackets
            and factors, `"(a:co + b:co) / 2 - a:mono"`; or to weights: of cells,
            `{("resistant", "co"): 1, ("resistant", "mono"): -1}`, in any order of the factors
            (`"column=level"` where a level has two), factors that are not named being averaged with equal
            weight; or of coefficients by name, `"dose"` or `{"dose": 1}`. A list of texts names itself.
        unit
            Column of the donor or independent culture. One that recurs has to be a term of the formula.
        at
            Numeric column to the value at which cells are compared, such as `{"dose": 0}`; it matters where
            the column interacts with what is compared. Its mean over the rows of the design, if not given;
            `describe`, and `test` of a result, say which.

        Returns
        -------
        FormulaDesign
            Taken by `ms.tl.compare`; with `check`, `contrasts` and `describe` as a design has.

        Raises
        ------
        DesignError
            If the contrasts are empty or cannot be read. The rest is raised for the samples, as in `check`.

        Examples
        --------
        >>> import marrowsig as ms
        >>> obs = ms.ds.toy().obs
        >>> gain = "resistant:co - resistant:mono"
        >>> levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
        >>> design = ms.Design.from_formula("~ line * culture", levels=levels, contrasts={"gain": gain})
        >>> design.contrasts(obs)[["contrast", "test", "base", "n"]].iloc[0].tolist()
        ['gain', 'resistant:co', 'resistant:mono', 'resistant:co: 4, resistant:mono: 4']
        """
        from marrowsig._formula import FormulaDesign
        from marrowsig._formula_text import contrasts_of, levels_of, values_of

        wanted = contrasts_of(contrasts)
        known, taken = levels_of(levels), values_of(at)
        return FormulaDesign(formula=formula, levels=known, wanted=wanted, unit=unit, at=taken)

    @property
    def batches(self) -> tuple[str, ...]:
        """The batch columns; empty without a batch."""
        return _listed(self.batch)

    @property
    def columns(self) -> dict[str, str]:
        """Field to column of `obs`, for the fields in use; a second batch or covariate as `batch 2`, ..."""
        named = ("culture", "line", "inhibitor", "compartment", "time", "pair", "unit")
        used = {name: getattr(self, name) for name in named if getattr(self, name) is not None}
        for i, column in enumerate(self.batches, start=1):
            used["batch" if i == 1 else f"batch {i}"] = column
        for i, column in enumerate(_listed(self.covariates), start=1):
            used["covariate" if i == 1 else f"covariate {i}"] = column
        return used

    def check(self, obs: pd.DataFrame) -> None:
        """Raise if no question can be answered with these samples.

        Raises
        ------
        DesignError
            For a missing column or level, missing values, levels that differ in capitals or blanks only,
            cells in place of replicates, or when no contrast can be estimated. The message names columns and
            rows.
        """
        _plan.require_one(self.plans(obs))

    def arms(self, obs: pd.DataFrame) -> pd.Series:
        """Label each row with its arm, such as `"resistant:co"`; NaN for rows outside the design.

        Raises
        ------
        DesignError
            For a missing column or level, or missing values in a design column.
        """
        return _arms.read(self, obs).arm_series(obs.index)

    def contrasts(self, obs: pd.DataFrame) -> pd.DataFrame:
        """List the questions these samples could answer, one row per contrast and stratum.

        Returns
        -------
        DataFrame
            `contrast`, `question` in words, `test` and `base` arms, `estimable`, `reason` (empty when it is),
            `n` (rows per arm that the model uses: in pairs those with a partner; all that are there where it
            cannot be estimated), `weights` (arm to weight), `stratum`, `model` (words), `n_pairs`, `df` (of
            the residuals), `unit`, and all of it as a `sentence`.

        Raises
        ------
        DesignError
            As in `check`, except that contrasts which cannot be estimated are listed with their reason.
        """
        return _plan_table.as_frame(self.plans(obs))

    def plans(self, obs: pd.DataFrame) -> list[Plan]:
        """Rows, model matrix and contrast of every question and stratum; what `compare` fits."""
        return _plan.plans(self, obs)

    def describe(self, obs: pd.DataFrame) -> str:
        """Write the arms with their counts, a sentence per question, and what is not asked or expected."""
        table = _arms.read(self, obs)
        found = self.plans(obs)
        lines = [_plan_table.inside(len(table.frame), len(obs), found)]
        lines += [f"- {note}" for note in table.notes]
        lines += [f"- {sentence}" for sentence in _plan_table.as_frame(found)["sentence"]]
        more = [no_coculture(self), call(self, obs), unasked(self, obs)]
        return "\n".join([*lines, *filter(None, more)])

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set; `Design(**design.to_dict())` gives the design back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def __repr__(self) -> str:
        changed = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return f"Design({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    def _repr_html_(self) -> str:
        levels = _arms.levels(self)
        rows = "".join(
            f"<tr><th>{html.escape(field)}</th><td><code>{html.escape(column)}</code></td>"
            f"<td>{html.escape(_arms.words(levels.get(field, ())))}</td></tr>"
            for field, column in self.columns.items()
        )
        head = "<caption>marrowsig design</caption><tr><th>role</th><th>column</th><th>levels</th></tr>"
        questions = "".join(
            f"<tr><th>{html.escape(asked.name)}</th><td>{html.escape(asked.question)}</td></tr>"
            for asked in _contrasts.contrasts(self, ("INHIBITOR",) if self.inhibitor else ())
        )
        asked = f"<table><tr><th>contrast</th><th>question</th></tr>{questions}</table>"
        return (
            f"<table>{head}{rows}</table>{asked}{paragraph(no_coculture(self))}{paragraph(of_design(self))}"
        )


Design.__init__ = other_words(OF_DESIGN)(Design.__init__)  # type: ignore[method-assign]


def _listed(columns: str | list[str] | None) -> tuple[str, ...]:
    if columns is None:
        return ()
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _check_fields(design: Design) -> None:
    if design.culture is None and design.line is None:
        msg = (
            "A design needs culture= or line=: the column of obs that says what each sample is. "
            "Example: ms.Design(culture='culture')."
        )
        raise DesignError(msg)
    if design.inhibitor is not None and design.culture is None:
        msg = "inhibitor= is read against co-culture: name the culture column too, with culture=."
        raise DesignError(msg)
    for low, high in (("mono", "co"), ("parental", "resistant")):
        if getattr(design, low) == getattr(design, high):
            msg = (
                f"{low}= and {high}= are both {getattr(design, low)!r}; they have to be two different levels."
            )
            raise DesignError(msg)
    roles: dict[str, str] = {}
    for field, column in design.columns.items():
        if not isinstance(column, str):
            msg = f"{field}= has to be the name of a column, not {column!r}."
            raise DesignError(msg)
        if column in roles and {field, roles[column]} != {"pair", "unit"}:
            msg = f"Column {column!r} is named as both {roles[column]} and {field}; each column has one role."
            if {field, roles[column]} == {"culture", "inhibitor"}:
                msg += " If its levels hold both, as 'on MSC' and 'on MSC + drug', make two columns of it. "
                msg += "Without inhibitor= the rest can be asked: 'on MSC' against cells alone."
            raise DesignError(msg)
        roles[column] = field
