"""Samples to which nothing was given, in a column of inhibitors whose vehicle is another word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import DesignError, count, first
from marrowsig._vehicle_words import control_beside, nothing_given, own_control

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

HOWTO = "docs/howto/rescue.md"
PAGE = f"{HOWTO}, 'An antibody and its isotype control'"


def require_one_control(design: Design, text: pd.DataFrame) -> None:
    """Raise where levels of nothing given would be taken for inhibitors, with what to type.

    `text` has the levels of each field. A solvent beside a vehicle is an arm, as the user says.
    """
    if design.inhibitor is None:
        return
    given, column, vehicle = text["inhibitor"], design.inhibitor, design.vehicle
    plainly = given.map(lambda x: nothing_given(x) or control_beside(x, vehicle), na_action="ignore")
    nothing = plainly.eq(other=True) & given.ne(vehicle)
    plain = list(dict.fromkeys(given[nothing]))
    if not plain or "culture" not in text:
        return
    if nothing_given(vehicle):
        samples, others = count(int(nothing.sum()), "sample", "samples"), first(map(repr, plain))
        every = "all" if len(plain) > 1 else "both"
        msg = (
            f"{vehicle!r} and {others} in {column!r} {every} say that nothing was given, and {samples} with "
            f"{others} would count as an inhibitor's. "
            f"Write {vehicle!r} for all of these in the sheet ({HOWTO})."
        )
        raise DesignError(msg)
    alone = text["culture"].eq(design.mono)
    grown = int((nothing & text["culture"].eq(design.co)).sum())
    beside = int((nothing & alone).sum())
    had = f"{first(map(repr, plain))} in {column!r}"
    told = f"{vehicle!r} is the control that inhibitors are compared with, and "
    steps = []
    if beside and not given[alone].eq(vehicle).any():
        told += f"no sample of {design.mono!r} had it: {beside} have {had}"
        steps.append(f"if these may serve as cells alone, write {vehicle!r} there in the sheet")
    elif grown or (beside and design.compartment is None):  # stroma may have had nothing at all
        n, culture = (grown, design.co) if grown else (beside, design.mono)
        told += f"{count(n, 'sample', 'samples')} of {culture!r} with {had} would count as an inhibitor's"
    else:
        return
    if grown or not steps:
        also = f" the {grown} untreated samples of {design.co!r}" if steps else " these"
        keep = f"{column}!={','.join(plain)}"
        steps.append(f"leave{also} out: keep={keep!r}")
    one = f"write {plain[0]!r} for all of these in the sheet and " if len(plain) > 1 else ""
    msg = (
        f"{told}. For {vehicle!r} against the inhibitors, {' and '.join(steps)}. For everything against "
        f"untreated, {one}give vehicle={plain[0]!r} "
        f"({PAGE if own_control(vehicle) else HOWTO})."
    )
    raise DesignError(msg)
