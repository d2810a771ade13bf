"""What asks about cells grown alone and the same cells on stroma, and so cannot be asked of a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import DesignError, first
from marrowsig._repeats import is_formula
from marrowsig._shared_culture import grown_with
from marrowsig._stimulus import is_stimulus, no_coculture
from marrowsig._stromal_level import STROMAL
from marrowsig._unasked import CAUTIONS, OF_ARMS, OF_FORMULA, sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._contrasts import Contrast
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

NO_ROLES = (
    "a formula does not say which factor is the co-culture; ask with ms.Design(culture=...) in its place"
)
NO_INHIBITOR = (
    "a formula does not say which factor is the inhibitor; ask with ms.Design(culture=..., inhibitor=..., "
    "vehicle=...) in its place"
)
_CULTURE = re.compile(r"(co[-_\s.]?)?cultur(e|ed|ing)|niche|feeders?", re.IGNORECASE)
_CO = re.compile(r"co|co[-_\s.]?cultur(e|ed|ing)|hs-?(5|27a?)|feeders?", re.IGNORECASE)
_ALONE = re.compile(r"(cultured[-_\s.]?)?alone|mono([-_\s.]?cultur(e|ed|es))?", re.IGNORECASE)
_LEVEL = re.compile(r"(?:(?P<column>[^:\[\]=]+)\[T\.(?P<level>[^\]]*)\])")


def require_fields(given: Sequence[str]) -> None:
    """Refuse arguments, as they are written, that a formula would leave unused.

    Raises
    ------
    DesignError
        If there is one. It says where they are asked.
    """
    if not given:
        return
    one = len(given) == 1
    instead = " primary= names the signatures that a formula is about." if "claims_on=" in given else ""
    msg = (
        f"{first(given)} {'belongs' if one else 'belong'} to the claims of co-culture and their check of "
        "carry-over, and a formula does not say which samples grew alone. Ask them in a run of its own: "
        "ms.Design(culture=..., mono=..., co=...) in place of the formula (line= for a second factor, such "
        f"as the stage, pair= for donors, covariates= for numbers). Here leave {'it' if one else 'them'} "
        f"out.{instead}"
    )
    raise DesignError(msg)


def carry_over_left(res: pd.DataFrame) -> dict[str, str]:
    """Say that carry-over was not done, and why, where a formula has a contrast that it may have made."""
    return {"carry-over": NO_ROLES} if OF_FORMULA in sentences(res).values() else {}


def stroma_left(design: Design | FormulaDesign, stroma: object) -> dict[str, str]:
    """Say that stroma which was given was not used, where mono and co are no cells without and with it."""
    if is_formula(design) or stroma is None or not no_coculture(design):
        return {}
    why = (
        "no arm without stroma is named, so stroma= was not used, and carry-over may differ between the arms"
    )
    return {"carry-over": why}


def arms_left(res: pd.DataFrame, design: Design | FormulaDesign, stroma: object) -> None:
    """Keep the same with a result, for each contrast of such arms."""
    if not stroma_left(design, stroma):
        return
    own = res[res["contrast"].astype(str).str.startswith(("co_", "interaction", "reversal_"))]
    places = dict.fromkeys(zip(own["contrast"].astype(str), own["stratum"].astype(str), strict=True))
    found = [[contrast, stratum, OF_ARMS] for contrast, stratum in places]
    res.attrs[CAUTIONS] = [*res.attrs.get(CAUTIONS, []), *found]


def about_coculture(contrast: Contrast, factors: Mapping[str, Sequence[str]]) -> bool:
    """Whether the words of a formula's contrast name cells grown with stroma, or it averages over such.

    `factors` are the columns of the formula that hold levels, with these. Cells alone are not, where another
    level names the co-culture: they hold no stroma. A factor that no arm names is averaged over.
    """
    arms = [part for arm in contrast.weights for part in str(arm).split(":")]
    if not arms:  # coefficients
        text = f"{contrast.test} {contrast.base}"
        named = [(found["column"], found["level"]) for found in _LEVEL.finditer(text)]
        return any(of_culture(name, [level], factors.get(name.strip("` "), [])) for name, level in named)
    for column, levels in factors.items():
        own = [level for level in levels if level in arms or f"{column}={level}" in arms]
        if not own and cocultures(levels):
            return True
        alone = all(_ALONE.fullmatch(level.strip()) for level in own) and bool(cocultures(levels))
        if own and not alone and of_culture(column, own, levels):
            return True
    return False


def of_culture(column: str, levels: Sequence[str], every: Sequence[str] = ()) -> bool:
    """Whether a level is called as stroma or co-culture is, or else the column, and no level a drug.

    `every` are all levels of the column, by default these.

    >>> [of_culture(*of) for of in (("arm", ["alone", "with MSC"]), ("msc", ["yes"]), ("culture", ["1"]))]
    [True, True, True]
    >>> [of_culture(*of) for of in (("stage", ["Dx"]), ("culture", ["Mock", "IL22"]), ("line", ["co1"]))]
    [False, False, False]
    >>> [of_culture("arm", of, ["mono", "contact"]) for of in (["mono"], ["contact"])]
    [False, True]
    """
    if set(levels) & set(cocultures(every or levels)):
        return True
    name = column.strip()
    return bool(STROMAL.fullmatch(name) or _CULTURE.fullmatch(name)) and not any(map(is_stimulus, levels))


def cocultures(levels: Sequence[str]) -> list[str]:
    """Give the levels of a factor that name stroma or co-culture.

    >>> cocultures(["alone", "with MSC"]), cocultures(["mono", "transwell", "contact"])
    (['with MSC'], ['transwell', 'contact'])
    """
    shared = grown_with(levels)
    return [level for level in levels if level in shared or _names_co(level)]


def _names_co(level: str) -> bool:
    words = (level, *re.split(r"[\s_/,;+&()]+", level))
    return any(STROMAL.fullmatch(word.strip()) or _CO.fullmatch(word.strip()) for word in words)
