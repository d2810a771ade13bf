"""`ms.batch`: many studies in, one table and one page out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._batch import store
from marrowsig._batch.key import key_of
from marrowsig._batch.told import of_study
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._figure_formats import endings
from marrowsig._readable import as_html
from marrowsig._writable import folder_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from pathlib import Path

    from marrowsig._study import Study
    from marrowsig.sig import Signature, SignatureSet
    from marrowsig.tl.meta import Meta

SHARED = ("params", "margin", "seed", "width")
WIDTHS = (60, 1000)  # as on the command line
STUDY_COLUMNS = ("study", "status", "reason", "n_samples", "n_genes", "kind", "design", "results", "warnings")


@dataclass(repr=False)
class Batch:
    """What a batch made; see `ms.batch`. `failed` names the studies that were not done, and why."""

    studies: pd.DataFrame
    res: pd.DataFrame
    meta: Meta | None
    meta_effect: Meta | None
    paths: dict[str, Path]

    def __repr__(self) -> str:
        told = ", ".join(f"{n} {word}" for word, n in self.studies["status"].value_counts().items())
        return (
            f"<Batch: {len(self.studies)} studies ({told}); {len(self.res)} rows. Tables: studies, res, meta>"
        )

    def _repr_html_(self) -> str:
        return as_html([repr(self)], self.studies)

    @property
    def failed(self) -> dict[str, str]:
        """Study to reason."""
        lost = self.studies[self.studies["status"] == "failed"]
        return dict(zip(lost["study"], lost["reason"], strict=True))


def batch(
    studies: Iterable[Study],
    *,
    out: str | PathLike[str],
    signatures: SignatureSet | Signature | str | Sequence[str] | None = None,
    methods: Sequence[str] = ("singscore",),
    min_coverage: float = 0.5,
    primary: Sequence[str] | None = None,
    reports: bool = False,
    figures: Sequence[str] = ("png",),
    title: str | None = None,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    margin: float | None = None,
    seed: int = 0,
    width: float | None = None,
    progress: bool = False,
) -> Batch:
    """Score and compare every study by itself, pool the estimates, and write it all into one folder.

    A study that cannot be read or compared is listed with its reason, and the others go on. Each study's
    results appear whole or not at all, with a hash of its input, sheet, design, options, signatures and the
    version of marrowsig: the same call after an interruption does what is missing or has changed.

    Parameters
    ----------
    studies
        Each an `ms.Study`, with a name of its own.
    out
        Folder to write: `studies.csv`, `contrasts.csv` (one row per study, signature and contrast),
        `meta.csv`, `meta_effect.csv`, `meta_studies.csv`, `meta_without.csv`, `figures/`, `report.html`, and
        one folder a study in `studies/`.
    signatures, methods, min_coverage
        The same for all studies, so that scores are comparable; as in `ms.tl.score`.
    primary
        Signatures or axes that the pooled tests are about, named before the data were seen: Holm. The main
        signature of each axis if None, none if empty.
    reports
        Also write a report a study, and its figure for a paper.
    figures
        Formats of the figures: "png", "pdf", "svg".
    title
        Heading of the page.
    params, margin, seed, width
        The same for all studies, as on the command line: options of methods, as in `ms.tl.score`; how small a
        difference counts as none, in units of the first method's score; seed of what is drawn; width of the
        figure for a paper in a study's own report, in millimetres.
    progress
        Show a bar where the output is a terminal.

    Returns
    -------
    Batch
        `studies` (one row each: `status` is "done", "kept" from an earlier call, or "failed", with the
        `reason`), `res` (all contrasts), `meta` and `meta_effect` (`ms.tl.meta` on scores and on effects;
        None if no study was done), `failed` and `paths`.

    Raises
    ------
    InputError
        If there are no studies, two have the same name, `out` is a file, or `figures` names another format.

    Examples
    --------
    >>> import tempfile
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> toy = ms.Study(name="toy", input=ms.ds.toy(), design=design)
    >>> gone = ms.Study(name="gone", input="gone.csv", design=design)
    >>> with tempfile.TemporaryDirectory() as out:
    ...     done = ms.batch([toy, gone], out=out, signatures="il6.hallmark", min_coverage=0.0)
    >>> done.studies[["study", "status"]].to_dict("list")
    {'study': ['toy', 'gone'], 'status': ['done', 'failed']}
    """
    from marrowsig import sig

    asked, folder = _distinct(studies), folder_for(out)
    folder.mkdir(parents=True, exist_ok=True)
    sigs = sig.load() if signatures is None else sig.as_set(signatures)
    kinds = endings(figures)
    settings = {
        "signatures": {s.id: s.sha256 for s in sigs},
        "methods": list(methods),
        "min_coverage": min_coverage,
        "reports": reports,
        **({"figures": list(figures)} if reports else {}),
        **_shared(params, margin, seed, width if reports else None),
    }
    noted, tables = [], []
    for study in _bar(asked, progress=progress):
        note = _study(study, folder, settings, sigs)
        noted.append(note)
        if note["status"] != "failed":
            tables.append(store.rows_of(store.place(folder, study.name)))
    frame = pd.DataFrame(noted)
    frame = frame.astype({"n_samples": "Int64", "n_genes": "Int64"})
    res = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return _pooled(folder, frame, res, primary, title, kinds)


def _shared(
    params: Mapping[str, Mapping[str, Any]] | None, margin: float | None, seed: int, width: float | None
) -> dict[str, Any]:
    """Options that all studies share, where they are not as usual: a study done without them stays done."""
    if width is not None and not WIDTHS[0] <= width <= WIDTHS[1]:
        msg = f"width={width:g} has to be from {WIDTHS[0]} to {WIDTHS[1]} millimetres."
        raise InputError(msg)
    if margin is not None and not margin > 0:
        msg = f"margin={margin:g} has to be above 0, in units of the first method's score."
        raise InputError(msg)
    shared = {"params": {k: dict(v) for k, v in (params or {}).items()}, "margin": margin, "width": width}
    return {name: value for name, value in shared.items() if value} | ({"seed": seed} if seed else {})


def _study(study: Study, folder: Path, settings: dict[str, Any], sigs: SignatureSet) -> dict[str, Any]:
    """Do one study, or take it as it was done before."""
    from marrowsig._batch.one import do

    place = store.place(folder, study.name)
    try:
        key = key_of(study, settings)
        note = store.finished(place, key)
        if note is not None:
            return _row(study, "kept", note)
        with store.replaced(place) as part:
            note = do(
                study,
                part,
                signatures=sigs,
                methods=settings["methods"],
                min_coverage=settings["min_coverage"],
                reports=settings["reports"],
                figures=settings.get("figures", ("png",)),
                how={name: settings[name] for name in SHARED if name in settings},
            )
            note |= {"key": key, "reports": settings["reports"]}
            store.write_note(part, note)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one study, the others go on
        return _row(study, "failed", {}, reason=_reason(error))
    return _row(study, "done", note)


def _row(study: Study, status: str, note: dict[str, Any], reason: str = "") -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(STUDY_COLUMNS, "")
    row |= {"study": study.name, "status": status, "reason": reason, "design": repr(study.design)}
    row |= {name: note.get(name) for name in ("n_samples", "n_genes")}
    row |= {"kind": note.get("kind", ""), "warnings": "\n".join(note.get("notes", []))}
    if note:
        file = "report.html" if note.get("reports") else store.ROWS
        row["results"] = f"studies/{store.slug(study.name)}/{file}"
    return row | {"simulated": bool(note.get("simulated"))}


def _reason(error: Exception) -> str:
    """Say on one line what went wrong; an error that is not ours with its kind."""
    ours = type(error).__module__.startswith("marrowsig")
    text = of_study(" ".join(str(error).split())) or "no message"
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"There is no file {str(error.filename)!r}."
    return text if ours else f"{type(error).__name__}: {text}"


def _pooled(
    folder: Path,
    frame: pd.DataFrame,
    res: pd.DataFrame,
    primary: Sequence[str] | None,
    title: str | None,
    kinds: Sequence[str],
) -> Batch:
    from marrowsig._batch.write import write
    from marrowsig._report.answer import primary as main
    from marrowsig.tl import meta

    found = effect = None
    if len(res):
        ids = [str(name) for name in res["signature"].unique()]
        family = main(ids) if primary is None else list(primary)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # it stands in the notes and on the page
            found = meta(res, primary=family or None)
            effect = meta(res, on="effect", primary=family or None)
    done = Batch(frame, res, found, effect, {})
    done.paths = write(folder, done, title, kinds)
    return done


def _distinct(studies: Iterable[Study]) -> list[Study]:
    asked = list(studies)
    if not asked:
        msg = "There are no studies. Give at least one ms.Study(name=..., input=..., design=...)."
        raise InputError(msg)
    names = pd.Series([store.slug(s.name).casefold() for s in asked])
    twice = names.duplicated(keep=False)
    if twice.any():
        same = first(s.name for s, t in zip(asked, twice, strict=True) if t)
        msg = f"Studies need names of their own: {same}."
        raise InputError(msg)
    return asked


def _bar(studies: list[Study], *, progress: bool) -> Iterable[Study]:
    from marrowsig._progress import redrawn, say, steps

    with steps(studies, progress=progress, unit="study") as bar:
        for study in bar:
            bar.set_description_str(study.name)
            if progress and not redrawn():
                say(f"{study.name} ...")
            yield study
