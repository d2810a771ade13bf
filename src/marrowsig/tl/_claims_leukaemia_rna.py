"""The check of stroma for leukaemia RNA, in the words of the whole design: shares, genes left out, levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._arm_names import join, told
from marrowsig._arms import as_text
from marrowsig.qc._leukaemia_in_stroma import KEY
from marrowsig.tl._claims_given import Given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.tl._claims_data import Data

FIELDS = ("line", "culture", "inhibitor")


def with_leukaemia_rna(
    questions: pd.DataFrame, checks: Sequence[tuple[str, Stroma]], data: Data, design: Design
) -> pd.DataFrame:
    """Keep with the table what `checks` of stroma found; each is named by the line that it asks, if one."""
    if not checks:
        return questions
    tables = {
        "shares": _shares(checks, data, design),
        "dropped": _once([check.dropped for _, check in checks], ["gene", "stratum"], data, design),
        "levels": _once([check.levels for _, check in checks], ["gene", "stratum", "line"], data, design),
    }
    questions.attrs[KEY] = Given(tables)
    return questions


def _shares(checks: Sequence[tuple[str, Stroma]], data: Data, design: Design) -> pd.DataFrame:
    """One row per sample: of the check that asks of its own line, where each line has one."""
    obs = data.partner.obs  # type: ignore[union-attr]
    levels = {
        field: as_text(obs[column]).fillna("")
        for field in FIELDS
        if (column := getattr(design, field)) is not None
    }
    known = (design.parental, design.resistant)
    line = levels.get("line", pd.Series("", obs.index)).map(lambda level: level if level in known else "")
    drug = levels.get("inhibitor", pd.Series("", obs.index)).replace(design.vehicle, "")
    drug.index = line.index = obs.index.astype(str)
    parts = [check.shares.assign(own=check.shares["sample"].map(line).eq(of)) for of, check in checks]
    table = pd.concat(parts, ignore_index=True).sort_values("own", ascending=False, kind="stable")
    table = table.drop_duplicates("sample").set_index("sample")
    table = table.reindex([name for name in map(str, obs.index) if name in table.index])
    culture = levels["culture"].set_axis(obs.index.astype(str))
    arms = [
        join(told(design, "line", line[name]), told(design, "culture", culture[name]), drug[name])
        for name in table.index
    ]
    return _placed(table.reset_index().assign(arm=arms).drop(columns="own"), data, design)


def _once(tables: Sequence[pd.DataFrame], keys: list[str], data: Data, design: Design) -> pd.DataFrame:
    """Put the tables of all checks together, what they share once."""
    table = pd.concat(tables, ignore_index=True).drop_duplicates(keys, ignore_index=True)
    return _placed(table, data, design)


def _placed(table: pd.DataFrame, data: Data, design: Design) -> pd.DataFrame:
    """Name strata as the whole design does, which tells the compartments apart."""
    if design.compartment is None or data.partner is None:
        return table
    level = as_text(data.partner.obs[design.compartment]).iloc[0]
    own = [f"compartment={level}; {stratum}".removesuffix("; ") for stratum in table["stratum"]]
    return table.assign(stratum=own)
