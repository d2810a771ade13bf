"""What `ms.pp.split_species` hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        lines = [f"{sizes}; {100 * mouse:.2f} % of the reads are mouse"]
        if "species" in obs:
            calls = obs["species"].value_counts(sort=False)
            lines.append("cells: " + ", ".join(f"{n} {call}" for call, n in calls.items()))
            lines += [
                f"in {row.into} cells {100 * row.share:.2f} % foreign reads "
                f"({100 * row.low:.2f} to {100 * row.high:.2f} %)"
                for row in self.leakage.itertuples()
            ]
            lines.append(
                "doublets, if cells met at random: {:.1f} % ({:.1f} to {:.1f} %)".format(
                    *(100 * v for v in self.doublets)
                )
            )
        return "\n".join(lines)
