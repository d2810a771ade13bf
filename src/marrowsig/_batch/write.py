"""The files of a batch beside those of its studies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from marrowsig._batch.job import Batch


def write(folder: Path, done: Batch, title: str | None, endings: Sequence[str]) -> dict[str, Path]:
    """Write tables, figures and the page, each whole or not at all."""
    from marrowsig._manifest import renew
    from marrowsig._report.batch import page
    from marrowsig.io._atomic import atomic

    tables = {"studies": done.studies, "contrasts": done.res}
    if done.meta is not None and done.meta_effect is not None:
        tables |= {
            "meta": done.meta.table,
            "meta_effect": done.meta_effect.table,
            "meta_studies": done.meta.studies,
            "meta_without": done.meta.without,
        }
    text, figures = page(done, title=title or "Studies together")
    (folder / "figures").mkdir(exist_ok=True)
    saves = {folder / f"{name}.csv": partial(frame.to_csv, index=False) for name, frame in tables.items()}
    paths = {path.stem: path for path in saves}
    for path, save in saves.items():
        with atomic(path) as part:
            save(part)
    drawn = {folder / name: data for f in figures for name, data in f.files(endings).items()}
    for path, data in drawn.items():
        with atomic(path) as part:
            part.write_bytes(data)
    with atomic(folder / "report.html") as part:
        part.write_text(text, encoding="utf-8")
    renew(folder, [*saves, *drawn, folder / "report.html"])
    return paths | {"report": folder / "report.html"}
