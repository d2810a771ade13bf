"""What `ms.pp.split_species` hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marrowsig._readable import as_html

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData


@dataclass(frozen=True, repr=False)
class SpeciesSplit:
    """Human and mouse parts of one matrix.

    Attributes
    ----------
    human, mouse
        All rows x the genes of one species, without prefixes. `obs` holds `human_reads`, `mouse_reads`,
        `mouse_share` and, of cells, `species`.
    leakage
        Of cells: two rows, what came into cells called human and into those called mouse. Columns into,
        cells, share (foreign reads of all their reads, pooled), low, high (95 %, cells as units), pool (share
        of the foreign species in all reads of the matrix), ambient (share / pool: the part of a cell's reads
        that, were it all ambient RNA of the pool's composition, would explain it). Empty for samples.
    doublets
        Of cells: (share, low, high) of droplets with two cells, those of one species included, if cells met
        at random; NaN for samples.
    """

    human: AnnData
    mouse: AnnData
    leakage: pd.DataFrame
    doublets: tuple[float, float, float]

    def __repr__(self) -> str:
        obs = self.human.obs
        mouse = obs["mouse_reads"].sum() / (obs["human_reads"] + obs["mouse_reads"]).sum()
        sizes = f"{len(obs)} rows, {self.human.n_vars} human and {self.mouse.n_vars} mouse genes"
        lines = [f"<SpeciesSplit: {sizes}; {100 * mouse:.2f} % of the reads are mouse>"]
        if "species" in obs:
            calls = obs["species"].value_counts(sort=False)
            lines.append("cells: " + ", ".join(f"{n} {call}" for call, n in calls.items()))
            foreign = [
                f"{100 * row.share:.2f} % ({100 * row.low:.2f} to {100 * row.high:.2f} %) in {row.into} cells"
                for row in self.leakage.itertuples()
            ]
            lines.append(f"foreign reads: {', '.join(foreign)}")
            lines.append(
                "doublets, if cells met at random: {:.1f} % ({:.1f} to {:.1f} %)".format(
                    *(100 * v for v in self.doublets)
                )
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        lines = [line for line in repr(self).split("\n") if not line.startswith("foreign reads")]
        return as_html(lines, self.leakage.rename(columns={"low": "share_low", "high": "share_high"}))
