"""The words around the answer: what was scored, and how to read the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over_apart import ask_apart
from marrowsig._contrast_kinds import is_secondary
from marrowsig._p_values import each_stratum
from marrowsig._pairs_in_lines import missing_term
from marrowsig._report import words
from marrowsig._report.covaried import of_numbers
from marrowsig._report.formula_tests import of_checks
from marrowsig._report.which_list import own
from marrowsig._types_unasked import types_unasked

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given


def lead(given: Given) -> str:
    """Say how much was scored and compared."""
    n = words.count(given.main["signature"].nunique(), "signature")
    asked = words.count(len(given.contrasts), "contrast")
    rest = _refused(given.contrasts)
    mine = own(list(dict.fromkeys(given.main["signature"])), given.adata)
    apart = words.listing(i for i in mine if i not in given.named)
    beside = f" and your own lists ({apart})" if apart else ""
    samples = words.count(given.adata.n_obs, "sample")
    return (
        f"{n}, scored by {given.method} in {samples}, and {asked} that the design asks for{rest}. "
        f"The main signatures ({words.listing(given.named)}){beside} stand here, a line each; opened, "
        "it says everything that a paper would. All numbers are below."
    )


def of_formula(given: Given) -> list[str]:
    """Say what a formula leaves unasked, and which term its model lacks, with what to type."""
    obs = given.adata.obs
    said = [ask_apart(given.design, obs, given.res), missing_term(given.design, obs)]
    said.append(of_numbers(given.design, obs))
    said.append(types_unasked(given.adata, given.design))
    said.append(of_checks(given.main[given.main["signature"].isin(given.named)], given.alpha))
    return [text for text in said if text]


def _refused(contrasts: pd.DataFrame) -> str:
    """Say how many cannot be estimated, and how many of those stand aside from the fold that counts them."""
    without = contrasts.loc[~contrasts["estimable"].astype(bool), "contrast"].astype(str)
    if without.empty:
        return ""
    told = f"; {words.count(len(without), 'contrast')} cannot be estimated"
    aside = sum(map(is_secondary, without))
    if not aside or contrasts["contrast"].astype(str).map(is_secondary).all():
        return told
    of = f"{aside} of them " if aside < len(without) else ""
    return f"{told}, {of}among the further contrasts"


def reading(given: Given) -> str:
    """Say what the numbers of the answer are."""
    asks, how = "a claim", "'as a claim'"
    if given.questions is not None:
        asks, how = "a claim or a further question", "'as a claim', 'as a further question'"
    cite = ""
    if given.claims is not None:
        cite = f" Where {asks} asks the same, its p stands here ({how}, all others 'as a contrast'): cite it."
    return (
        f"Estimates are differences of {given.method} scores with {words.level(given.alpha)} confidence "
        f"intervals, each taken by itself. {families(given)}{cite} Up and down are said where the "
        f"adjusted p is below {given.alpha:g}; 'not established' means that these samples cannot tell, not "
        "that nothing happens."
    )


def families(given: Given) -> str:
    """Say over what p values are adjusted."""
    res = given.main
    known = "adjustment" in res and "family_size" in res
    own = res[res["adjustment"].ne("BH")] if known else res.iloc[:0]
    if own.empty:
        return "P values are adjusted by Benjamini-Hochberg within one contrast, controls by themselves."
    how, size = own["adjustment"].iloc[0], words.count(int(own["family_size"].max()), "test")
    names = dict.fromkeys(own["contrast"].astype(str))
    asked = words.listing(words.asked(name, given.design) for name in names)
    which = "the contrast" if len(names) == 1 else "the contrasts"
    return (
        f"P values of the primary family, the main signatures in {which} {asked}, are adjusted by {how} "
        f"over {size}{each_stratum(own.get('stratum', ()))}; "
        "all others by Benjamini-Hochberg within one contrast, main signatures and controls by themselves."
    )
