"""The main job: a matrix in, scores, contrasts, figures and a report out."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marrowsig._calls import Calls
from marrowsig._claimed_lists import with_claimed
from marrowsig._collected import collected
from marrowsig._errors import OursError
from marrowsig._failed import failed_libraries
from marrowsig._figure_formats import endings
from marrowsig._foretold import foretell
from marrowsig._further import Asked, chosen, claims_of, further
from marrowsig._joined_levels import require_apart
from marrowsig._mapped import mapped, mapped_stroma
from marrowsig._nested_pairs import nested
from marrowsig._not_counts import not_counts
from marrowsig._not_of_formula import arms_left
from marrowsig._other_columns import Without, without_columns
from marrowsig._other_genes import Beside, among_others
from marrowsig._out_folder import tables_of, write
from marrowsig._repeated import without_repeats
from marrowsig._repeats import is_formula
from marrowsig._run_calls import drawn as drawn_by
from marrowsig._run_calls import grown_alone, only_expressed, opening, scored, thinned
from marrowsig._same_numbers import require_additive, require_same_numbers
from marrowsig._stroma_cells import require_sums
from marrowsig._stroma_same import require_other
from marrowsig._stroma_unanswered import in_one_sentence
from marrowsig._summed import summed, summed_before
from marrowsig._technical import technical_replicates
from marrowsig._unused_batch import doubtful
from marrowsig._usable import require_genes, require_level, require_markers, require_shared
from marrowsig._writable import folder_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from os import PathLike
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.look import Look
    from marrowsig._report.picture import Figure
    from marrowsig.design import Design
    from marrowsig.sig import SignatureSet


@dataclass
class Run:
    """What one run made: samples with scores, tables and paths by name, warnings, and what was not done."""

    adata: AnnData
    res: pd.DataFrame
    contrasts: pd.DataFrame
    notes: list[str]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    design: Design | FormulaDesign | None = None
    beside: Beside | None = None
    without: list[Without] = field(default_factory=list)

    def coverage(self) -> pd.DataFrame:
        """Genes found per signature."""
        from marrowsig import get

        return get.coverage(self.adata)


def run(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    out: str | PathLike[str],
    signatures: SignatureSet | str | Sequence[str] | None = None,
    methods: Sequence[str] = ("singscore",),
    params: Mapping[str, Mapping[str, Any]] | None = None,
    min_coverage: float = 0.5,
    primary: Sequence[str] | None = None,
    primary_contrasts: Sequence[str] | None = None,
    adjust: str = "holm",
    margin: float | None = None,
    stroma: AnnData | str | None = None,
    markers: Sequence[str] | None = None,
    carry_over: bool = True,
    min_cells: int = 20,
    expressed: bool | Mapping[str, float] = False,
    claims_on: Mapping[str, Sequence[str]] | None = None,
    skip: Collection[str] = (),
    prerank: bool = False,
    seed: int = 0,
    title: str | None = None,
    notes: Sequence[str] = (),
    draw: bool = True,
    figures: Sequence[str] = ("png",),
    width: float | None = None,
    look: Look | None = None,
    progress: bool = False,
    began: Callable[[str], None] | None = None,
    warned: Callable[[Sequence[str]], None] | None = None,
    made: Mapping[str, str] | None = None,
    command: str = "",
    say: Callable[[str], str] = str,
    log: Callable[[Run], str] | None = None,
) -> Run:
    """Map genes, sum cells, take logs, score, compare, and write it all into the folder `out`.

    `adata` is left as it is. Everything is computed before the first file is written, and all files are
    written or none; what an earlier run wrote there and this one does not renew is removed
    (`marrowsig._manifest`). `primary` are the signatures of the primary family, by default those that the
    report calls main, none if empty; `params` are options of methods, as in `ms.tl.score`;
    `primary_contrasts` and `adjust` are those of `ms.tl.compare`, `margin` that of `ms.tl.compare` and
    `ms.tl.rescue` for the first method, `stroma` (a level, or samples of stroma grown alone) and
    `carry_over` those of `ms.tl.claims`, `markers` that of `ms.qc.stroma`, `min_cells` that of
    `ms.pp.pseudobulk`; `expressed` leaves genes out as `ms.pp.expressed` does, by bounds that it may hold;
    `claims_on` are the `signatures` of `ms.tl.claims`. `skip` names parts of `marrowsig._further.PARTS`.
    `notes` are earlier warnings for the report. Without `draw` there are no figures and no report;
    `figures` are the formats of their files, of `marrowsig._figure_formats.FORMATS`, and `width` that of
    the figure for a paper in millimetres; `look` holds words, colours and order of levels in figures. With
    the same `seed` the results are the same. `began` is told the name of each step at its start, and
    `warned` what is wrong with samples and design before anything is scored; `notes` of the result hold
    that, too. `made` holds the Python that makes `adata`, `signatures` and `stroma`, and `command` the
    command line, for the page; `say` puts messages into the words of whoever reads them, such as options of
    a command, and `log` writes what is kept of the run as `log.txt`.
    """
    from marrowsig._report.look import too_long
    from marrowsig.tl._even_depth import even

    folder, parts, calls = folder_for(out), chosen(skip), Calls(made)
    kinds = endings(figures)
    with collected(notes) as caught, _bar(STEPS + len(parts), began, progress=progress) as step:
        step("prepare")
        require_apart(design, adata.obs)
        if isinstance(stroma, str):
            require_level(stroma, adata, design)
        if stroma is not None:
            require_sums(stroma, adata, design)
        current, given = mapped(adata), stroma
        if apart := stroma is not None and not isinstance(stroma, str):
            stroma = mapped_stroma(stroma, adata.obs_names)
            require_shared(stroma, current)  # before its numbers are judged: it may be a sheet
        require_additive(given, adata)
        if apart:
            require_same_numbers(stroma, current)
        require_markers(markers, current, stroma)
        require_other(stroma, current, design)
        opening(calls, current, design)
        rows = summed(current, design, calls, min_cells)
        whole = only_expressed(calls, rows.adata, design, asked=expressed)
        doubts = [*rows.said, *not_counts(rows.adata)]
        if rows.cells is None:
            doubts += [*failed_libraries(rows.adata), *technical_replicates(rows.adata, design)]
        if rows.cells is not None or summed_before(rows.adata):
            even(rows.adata, design, depth="auto", seed=seed, drop=True)
            thinned(calls, rows.adata, seed)
        long = too_long(rows.adata.obs, design, look) if draw else ""
        if long:
            warnings.filterwarnings("ignore", "constrained_layout not applied")
        known = [
            *_left_out(rows.adata, design),
            *doubtful(design, rows.adata.obs),
            *filter(None, [nested(design, rows.adata.obs), long]),
        ]
        if warned is not None:
            try:
                foretell(rows.adata, design, stroma)
            except OursError as error:
                error.warned = [*doubts, *known]
                raise
            warned(list(dict.fromkeys(map(say, [*notes, *doubts, *without_repeats(caught()), *known]))))
        work = calls.name(_logged(rows.adata, calls), "adata")
        step("score")
        sigs = score_all(work, signatures, methods, min_coverage, params)
        scored(calls, sigs, methods, min_coverage, params)
        step("compare")
        res = compare_all(
            work,
            design,
            methods,
            primary,
            primary_contrasts,
            adjust,
            margin=margin,
            claims_on=claims_on,
            calls=calls,
        )
        arms_left(res, design, stroma if carry_over else None)
        if stroma is not None and not isinstance(stroma, str):
            grown_alone(calls, stroma)
        from marrowsig._report.answer import named

        asked = Asked(
            adata=work,
            cells=rows.cells,
            design=design,
            res=res,
            sigs=sigs,
            named=named(res[res["method"] == methods[0]]),
            method=methods[0],
            margin=margin,
            min_coverage=min_coverage,
            prerank=prerank,
            seed=seed,
            stroma=stroma,
            markers=markers,
            carry_over=carry_over,
            claims_on=claims_on,
            options=params,
            whole=whole,
            calls=calls,
        )
        found = further(asked, parts, step).said(say)
        beside = among_others(asked, found.results, again=claims_of)
        refused: dict[str, str] = {}
        without = without_columns(
            asked, found.results, claims_of, lambda w: step(f"results again: {w}"), missing=refused
        )
        found.missing |= {name: say(why) for name, why in refused.items()}
        with_claimed(asked, found.results.get("claims"))
        contrasts = design.contrasts(work.obs)
        step("draw the report")
        told = [*notes, *doubts, *without_repeats(caught()), *known]
        told = in_one_sentence(told, design, work.obs, stroma, found.results.get("questions"))
        said = list(dict.fromkeys(map(say, told)))
        text = ""
        drawn: list[Figure] = []
        if draw:
            drawn_by(calls, look, found.results)
            from marrowsig._report.page import render

            extras = {**found.results, "missing": found.missing, "command": command, "say": say}
            extras |= {"beside": beside, "without": without}
            extras |= {"python": calls.text(), "width": width, "look": look}
            text, drawn = render(
                work,
                res,
                design=design,
                title=title,
                notes=said,
                extras=extras,
                doing=lambda part: step(f"draw the report: {part}"),
            )
        step("write")
        tables = tables_of(work, res, found.results, design=design)
        done = Run(work, res, contrasts, said, tables, found.missing, {}, design, beside, without)
        how = {**(look.given() if look else {}), "width": width, "formats": list(figures)}
        write(folder, done, text, drawn, kinds, command=command, look=how, log=log)
    return done


def _left_out(adata: AnnData, design: Design | FormulaDesign) -> list[str]:
    """Say how many samples a formula leaves out; of a design, `compare` tells their levels."""
    if not is_formula(design):
        return []
    inside = int(design.arms(adata.obs).notna().sum())
    if inside == adata.n_obs:
        return []
    return [
        f"{inside} of {adata.n_obs} samples are in the design; the others have levels that it does not name."
    ]


STEPS = 5


def prepare(adata: AnnData) -> AnnData:
    """Return a copy with current gene names, on a log scale."""
    return _logged(mapped(adata), Calls())


def _logged(adata: AnnData, calls: Calls) -> AnnData:
    """Take logs where they are not taken; of a copy, if `adata` is still needed as counts."""
    from marrowsig.io._kind import kind_of

    if kind_of(adata) != "log":
        calls.name(adata, "adata")
        calls.call("", "pp.lognorm", adata)
    return adata


def score_all(
    adata: AnnData,
    signatures: Any,
    methods: Sequence[str],
    min_coverage: float,
    params: Mapping[str, Mapping[str, Any]] | None = None,
) -> SignatureSet:
    """Score `signatures`, or all that come with the package for None; return them."""
    from marrowsig import get, sig
    from marrowsig.tl import score

    wanted = sig.load() if signatures is None else sig.as_set(signatures)
    score(adata, wanted, method=list(methods), min_coverage=min_coverage, params=params or None)
    require_genes(adata, get.coverage(adata))
    return wanted


def compare_all(
    adata: AnnData,
    design: Design | FormulaDesign,
    methods: Sequence[str],
    primary: Sequence[str] | None = None,
    primary_contrasts: Sequence[str] | None = None,
    adjust: str = "holm",
    *,
    margin: float | None = None,
    claims_on: Mapping[str, Sequence[str]] | None = None,
    calls: Calls | None = None,
) -> pd.DataFrame:
    """Compare every method; the primary family is that of the main signatures unless it is named.

    Main are the signatures that the claims are on, where `claims_on` names ones that were scored. `margin` is
    in units of the first method.
    """
    from marrowsig._report.answer import primary as main

    ids = [str(name) for name in adata.obsm[f"score_{methods[0]}"].columns]
    family = main(ids, claims_on) if primary is None else list(primary)
    asked = list(primary_contrasts) if primary_contrasts and family else None
    how = {"primary": family or None, "primary_contrasts": asked, "adjust": adjust}
    allowed = None if margin is None else {methods[0]: margin}
    made = Calls() if calls is None else calls
    return made.call("res", "tl.compare", adata, design, method=list(methods), **how, margin=allowed)


@contextmanager
def _bar(
    total: int, began: Callable[[str], None] | None, *, progress: bool
) -> Iterator[Callable[[str], None]]:
    from marrowsig._progress import steps

    with steps(total=total, progress=progress, bar_format="{desc}: {n}/{total} |{bar}|") as bar:

        def step(name: str) -> None:
            if name and began is not None:
                began(name)
            if name:
                bar.set_description_str(name)
            if ": " not in name:  # parts of a step are none
                bar.update()

        yield step
