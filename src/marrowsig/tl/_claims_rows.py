"""Rows of the statements that a signature answers, in leukaemia cells and in their stroma."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._arms import as_text
from marrowsig._carry_over import NOT_EXAMINED
from marrowsig._drug_alone import alone_note
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig.tl._claims_asked import STATEMENTS, STROMA, Asked, asked, rise_of, said_of
from marrowsig.tl._claims_checks import checked, maturation_of, stroma_of
from marrowsig.tl._claims_il6 import Receptors
from marrowsig.tl._claims_kept import Kept
from marrowsig.tl._claims_matured import Matured
from marrowsig.tl._claims_numbers import plan_part, scored
from marrowsig.tl._claims_poorest import counts_before, poorest_of
from marrowsig.tl._claims_same_shares import SameShares
from marrowsig.tl._claims_set_test import SetTest
from marrowsig.tl._claims_stroma import ALONE_ONLY, IN_STROMA, grown_alone_only, needed_of
from marrowsig.tl._claims_stroma_views import as_compared, views
from marrowsig.tl._claims_without import others_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._confounder_result import Confounder
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.tl._claims_asked import Statement
    from marrowsig.tl._claims_data import Data
    from marrowsig.tl._claims_stroma_views import View

    Row = dict[str, Any]

UNMATURED = pd.DataFrame(columns=["signature", "method", "contrast", "stratum", "verdict"])
"""Stroma is not asked whether it matures."""


def signature_rows(
    data: Data,
    design: Design,
    stroma: Any,
    maturation: Confounder | None,
    *,
    carry_over: bool,
    alpha: float,
    statements: Sequence[Statement] = STATEMENTS,
) -> list[Row]:
    """Rows of all statements that a signature answers in leukaemia cells."""
    from marrowsig._progress import tqdm

    found = asked(design, data.plans, statements)
    if not found:
        return []
    bar = tqdm(total=len(found) + 2, desc="claims", unit="step", delay=2, leave=False)
    if carry_over:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # too few markers: told in the verdicts
            data.stroma = stroma_of(
                data.whole if isinstance(stroma, str) else data.blasts,
                design,
                stroma,
                main=data.main(),
                method=data.method,
                alpha=alpha,
            )
    bar.update()
    matured = maturation_of(
        data.blasts, design, maturation, main=list(data.main()), method=data.method, alpha=alpha
    )
    bar.update()
    rows, genes, receptors = [], SetTest(data.blasts, data.main()), Receptors(data.blasts, design)
    kept, counts = Kept(data, design), counts_before(data.blasts)
    ripe, same = Matured(kept, alpha), SameShares(data, design, alpha)
    for claim in found:
        ids = data.ids[claim.statement.axis]
        row = _row(claim, ids, data.scores, data.method, genes, alpha)
        state = data.state(claim.plan.stratum)
        row["statement"] = said_of(claim.statement, resistant=design.resistant, state=state)
        row["rise"] = rise_of(design, claim) if claim.statement.builds_on else ()
        row["compartment"] = data.compartment(claim.plan.stratum)
        alone = alone_note(design, data.blasts.obs, inhibitor=claim.inhibitor, line=claim.line)
        receptor = receptors.note(claim.plan.stratum) if claim.statement.axis == "il6" else ""
        row["note"] = "; ".join(filter(None, [alone, receptor]))
        checks = checked(row, data.stroma, matured, method=data.method, carry_over=carry_over, none=data.none)
        row |= checks
        row |= kept.of(claim.plan, ids, row["estimate"], alpha)
        row["filtered_maturation"] = ripe.of(claim.plan, ids[0])
        row["same"] = same.of(claim.plan, ids[0])
        row |= others_of(claim.plan, row, data.scores, data.stroma)
        row |= poorest_of(claim.plan, row, data.scores, data.stroma, counts)
        rows.append({**row, "builds_on": ""})
        bar.update()
    bar.close()
    return rows


def _row(
    claim: Asked, ids: Sequence[str], scores: Any, method: str, genes: SetTest, alpha: float
) -> dict[str, Any]:
    return {
        **plan_part(claim.plan),
        **scored(claim, ids, scores, method, alpha),
        **genes.of(claim.plan, ids[0], alpha),
        "claim": claim.statement.id,
        "signature": ids[0],
        "versions": ", ".join(ids[1:]),
        "method": method,
        "line": claim.line,
        "inhibitor": claim.inhibitor,
    }


def stroma_rows(
    data: Data, design: Design, given: Any, *, carry_over: bool, alpha: float
) -> tuple[list[Row], str]:
    """Rows of what is asked of stroma, or why there are none, as of that which was `given` apart."""
    if data.partner is None:
        return [], needed_of(given, design, "")
    if grown_alone_only(data.partner.obs, design):
        return [], ALONE_ONLY
    rows: list[Row] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # of arms that are not there: those are not asked
        try:
            for view in views(data.partner, design):
                rows += _of_view(data, design, view, carry_over=carry_over, alpha=alpha)
        except DesignError as error:
            return [], str(error)
    return rows, ""


def _of_view(data: Data, design: Design, view: View, *, carry_over: bool, alpha: float) -> list[Row]:
    from marrowsig.tl.score import score

    for key in [k for k in view.adata.obsm if k.startswith("score_")]:
        del view.adata.obsm[key]  # of these rows beside others
    score(view.adata, data.main(), method=list(data.scores), min_coverage=0.0)
    scores = {name: view.adata.obsm[f"score_{name}"] for name in data.scores}
    known = {one.id for one in data.main()}
    guard = _guard(data, design, view, alpha) if carry_over else None
    if guard is not None:
        lines = {said.line for said in view.asked.values() if said.kind == "induction"}
        data.checks.append((lines.pop() if len(lines) == 1 else "", guard))
    genes = SetTest(view.adata, data.main())
    rows, compared = [], as_compared(view, design)
    partner: Any = data.partner
    for statement in IN_STROMA:
        id = data.ids[statement.axis][0]
        for plan, said in ((p, view.asked[p.contrast.name]) for p in view.plans):
            if said.kind != statement.kind or id not in known or id not in scores[data.method]:
                continue
            claim = Asked(statement, plan, said.line, said.inhibitor)
            row = _row(claim, [id], scores, data.method, genes, alpha)
            row["statement"] = said_of(statement, resistant=design.resistant)
            line = design.resistant if statement.kind == "interaction" else said.line
            where = _stratum(data, design, plan)
            row["rise"] = (statement.builds_on, where, line) if statement.builds_on else ()
            row["note"] = alone_note(design, partner.obs, inhibitor=said.inhibitor)
            checks = checked(
                row, guard, UNMATURED, method=data.method, carry_over=carry_over, none=NOT_EXAMINED
            )
            if said.name in compared:
                other = claim._replace(plan=compared[said.name])
                row["p_compared"] = scored(other, [id], scores, data.method, alpha)["p"]
            row |= checks
            row |= others_of(plan, row, scores, guard)
            place = {"compartment": STROMA, "contrast": said.name, "stratum": where}
            rows.append({**row, **place, "builds_on": ""})
    return rows


def _stratum(data: Data, design: Design, plan: Plan) -> str:
    """Name the stratum as the whole design does, which tells the compartments apart."""
    if design.compartment is None or data.partner is None:
        return plan.stratum
    level = as_text(data.partner.obs[design.compartment]).iloc[0]
    return "; ".join(filter(None, [f"compartment={level}", plan.stratum]))


def _guard(data: Data, design: Design, view: View, alpha: float) -> Stroma | None:
    """Ask of stroma what `ms.qc.stroma` asks of leukaemia cells, with those grown alone as the reference."""
    from marrowsig.qc import stroma

    alone = (as_text(data.blasts.obs[design.culture]) == design.mono).to_numpy()
    if design.inhibitor is not None:
        given = as_text(data.blasts.obs[design.inhibitor])
        alone &= (given.isna() | (given == design.vehicle)).to_numpy()
    if not alone.any():
        return None
    try:
        return stroma(
            view.adata, view.design, stroma=data.blasts[alone].copy(), signatures=data.main(),
            method=data.method, genes=[], alpha=alpha,
        )  # fmt: skip
    except (DesignError, InputError):
        return None
