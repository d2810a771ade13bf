"""`marrowsig compare`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from marrowsig._cli.answered import told_answers
from marrowsig._cli.grouped import Grouped
from marrowsig._cli.lines import echo
from marrowsig._cli.options import FILE, OUT_FILE, design_options, family_options, margin_option, sheet_option
from marrowsig._cli.which_p import ALSO, OTHER_P, also_claims, claims_beside, head
from marrowsig._errors import InputError, count, first

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig._report.answer import Block

NEEDED = ("sample", "signature", "method", "score")


EXAMPLES = """\
marrowsig compare scores.csv samples.csv --culture culture --line line --pair pair \\
  --inhibitor inhibitor -o contrasts.csv"""


@click.command(cls=Grouped, epilog=EXAMPLES, short_help="Compare scores that `score` or `run` wrote.")
@click.argument("scores", type=FILE)
@click.argument("samples", type=FILE, required=False)
@click.option(
    "--out", "-o", type=OUT_FILE, required=True, help="Table to write, one row per contrast and signature."
)
@sheet_option
@design_options
@family_options
@margin_option
def compare(
    scores: Path,
    samples: Path | None,
    *,
    out: Path,
    sheet_key: str | None,
    leave_out: tuple[str, ...],
    keep: tuple[str, ...],
    primary: tuple[str, ...],
    primary_contrasts: tuple[str, ...],
    adjust: str,
    margin: float | None,
    **design: Any,
) -> None:
    """Compare SCORES that `marrowsig score` or `run` wrote, with the sample sheet SAMPLES."""
    from marrowsig._cli import read
    from marrowsig._cli.design import design_of, named_primary
    from marrowsig._keep_rows import kept_rows
    from marrowsig._left_out import kept
    from marrowsig._run import collected, compare_all
    from marrowsig.io._atomic import atomic

    with collected() as notes:
        adata, methods = scored(scores, samples, sheet_key)
        if leave_out:
            adata = adata[kept(list(adata.obs_names), leave_out, scores.name, obs=adata.obs)].copy()
        if keep:
            adata = adata[kept_rows(adata.obs, keep)[0]].copy()
        asked, said = design_of(adata.obs, design)
        family = named_primary(primary), list(primary_contrasts) or None
        res = compare_all(adata, asked, methods, *family, adjust, margin=margin)
    read.folder_of(out)
    with atomic(out) as part:
        res.to_csv(part, index=False)
    read.warn([*notes(), *said])
    main = res[res["method"] == methods[0]]
    blocks = _blocks(main, asked.contrasts(adata.obs), asked)
    blocks = also_claims(blocks, asked, adata.obs, claims_beside(scores, main))
    for line in told_answers(blocks, head=head(main), methods=methods):
        echo(line)
    if any(ALSO in claim.note for block in blocks for claim in block.claims):
        echo(OTHER_P)
    asked_of = count(res["contrast"].nunique(), "contrast")
    echo(f"{asked_of} x {count(res['signature'].nunique(), 'signature')}: {out}")


def _blocks(res: pd.DataFrame, contrasts: pd.DataFrame, design: object) -> list[Block]:
    import pandas as pd

    from marrowsig._report.answer import answers
    from marrowsig._report.which_list import own

    coverage = pd.DataFrame(columns=["signature", "found", "listed"])
    mine = own(list(dict.fromkeys(res["signature"].astype(str))))
    return answers(res, contrasts, coverage, also=mine, design=design)


def scored(path: Path, samples: Path | None, sheet_key: str | None = None) -> tuple[AnnData, list[str]]:
    """Table of scores as an AnnData without genes, as `tl.compare` reads it, and its methods."""
    import pandas as pd

    table = pd.read_csv(path, dtype={"sample": str}, sep=None, engine="python")
    absent = [c for c in NEEDED if c not in table]
    if absent:
        msg = f"{path.name} lacks the columns {first(absent)}. Pass a table that `marrowsig score` wrote."
        raise InputError(msg)
    twice = table.duplicated(["sample", "signature", "method"])
    if twice.any():
        msg = (
            f"{path.name} scores {int(twice.sum())} samples twice: {first(table['sample'][twice].unique())}."
        )
        raise InputError(msg)
    obs = _sheet(samples, table, sheet_key) if samples else _own(table)
    return _adata(table, obs), [str(m) for m in table["method"].unique()]


def _own(table: pd.DataFrame) -> pd.DataFrame:
    columns = [c for c in table.columns if c not in NEEDED[1:]]
    return table[columns].drop_duplicates("sample").set_index("sample")


def _sheet(samples: Path, table: pd.DataFrame, key: str | None) -> pd.DataFrame:
    """Rows of the sheet in the order of the scores, found by the column that names the samples."""
    import pandas as pd

    names = table["sample"].drop_duplicates()
    sheet = pd.read_csv(samples, dtype=str, sep=None, engine="python")
    if key is not None and key not in sheet.columns:
        msg = f"{samples.name} has no column {key!r}. Its columns: {first(sheet.columns)}."
        raise InputError(msg)
    found: dict[str, list[int]] = {}
    for column in sheet.columns if key is None else [key]:
        if set(names) <= set(sheet[column].dropna()) and sheet[column].is_unique:
            found[column] = pd.Index(sheet[column]).get_indexer(names).tolist()
    one = next(iter(found), "")
    for column, places in found.items():
        if places != found[one]:
            msg = (
                f"The columns {one!r} and {column!r} of {samples.name} both name the samples, differently. "
                "Say which one holds the names: "
                f"--sheet-key {shlex.quote(column if column in NEEDED else one)}."
            )
            raise InputError(msg)
    if found:
        return sheet.set_index(one).loc[names]
    lost = [n for n in names if not sheet.isin([n]).any(axis=None)]
    msg = (
        f"No column of {samples.name} names the {len(names)} samples of the scores, each once "
        f"(e.g. {first(lost or list(names))}). Its columns: {first(sheet.columns)}."
        f"{_looking_alike(sheet if key is None else sheet[[key]], list(names))}"
    )
    raise InputError(msg)


def _looking_alike(sheet: pd.DataFrame, names: list[str]) -> str:
    from marrowsig.io._names import alike, told_alike

    found = {str(c): alike(sheet[c].dropna().astype(str), names) for c in sheet}
    column = max(found, key=lambda c: len(found[c]))
    return told_alike({own: name for own, name in found[column].items() if own != name}, column)


def _adata(table: pd.DataFrame, obs: pd.DataFrame) -> AnnData:
    import numpy as np
    import pandas as pd
    from anndata import AnnData

    from marrowsig._provenance import record

    adata = AnnData(np.zeros((len(obs), 0)), obs=obs)
    slots = {}
    for method, part in table.groupby("method", sort=False):
        wide = part.pivot_table(index="sample", columns="signature", values="score", dropna=False, sort=False)
        ids = part["signature"].drop_duplicates().tolist()
        adata.obsm[f"score_{method}"] = wide.reindex(index=obs.index, columns=ids)
        frame = pd.DataFrame({"id": ids, "sha256": "", "axis": [i.split(".")[0] for i in ids], "n": 0})
        slots[str(method)] = {"params": "{}", "key": f"score_{method}", "signatures": frame}
    record(adata, "scores", slots)
    return adata
