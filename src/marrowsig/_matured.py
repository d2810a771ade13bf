"""What the claims of a run are told of maturation, so that it is worked out once."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputWarning

if TYPE_CHECKING:
    from marrowsig._further import Asked


def matured(asked: Asked) -> Any:
    """Give what the part before found of maturation, or work it out once for claims and questions.

    None, for each of them to work out, where they ask of other scores than those of the run.
    """
    from marrowsig.methods import get
    from marrowsig.sig import SignatureSet
    from marrowsig.tl._claims_data import SIGNATURES

    found = asked.found.get("maturation")
    alike = get(asked.method).per_obs or not isinstance(asked.stroma, str)  # scored with stroma, or without
    if asked.options or not alike:
        return None
    answering = {own[0] for own in {**SIGNATURES, **(asked.claims_on or {})}.values()}
    if found is not None:
        return found if answering <= set(found.verdicts["signature"]) else None
    own = asked.res[asked.res["method"].eq(asked.method) & asked.res["estimate"].notna()]
    if not answering <= set(own["signature"]):
        return None
    how = {"signatures": SignatureSet([s for s in asked.sigs if s.id in answering]), "method": asked.method}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # what has no estimate says so
        return asked.calls.call("maturation", "qc.maturation", asked.adata, asked.design, **how)
