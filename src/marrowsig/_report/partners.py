"""IL6 itself in both partners of a co-culture, beside the claims that ask it of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Pictures
from marrowsig._report.legend import pairs
from marrowsig._report.legend_arms import where_joined
from marrowsig._report.look import look_of
from marrowsig._report.picture import picture
from marrowsig._report.points import point
from marrowsig.design import Design
from marrowsig.pl.claims import label
from marrowsig.tl._claims_asked import GENE, IL6_UP

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given, Part

NAME = f"scores_{GENE}"
"""Of the figure, as those of signatures are called, so that rows of the gene find it."""
CAPTION = (
    "{gene} in both partners: {unit} of each {point}, by arm{paired}; bars are means with 95 % confidence "
    "intervals of each arm by itself, from three units on"
)


def of_gene(given: Given, asked: pd.DataFrame) -> list[Part]:
    """Draw IL6 by arm and compartment, where leukaemia and stroma were both asked; nothing otherwise."""
    from marrowsig import pl

    own = asked[asked["claim"].eq(IL6_UP.id) & asked["estimate"].notna()]
    stroma = own["compartment"].eq("stroma")
    if not isinstance(given.design, Design) or not stroma.any() or stroma.all():
        return []
    look = look_of(given).of_arms(given.adata, given.named[0], given.design, given.method)
    ax = pl.expression(given.adata, GENE, design=given.design, **look)
    said = [f"{label(row)}: {row['verdict']}" for row in own.to_dict("records")]
    unit = ax.get_ylabel().partition("\n")[0]
    where = where_joined(given, given.named[0])
    paired = f"; grey lines join pairs{where}{pairs(own)}" if given.design.pair else ""
    alt = f"Points: {unit} of {GENE} in every arm and compartment. {'; '.join(said)}."
    return [
        Pictures(
            [picture(NAME, ax, alt, CAPTION.format(gene=GENE, unit=unit, point=point(given), paired=paired))]
        )
    ]
