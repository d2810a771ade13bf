"""The files of a batch beside those of its studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from marrowsig._batch.job import Batch


def write(folder: Path, done: Batch, title: str | None, endings: Sequence[str]) -> dict[str, Path]:
    """Write tables, figures and the page, all or none."""
    from marrowsig._manifest import note, superseded
    from marrowsig._report.batch import page
    from marrowsig.io._together import together

    tables = {"studies": done.studies, "contrasts": done.res}
    if done.meta is not None and done.meta_effect is not None:
        tables |= {
            "meta": done.meta.table,
            "meta_effect": done.meta_effect.table,
            "meta_studies": done.meta.studies,
            "meta_without": done.meta.without,
        }
    text, figures = page(done, title=title or "Studies together")
    drawn = {name: data for f in figures for name, data in f.files(endings).items()}
    drawn["report.html"] = text.encode("utf-8")
    with together(folder) as part:
        for name, frame in tables.items():
            frame.to_csv(part.new / f"{name}.csv", index=False)
        for name, data in drawn.items():
            (part.new / name).parent.mkdir(exist_ok=True)
            (part.new / name).write_bytes(data)
        superseded(part)
        note(part)
    return {name: folder / f"{name}.csv" for name in tables} | {"report": folder / "report.html"}
