"""What a run computes beyond scores and contrasts, part by part, and why a part was not done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from marrowsig._calls import Calls
from marrowsig._chain_asked import CHAIN, chain_of, step_of
from marrowsig._claim_genes import behind_claims
from marrowsig._errors import DesignError, InputError, first
from marrowsig._matured import matured
from marrowsig._not_of_formula import NO_INHIBITOR, NO_ROLES, carry_over_left, stroma_left
from marrowsig._other_columns import columns_left
from marrowsig._own_lists import main_and_own, own_lists, with_own
from marrowsig._provenance import recall
from marrowsig._repeats import is_formula
from marrowsig._stimulus import no_coculture
from marrowsig._stroma_asked import with_claims
from marrowsig._summed import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import SignatureSet

PARTS = {
    "sensitivity": "contrasts without genes of cell cycle and maturation, and adjusted for them",
    "null": "contrasts of matched random signatures",
    "claims": "statements of the co-culture study on these samples",
    "rescue": "fraction that each inhibitor reverses",
    "chain": "links of IL-6, STAT3 and EMT",
    "genes": "moderated tests of every gene, and of the main signatures on their genes",
    "cells": "mean scores and shares of cells beside the sums",
    "multiverse": "other methods and versions of the signatures",
}
"""In their order: the claims take what the parts before them found of maturation and of random sets."""
SLOW = tuple(name for name in PARTS if name not in ("claims", "rescue"))
NO_CELLS = "the rows are samples, not cells"
CLAIMED_BY = ("singscore", "mean", "ucell")
MULTIVERSE = ("singscore", "ucell", "zscore", "mean")
ROTATIONS = 1999
AXES = ("emt", "il6", "stat3")


@dataclass(frozen=True)
class Asked:
    """What the parts are computed from: samples with scores, the cells behind them, and the choices.

    `whole` are the samples with all genes, where those that the study does not express were left out.
    """

    adata: AnnData
    cells: AnnData | None
    design: Design | FormulaDesign
    res: pd.DataFrame
    sigs: SignatureSet
    named: list[str]
    method: str
    margin: float | None
    min_coverage: float
    prerank: bool
    seed: int
    stroma: AnnData | str | None = None
    markers: Sequence[str] | None = None
    carry_over: bool = True
    claims_on: Mapping[str, Sequence[str]] | None = None
    options: Mapping[str, Mapping[str, Any]] | None = None
    whole: AnnData | None = None
    calls: Calls = field(default_factory=Calls)
    found: dict[str, Any] = field(default_factory=dict)

    def main(self) -> SignatureSet:
        """Signatures of the answer and the controls of stroma."""
        from marrowsig._report.carried import STROMA
        from marrowsig.sig import SignatureSet

        return SignatureSet([s for s in self.sigs if s.id in {*self.named, *STROMA}])


@dataclass
class Further:
    """Results by the name of their argument of `ms.report`, and for a part that is not there why."""

    results: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def said(self, say: Callable[[str], str]) -> Further:
        """Put reasons, and what the claims say, into other words."""
        results = dict(self.results)
        for name in ("claims", "questions"):
            if (told := results.get(name)) is not None:
                results[name] = told.assign(**{c: told[c].map(say) for c in ("reason", "sentence")})
        return Further(results, {name: say(why) for name, why in self.missing.items()})


def chosen(skip: Collection[str]) -> list[str]:
    """Parts that are to be done.

    Raises
    ------
    InputError
        If `skip` names no part.
    """
    unknown = [name for name in skip if name not in PARTS]
    if unknown:
        msg = f"skip names {first(map(repr, unknown))}, which is no part of a run. Parts: {first(PARTS)}."
        raise InputError(msg)
    return [name for name in PARTS if name not in skip]


def further(asked: Asked, parts: list[str], step: Callable[[str], None]) -> Further:
    """Compute the parts one by one; what the data do not allow is put down with its reason."""
    left = carry_over_left(asked.res) | stroma_left(asked.design, asked.stroma)
    out = Further(missing=left | columns_left(asked))
    for name, told in PARTS.items():
        if name not in parts:
            out.missing[name] = "left out, as was asked"
            continue
        reason = _not_for(name, asked)
        step(
            "" if (name == "cells" and reason) or (name == "claims" and no_coculture(asked.design)) else told
        )
        if reason:
            out.missing[name] = reason
            continue
        try:
            out.results |= dict(_DO[name](replace(asked, found=out.results)))
        except (DesignError, InputError) as error:
            out.missing[name] = str(error)
    out.results.pop("guard", None)  # for parts that come after the claims only
    return out


def _not_for(name: str, asked: Asked) -> str:
    """Say why a part has no question here."""
    if name == "rescue" and asked.design.inhibitor is None:
        return NO_INHIBITOR if is_formula(asked.design) else "the design names no inhibitor"
    if name == "claims" and _without_culture(asked.design):
        return "the design names no co-culture, and all statements are about one"
    absent = [axis for axis in CHAIN if step_of(asked, axis, _versions(asked)) is None]
    if name == "chain" and _without_culture(asked.design):
        return (
            "the design names no co-culture, and without one IL-6, STAT3 and EMT make no chain; "
            "ms.tl.chain gives their correlations within arms"
        )
    if name == "chain" and absent:
        return f"no signature of {' and '.join(absent)} was scored"
    if name == "cells" and asked.cells is None:
        return NO_CELLS
    if name == "multiverse" and not _versions(asked):
        return f"no signature of {', '.join(AXES)} was scored"
    return ""


def claims_of(asked: Asked) -> Iterator[tuple[str, Any]]:
    """Give the check of stroma where there is a reference, the claims, and the further questions.

    Last comes the check of stroma once more, judged by the p of the claims, and with lists of one's own.
    """
    from marrowsig.tl._claims_checks import require_arms
    from marrowsig.tl._claims_data import SIGNATURES

    require_arms(asked.design)
    design, level = _fields(asked.design), asked.stroma if isinstance(asked.stroma, str) else None
    found: Any = None
    if asked.stroma is not None:
        answering = [own[0] for own in {**SIGNATURES, **(asked.claims_on or {})}.values()]
        tested = dict.fromkeys([*answering, *asked.named])
        genes = ["IL6"] if "IL6" in asked.adata.var_names else []
        guarded = {
            "stroma": asked.stroma,
            "signatures": [*(s for s in asked.sigs if s.id in tested), *_further_ids(asked, answering)],
            "method": asked.method,
            "genes": genes,
            "markers": asked.markers,
            "min_coverage": asked.min_coverage,
            "rng": asked.seed,
        }
        found = asked.calls.call("stroma", "qc.stroma", asked.adata, design, **guarded)
        yield "stroma", found
    how = {
        "stroma": found,
        "partner": level,
        "carry_over": asked.carry_over,
        "maturation": matured(asked),
        "null": asked.found.get("null"),
        "methods": list(dict.fromkeys([asked.method, *CLAIMED_BY])),
        "min_coverage": asked.min_coverage,
        **({"signatures": _claimed(asked)} if asked.claims_on else {}),
    }
    gene = {"genes": asked.found["il6"]} if "il6" in asked.found else {}
    claims = asked.calls.call("claims", "tl.claims", asked.adata, design, **how, **gene)
    yield "claims", claims
    questions = asked.calls.call("questions", "tl.questions", asked.adata, design, claims=claims, **how)
    yield "questions", questions
    if found is not None:
        both = with_own(asked, found, guarded)
        if both is not None:
            yield "guard", found  # of the signatures of the claims alone, for rescue
        yield "stroma", with_claims(asked, found if both is None else both, claims, questions)


def _claimed(asked: Asked) -> dict[str, list[Any]]:
    """Signatures that answer the claims, by axis: as scored, so that own ones are known."""
    known = {s.id: s for s in asked.sigs}
    return {
        axis: [known.get(name, name) for name in names] for axis, names in (asked.claims_on or {}).items()
    }


def _further_ids(asked: Asked, ids: list[str]) -> list[str]:
    """Signatures that answer a claim and were not scored."""
    return [id for id in ids if id not in {s.id for s in asked.sigs}]


def _rescue(asked: Asked) -> Iterator[tuple[str, Any]]:
    design = _fields(asked.design)
    margin = None if asked.margin is None else {asked.method: asked.margin}
    found = asked.found.get("guard", asked.found.get("stroma"))
    how = {"margin": margin} if found is None or not asked.carry_over else {"margin": margin, "stroma": found}
    yield "rescue", asked.calls.call("rescue", "tl.rescue", asked.adata, design, **how)


def _chain(asked: Asked) -> Iterator[tuple[str, Any]]:
    yield from chain_of(asked, _versions(asked))


def _genes(asked: Asked) -> Iterator[tuple[str, Any]]:
    design = asked.design
    yield "genes", (genes := asked.calls.call("genes", "tl.genes", asked.adata, design))
    yield from behind_claims(asked, genes)
    rows = asked.res[asked.res["method"] == asked.method]
    own = asked.calls.name(rows, f'res[res["method"] == "{asked.method}"]')
    yield (
        "gene_sets",
        asked.calls.call(
            "gene_sets",
            "tl.gene_sets",
            asked.adata,
            design,
            signatures=main_and_own(asked),
            min_coverage=asked.min_coverage,
            n_rotations=ROTATIONS,
            rng=asked.seed,
            prerank=asked.prerank,
            scores=own,
        ),
    )


def _null(asked: Asked) -> Iterator[tuple[str, Any]]:
    how = {"design": asked.design, "method": asked.method, "rng": asked.seed}
    yield "null", asked.calls.call("null", "qc.null", asked.adata, main_and_own(asked), **how)


def _sensitivity(asked: Asked) -> Iterator[tuple[str, Any]]:
    from marrowsig.sig import SignatureSet

    own = own_lists(asked, asked.named)
    sigs = SignatureSet([*(s for s in asked.sigs if s.id in asked.named), *own])
    how = {"method": asked.method, "signatures": sigs}
    more = {} if asked.whole is None else {"other_genes": asked.whole}
    found = asked.calls.call("sensitivity", "tl.sensitivity", asked.adata, asked.design, **how, **more)
    yield "sensitivity", found
    yield (
        "maturation",
        asked.calls.call("maturation", "qc.maturation", asked.adata, asked.design, **how, sensitivity=found),
    )


def _cells(asked: Asked) -> Iterator[tuple[str, Any]]:
    least = int(recall(asked.adata, "pseudobulk", {}).get("min_cells", LEAST))
    few = {} if least == LEAST else {"min_cells": max(2, least)}
    yield (
        "cells",
        asked.calls.call(
            "by_cells",
            "tl.compare_cells",
            asked.cells,
            _fields(asked.design),
            signatures=asked.main(),
            method=asked.method,
            min_coverage=asked.min_coverage,
            seed=asked.seed,
            **few,
        ),
    )


def _multiverse(asked: Asked) -> Iterator[tuple[str, Any]]:
    from marrowsig.sig import SignatureSet

    methods = list(dict.fromkeys([asked.method, *MULTIVERSE]))
    yield (
        "multiverse",
        asked.calls.call(
            "multiverse",
            "tl.multiverse",
            asked.adata,
            asked.design,
            signatures=SignatureSet(_versions(asked)),
            methods=methods,
            normalisations="as_given",
            tests="ols",
        ),
    )


def _fields(design: Design | FormulaDesign) -> Design:
    from marrowsig.design import Design

    if isinstance(design, Design):
        return design
    raise DesignError(NO_ROLES)


def _without_culture(design: Design | FormulaDesign) -> bool:
    from marrowsig.design import Design

    return isinstance(design, Design) and design.culture is None


def _versions(asked: Asked) -> list[Any]:
    """Signatures of the axes that were scored."""
    scored = asked.res.loc[asked.res["estimate"].notna(), "signature"]
    return [s for s in asked.sigs if s.axis in AXES and s.id in set(scored)]


_DO: dict[str, Callable[[Asked], Iterator[tuple[str, Any]]]] = {
    "claims": claims_of,
    "rescue": _rescue,
    "chain": _chain,
    "genes": _genes,
    "null": _null,
    "sensitivity": _sensitivity,
    "cells": _cells,
    "multiverse": _multiverse,
}
