"""Scores of all rows in memory: the passes, the cohort methods, and what is done once all rows are there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from marrowsig._compiling import tell_compiling
from marrowsig._engine import FLAT, Job, first_pass, passes
from marrowsig._errors import InputError
from marrowsig._kernels.jackknife import n_groups
from marrowsig._source import n_rounds
from marrowsig._view import not_finite, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from marrowsig._kernels.moments import Genes
    from marrowsig._method import Method

    Scores = dict[str, NDArray[Any]]


def scores_of(x: Any, job: Job) -> Scores:
    """Results by name (n_obs, n_sets), `flat` (n_obs,) among them."""
    tell_compiling()
    out: Scores = {FLAT: np.zeros(x.shape[0], dtype=bool)}
    if not len(job.sets):
        return out | {name: np.empty((x.shape[0], 0)) for name in result_names(job)}
    by_row, cohort = split(job)
    if by_row.methods:
        for start, scores in rounds_of_scores(x, by_row):
            for name, values in scores.items():
                shape = (x.shape[0], *values.shape[1:])
                out.setdefault(name, np.zeros(shape, values.dtype))[start : start + len(values)] = values
    if cohort.methods:
        full = whole(_enough_rows(x, cohort.methods))
        for m in cohort.methods:
            out |= refusing(partial(cohort.one, m, full))
    return finished(out, job)


def split(job: Job) -> tuple[Job, Job]:
    """Part the methods that read row by row from those that need all rows in memory."""
    parts = [[m for m in job.methods if (m.needs == "cohort") is at_once] for at_once in (False, True)]
    by_row, cohort = (
        Job(tuple(methods), job.sets, job.options, extras=job.extras, jackknife=job.jackknife)
        for methods in parts
    )
    return by_row, cohort


def rounds_of_scores(x: Any, job: Job, *, first: int = 0, genes: Genes | None = None) -> Iterator[Any]:
    """First row and scores, round by round, with a progress bar for longer jobs."""
    from marrowsig._progress import tqdm

    tell_compiling()
    if genes is None and any(m.needs == "genes" for m in job.methods):
        genes = moments(x, job)
    off = n_rounds(x) < 2
    with tqdm(
        total=x.shape[0], initial=first, desc="score", unit="row", delay=2, leave=False, disable=off
    ) as bar:
        rounds = passes(x, job, genes, bar.update, first)
        while True:
            part = refusing(lambda: next(rounds, None))
            if part is None:
                return
            yield part


def moments(x: Any, job: Job) -> Genes:
    """First pass, for methods that need the moments of every gene."""
    from marrowsig._progress import tqdm

    tell_compiling()
    _enough_rows(x, tuple(m for m in job.methods if m.needs == "genes"))
    off = n_rounds(x) < 2
    with tqdm(total=x.shape[0], desc="genes", unit="row", delay=2, leave=False, disable=off) as bar:
        return refusing(lambda: first_pass(x, job, bar.update))


def refusing(work: Callable[[], Any]) -> Any:
    """Run `work`; what kernels refuse becomes an `InputError`."""
    try:
        return work()
    except (ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        if len(error.args) == 3 and error.args[0] == "not finite":
            raise InputError(not_finite(error.args[1], error.args[2])) from error
        raise InputError(str(error)) from error


def _enough_rows(x: Any, methods: tuple[Method, ...]) -> Any:
    if x.shape[0] < 2:
        msg = (
            f"{methods[0].name} compares samples with each other, but there is one. "
            "Use 'singscore' or 'mean'."
        )
        raise InputError(msg)
    return x


def result_names(job: Job) -> list[str]:
    """Names of all results, without `flat`."""
    names = []
    for m in job.methods:
        names.append(m.name)
        names += [f"{m.name}_{extra}" for extra in (m.extras if job.extras else ())]
        names += [f"{m.name}_low", f"{m.name}_high"] if job.jackknife else []
    return names


def finished(out: Scores, job: Job) -> Scores:
    """Apply what needs all rows, and turn standard errors into 95 % intervals."""
    for m in job.methods:
        if m.finish is not None:
            known = {k: v for k, v in job.options[m.name].items() if k in (m.finish.__kwdefaults__ or {})}
            out[m.name] = m.finish(out[m.name], **known)
    return out if not job.jackknife else with_intervals(out, job)


def with_intervals(out: Scores, job: Job) -> Scores:
    """`<method>_low` and `<method>_high` in place of `<method>_se`, within the limits of the method."""
    df = n_groups(job.group, job.sets) - 1.0
    reach = special.stdtrit(np.where(df > 1, df, np.nan), 0.975)
    for m in job.methods:
        half = reach * out.pop(f"{m.name}_se")
        # The limits are those of the default options.
        usual = all(repr(job.options.get(m.name, {}).get(k, v)) == repr(v) for k, v in m.params.items())
        low, high = m.limits if usual else (-np.inf, np.inf)
        out[f"{m.name}_low"] = np.maximum(out[m.name] - half, low)
        out[f"{m.name}_high"] = np.minimum(out[m.name] + half, high)
    return out
