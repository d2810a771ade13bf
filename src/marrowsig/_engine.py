"""One pass over the rows: every method and every set, in threads or in dask tasks."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._kernels import threads
from marrowsig._kernels.compress import NotFiniteError, compress
from marrowsig._kernels.jackknife import error, groups, n_groups
from marrowsig._kernels.moments import genes as moments_of
from marrowsig._kernels.rank import Ranks, rank_rows
from marrowsig._kernels.ranked import Ranked, rank
from marrowsig._kernels.rows import read_only, slots
from marrowsig._source import STEP, is_lazy, rounds, step_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from marrowsig._kernels.moments import Genes
    from marrowsig._kernels.rows import Rows
    from marrowsig._kernels.sets import Sets
    from marrowsig._method import Method

    Scores = dict[str, NDArray[Any]]

FLAT = "flat"


@dataclass(frozen=True, eq=False)
class Job:
    """What to compute for each row; travels to other processes as it is.

    sets     `idx` are columns of the matrix
    options  of the kernels, by method; sets and columns among them are those of the matrix
    extras   compute the further results of the methods
    jackknife compute the standard error of every score, by leaving out genes
    """

    methods: tuple[Method, ...]
    sets: Sets
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    extras: bool = False
    jackknife: bool = False

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """Columns that any set uses."""
        own = [v.idx for o in self.options.values() for v in o.values() if hasattr(v, "idx")]
        return np.unique(np.concatenate([self.sets.idx, *own]))

    @cached_property
    def slot(self) -> NDArray[np.int32]:
        """Place of every column of the matrix among `columns`."""
        return slots(self.columns, self.sets.n_genes)

    @property
    def spread(self) -> bool:
        """Whether any method reads the standard deviations of genes."""
        return any(m.needs == "genes" and m.spread for m in self.methods)

    @property
    def reads_once(self) -> bool:
        """Whether rows are only ranked, which checks them by the way and saves reading them twice."""
        return all(m.needs == "rank" and not m.dense for m in self.methods)

    @cached_property
    def small(self) -> Sets:
        """The sets, with `idx` counting `columns`."""
        return self.sets.among(self.slot)

    @cached_property
    def group(self) -> NDArray[np.int64]:
        """Groups of genes that are left out together, for every member."""
        return groups(self.sets)

    def rows(self, block: Any, start: int, stop: int, *, first: int) -> Rows:
        """Rows of a block in memory; `first` is the row of the matrix that `start` is."""
        with _naming(first, stop - start):
            return compress(block, start, stop, self.columns, self.slot)

    def score_rows(self, block: Any, start: int, stop: int, *, first: int, genes: Genes | None) -> Scores:
        """Results by name for rows of a block in memory; see `rows` and `score`."""
        with _naming(first, stop - start):
            rows = compress(block, start, stop, self.columns, self.slot, check=not self.reads_once)
            return self.score(rows, genes)

    def kernel_options(self, method: Method) -> dict[str, Any]:
        """Options with sets in the columns that the kernel sees."""
        given = self.options.get(method.name, {})
        if method.dense:
            return given
        return {k: v.among(self.slot) if hasattr(v, "idx") else v for k, v in given.items()}

    def score(self, rows: Rows, genes: Genes | None = None) -> Scores:
        """Results by name, each (n_obs, n_sets), and `flat` (n_obs,)."""
        data: dict[tuple[str, bool], Any] = {("value", False): rows, ("genes", False): rows}
        wanted = {(m.needs, m.dense) for m in self.methods}
        if any(dense for _, dense in wanted):
            data["value", True] = data["genes", True] = read_only(rows.toarray())
        if ("rank", True) in wanted:
            data["rank", True] = rank_rows(data["value", True])
        if ("rank", False) in wanted:
            data["rank", False] = rank(rows)
        ranked = [data[key] for key in data if key[0] == "rank"]
        out: Scores = {FLAT: ranked[0].flat if ranked else np.zeros(rows.shape[0], dtype=bool)}
        for m in self.methods:
            out |= self.one(m, data[m.needs, m.dense], {"genes": genes} if m.needs == "genes" else {})
        return out

    def one(self, method: Method, data: Any, more: dict[str, Any] | None = None) -> Scores:
        """Results of one method by name."""
        # A kernel can change neither what the caller has nor what the next kernel gets.
        data = read_only(data) if isinstance(data, np.ndarray) else data
        options = self.kernel_options(method) | (more or {})
        sets = self.sets if method.dense else self.small
        out = {method.name: _call(method, method.kernel, data, sets, options)}
        if self.extras:
            for name, kernel in method.extras.items():
                known = {k: v for k, v in options.items() if k in (kernel.__kwdefaults__ or {})}
                out[f"{method.name}_{name}"] = _call(method, kernel, data, sets, known)
        if self.jackknife:
            times = n_groups(self.group, sets)
            given = {k: v.repeated(times) if hasattr(v, "idx") else v for k, v in options.items()}
            left = _call(method, method.kernel, data, sets.without_each(self.group), given)
            out[f"{method.name}_se"] = error(left, self.group, sets)
        return out


@contextmanager
def _naming(first: int, n: int) -> Iterator[None]:
    """Add to the error about NaN which rows of the matrix they are in."""
    try:
        yield
    except NotFiniteError as error:
        error.args = ("not finite", *error.args, f"rows {first} to {first + n - 1}")
        raise


def _call(
    method: Method, kernel: Callable[..., Any], data: Any, sets: Sets, options: dict[str, Any]
) -> NDArray[np.float64]:
    try:
        out = kernel(data, sets, **options)
    except ValueError as problem:
        msg = f"{method.name}: {problem}"
        raise ValueError(msg) from problem
    except Exception as problem:
        problem.add_note(f"raised by the kernel of the method {method.name!r}")
        raise
    n = (
        len(data.low)
        if isinstance(data, Ranks)
        else len(data.flat)
        if isinstance(data, Ranked)
        else data.shape[0]
    )
    seen = getattr(out, "shape", type(out).__name__)
    if not isinstance(out, np.ndarray) or out.shape != (n, len(sets)) or out.dtype.kind not in "fiub":
        msg = f"{method.name}: the kernel gave {seen} in place of an array of numbers {(n, len(sets))}"
        raise ValueError(msg)
    return out.astype(np.float64, copy=False)


def first_pass(x: Any, job: Job, bar: Callable[[int], None]) -> Genes:
    """Moments of every gene over all rows."""
    if is_lazy(x):
        from marrowsig._lazy import mapped

        return reduce(lambda a, b: a + b, (g for _, g in mapped(x, _lazy_moments, job, bar=bar)))
    total = None
    for start, stop, block, offset in rounds(x):
        parts: dict[int, Genes] = {}

        work = partial(_moments_into, parts, job, block, start, offset)
        threads.over(stop - start, 8 * step_of(x), work)
        here = reduce(lambda a, b: a + b, [parts[a] for a in sorted(parts)])
        total = here if total is None else total + here
        bar(stop - start)
    if total is None:
        msg = "there are no rows"
        raise ValueError(msg)
    return total


def passes(
    x: Any, job: Job, genes: Genes | None, bar: Callable[[int], None], first: int = 0
) -> Iterator[tuple[int, Scores]]:
    """First row and scores of the rows from there on, round by round, from row `first` on."""
    if is_lazy(x):
        from marrowsig._lazy import mapped

        for start, scores in mapped(x, _lazy_scores, job, genes, bar=bar, first=first):
            yield start, scores
        return
    serial = 1 if any(m.dense for m in job.methods) else None
    for start, stop, block, offset in rounds(x, first):
        out: Scores = {}
        work = partial(_scores_into, out, job, genes, block, start, offset, stop - start)
        # A few slices for every thread, so that none waits long for the last one.
        share = max(16, (stop - start) // (4 * threads.count()) // 16 * 16)
        step = 16 if serial else min(step_of(x, once=job.reads_once), share)
        with threads.limited(serial):
            threads.over(stop - start, step, work)
        yield start, out
        bar(stop - start)


def _moments_into(
    parts: dict[int, Genes], job: Job, block: Any, start: int, offset: int, a: int, b: int
) -> None:
    parts[a] = moments_of(job.rows(block, offset + a, offset + b, first=start + a), spread=job.spread)


def _scores_into(
    out: Scores, job: Job, genes: Genes | None, block: Any, start: int, offset: int, n: int, a: int, b: int
) -> None:
    scores = job.score_rows(block, offset + a, offset + b, first=start + a, genes=genes)
    for name, values in scores.items():
        if name not in out:
            out.setdefault(name, np.empty((n, *values.shape[1:]), values.dtype))
        out[name][a:b] = values


def _lazy_moments(block: Any, start: int, job: Job) -> Genes:
    with threads.limited(1):
        return moments_of(job.rows(_rows_first(block), 0, block.shape[0], first=start), spread=job.spread)


def _lazy_scores(block: Any, start: int, job: Job, genes: Genes | None) -> Scores:
    parts = []
    block = _rows_first(block)
    with threads.limited(1):
        for a in range(0, block.shape[0], STEP):
            b = min(a + STEP, block.shape[0])
            parts.append(job.score_rows(block, a, b, first=start + a, genes=genes))
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _rows_first(block: Any) -> Any:
    return block.tocsr() if issparse(block) else block
