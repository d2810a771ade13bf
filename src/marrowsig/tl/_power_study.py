"""Studies that have not been made: their samples, and scores of many of them at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._arm_names import arm_name
from marrowsig._errors import DesignError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.design import Design

    Array = NDArray[np.float64]

UNIT = "independent sample"


def require_plannable(design: Design) -> None:
    """Raise for designs whose samples do not follow from their arms."""
    if not hasattr(design, "mono"):
        msg = "A formula does not say what a sample would be. Plan with ms.Design(culture=..., line=...)."
        raise DesignError(msg)
    if design.covariates is not None:
        msg = (
            "What a covariate will be is not known before the experiment. Plan without it; each one takes a "
            "degree of freedom, about as much as one sample less."
        )
        raise DesignError(msg)


def samples(design: Design, n: int, inhibitors: tuple[str, ...], batches: int) -> tuple[Design, pd.DataFrame]:
    """Lay out `n` samples per arm, in pairs within lines if the design has pairs; return design and `obs`.

    Replicate i of every arm lies in batch i modulo `batches`, so that batches hold whole pairs.
    """
    lines = [design.parental, design.resistant] if design.line else [""]
    arms = [(design.mono, design.vehicle), (design.co, design.vehicle)] if design.culture else [("", "")]
    arms += [(design.co, drug) for drug in inhibitors]
    rows = []
    for line, (culture, drug), i in product(lines, arms, range(n)):
        treated = drug if drug != design.vehicle else ""
        rows.append(
            (line, culture, drug, arm_name(design, line, culture, treated if design.culture else ""), i)
        )
    frame = pd.DataFrame(rows, columns=["line", "culture", "inhibitor", "arm", "i"])
    if design.pair is None and design.unit is None:
        design = replace(design, unit=UNIT)
    obs = pd.DataFrame({"arm of the plan": frame["arm"]})
    for field, column in design.columns.items():
        obs[column] = _column(design, field, frame, batches)
    return design, obs.set_axis([f"s{i}" for i in range(len(obs))])


def noise(obs: pd.DataFrame, design: Design, *, within: float, between: float, runs: int, rng: int) -> Array:
    """Draw what is left of scores (rows x runs) without the arms' means."""
    draw = np.random.default_rng([rng, len(obs)])
    block = pd.factorize(obs[design.pair or design.unit])[0]
    shared = draw.normal(0, between, size=(block.max() + 1, runs)) if between else np.zeros((len(obs), 1))
    return shared[block] + draw.normal(0, within, size=(len(obs), runs))


def _column(design: Design, field: str, frame: pd.DataFrame, batches: int) -> pd.Series | str:
    if field in ("line", "culture", "inhibitor"):
        return frame[field]
    number = frame["i"].astype(str)
    if field == "pair" or (field == "unit" and design.pair is not None):
        # A line is a question between pairs, unless nothing else is asked.
        return frame["line"] + " " + number if design.culture else number
    if field == "unit":
        return frame["arm"] + " " + number
    if field.startswith("batch"):
        step = batches ** (int(field.removeprefix("batch") or 1) - 1)
        return "b" + (frame["i"] // step % batches).astype(str)
    return "one"
