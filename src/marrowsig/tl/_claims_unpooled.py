"""The test of a claim by the spread of its own arms or pairs, as scored and on the genes that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import of_stroma
from marrowsig._check_words import STANDS
from marrowsig._p_values import p_equals
from marrowsig.tl._claims_border import NEAR
from marrowsig.tl._claims_size import LEFT, kin, rna
from marrowsig.tl._claims_stroma_views import WITH_EITHER
from marrowsig.tl._explain_compare import number, number_of_both, without_pooling

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]


def unpooled_says(row: Row, alpha: float, *, kept: bool = False) -> str:
    """Say of the test without pooled variances where it turns the finding, or nearly; else nothing.

    `kept` asks the scores on the genes that are left, where their p decides: that as scored is established,
    and the check of carry-over leaves the rest to it.
    """
    if kept and not _decides(row, alpha):
        return ""
    of = "filtered_" if kept else ""
    held, p, adjusted = (number(row, f"{of}{name}") for name in ("p_adj", "p_welch", "p_welch_adj"))
    if p != p:
        return ""
    where = f"on the {LEFT.format(rna=rna(row))}, " if kept else ""
    by = f"{where}{without_pooling(row, lines=row['contrast'] == 'interaction')}"
    by = f"{by[:1].upper()}{by[1:]} {p_equals('p', p, alpha)}"
    holm = f"{p_equals('adjusted p', adjusted, alpha)} with this test in all {kin(row)}"
    if held < alpha and p >= NEAR[0] * alpha:
        found = "not established" if p >= alpha else f"close to {alpha:g}"
        return f"{by}, {holm}: not established" if p < alpha <= adjusted else f"{by}, not adjusted: {found}"
    if held < alpha and adjusted >= alpha:
        return f"{by}, {holm}: not established"
    if held >= alpha and p < alpha and (both := number_of_both(row)):
        text = f"{where}{both} pairs are in both lines: by one number of each, {p_equals('p', p, alpha)}"
        said = "(a check; the claim takes their answers in both lines for independent)"
        return f"{text[:1].upper()}{text[1:]}, not adjusted {said}"
    if held >= alpha and adjusted < alpha:
        return f"{by}, {holm} (a check, which does not decide)"
    return ""


def _decides(row: Row, alpha: float) -> bool:
    """Whether the verdict rests on p of the genes that are left, of a contrast with such a test."""
    if not number(row, "p_adj") < alpha or row.get("stroma") != STANDS:
        return False
    return not (of_stroma(row) and row["contrast"] == WITH_EITHER)
