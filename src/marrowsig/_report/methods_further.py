"""What the further results of a report were made by, a paragraph each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._contrasts import sides
from marrowsig._drug_alone import without_drug_alone
from marrowsig._other_groups import compares_groups
from marrowsig._report import words
from marrowsig._report.cells import ROUTES
from marrowsig._report.kinds import by_stratum
from marrowsig._report.which_list import own

if TYPE_CHECKING:
    from collections.abc import Callable

    from marrowsig._report.elements import Given


def sentences(given: Given) -> list[str]:
    """Paragraphs on the parts that were done, in the order of the page."""
    return [write(given.extras[name], given) for name, (write, _) in PARTS.items() if name in given.extras]


def _tested_by(word: str) -> Callable[[Any], bool]:
    return lambda found: found["test"].astype(str).str.contains(word, regex=False).any()


WHERE: dict[str, Callable[[Any], bool]] = {
    "tost": lambda found: found["margin"].notna().any(),
    "voom": _tested_by("voom"),
    "tmm": _tested_by("TMM"),
}
"""Statistics that a part has in some studies only, and whether its result has them."""


def references(given: Given) -> list[str]:
    """Names of the statistics of these parts, as `ms.sig.cite(tests=...)` takes them."""
    found = given.extras
    every = [(key, found[name]) for name, (_, keys) in PARTS.items() if name in found for key in keys]
    return [key for key, own in every if key not in WHERE or WHERE[key](own)]


def _claims(found: Any, given: Given) -> str:
    asked = found[found["verdict"] != "not asked"]
    if asked.empty:
        return ""
    sets = asked[asked["versions"].ne("") | asked["signature"].str.contains(".", regex=False)]
    own = dict.fromkeys(
        f"{r['signature']}" + (f" (versions: {r['versions']})" if r["versions"] else "")
        for r in sets.to_dict("records")
    )
    size, bound = int(asked["family_size"].max()), float(found.attrs.get("alpha", given.alpha))
    kept = "filtered_estimate" in asked and asked["filtered_estimate"].notna().any()
    both = ", as scored and on the genes that stroma could not move" if kept else ""
    return (
        "Claims. The statements of the co-culture study were judged by rules fixed in the package "
        f"(marrowsig, docs/claims.md), p adjusted by Holm over {words.count(size, 'claim')}, a "
        f"family of their own beside those of the contrasts. Answering signatures: {'; '.join(own)}. "
        f"A claim is supported where its adjusted p is below {bound:g}{both}, "
        "methods and versions agree in sign, and neither carried-over stroma nor maturation explains it."
    )


def _questions(found: Any, given: Given) -> str:
    asked = found[found["verdict"] != "not asked"]
    if asked.empty:
        return ""
    of = " and of the stroma" if asked["compartment"].eq("stroma").any() else ""
    size = int(asked["family_size"].max())
    over = f"{words.count(size, 'question')}, a family of their own beside the claims"
    return (
        "Further questions. What the study claims of EMT alone was asked of the IL-6 response and of "
        f"JAK/STAT3 activity{of}, by the same rules; "
        f"{f'p was adjusted by Holm over {over}' if size else 'none could be tested'}."
    )


def _stroma(found: Any, given: Given) -> str:
    params = found.params
    found = {str(s): f"{100 * v:.2f} %" for s, v in params.get("filter_share", {}).items()}
    shares = words.listing(by_stratum(found, given.design), word="or")
    return (
        f"Stroma. The share of stromal RNA was estimated per sample from {params['source']} (reference: "
        f"{params['reference']}; {params['draws']} bootstrap samples). Genes that a share of {shares} could "
        f"move more than {params['fold']:g}-fold were left out, and the contrasts tested again."
    )


def _rescue(found: Any, given: Given) -> str:
    margins = found.loc[found["margin"].notna(), ["method", "margin"]].drop_duplicates().to_dict("records")
    told = words.listing(f"{m['margin']:g} ({m['method']})" for m in margins)
    margin = f"a margin of {told} was declared for full reversal" if margins else "no margin was declared"
    co, alone = sides(given.design)
    rise = f"the difference between {co} and {alone}" if compares_groups(given.design) else "the induction"
    lacks = without_drug_alone(given.design, given.adata.obs)
    return (
        f"Rescue. Reversal is {co} less {co} with the inhibitor; the fraction of {rise} "
        f"that it reverses has a Fieller interval; {margin}. P values are adjusted by Benjamini-Hochberg "
        f"over signatures, and by Holm over the inhibitors of one line.{f' {lacks}' if lacks else ''}"
    )


def _chain(found: Any, given: Given) -> str:
    kept = found.steps.to_dict("records")
    steps = ", ".join(f"{r['score']}: {r['name']} ({r['n_used']} genes)" for r in kept)
    links = found.links
    shared = ((links["n_units"] > 0) & (links["n_units"] < links["n_pairs"])).any()
    apart = (
        "; where units have pairs in both lines, sums and differences over the lines were correlated apart "
        "and averaged, with p from the exact distribution of that mean"
    )
    return (
        f"Chain. Scores without shared genes ({steps}) were correlated as residuals of the design's "
        f"model{apart if shared else ''}; p by Holm over links."
    )


def _genes(found: Any, given: Given) -> str:
    kept = sorted({int(m["genes_kept"]) for m in found.attrs.get("models", [])})
    span = (
        f" ({' to '.join(f'{n:,}' for n in dict.fromkeys((kept[0], kept[-1])))} genes tested)" if kept else ""
    )
    return (
        f"Genes. Single genes were tested by {_tests(found, 'moderated t')}{span}, p adjusted by "
        "Benjamini-Hochberg within one contrast."
    )


def _gene_sets(found: Any, given: Given) -> str:
    return (
        f"Genes of signatures. Each main signature{_beside(found, given)} was tested on its genes "
        f"({_tests(found, 't test')}); beside it by roast (the mean of its genes' moderated t, by "
        "rotations), and by camera against all other genes, with the correlation between its genes "
        "estimated from these samples."
    )


def _beside(found: Any, given: Given) -> str:
    lists = [i for i in own(list(dict.fromkeys(found["signature"])), given.adata) if i not in given.named]
    return f", and {'lists' if len(lists) > 1 else 'a list'} of our own," if lists else ""


def _tests(found: Any, kind: str) -> str:
    """Name the tests, without the models; a row that was not tested tells why instead."""
    return words.listing(dict.fromkeys(t.split(";")[0] for t in found["test"] if t.startswith(kind))) or kind


def _null(found: Any, given: Given) -> str:
    sets = words.count(int(found["n_sets"].max()), "random set") if len(found) else "random sets"
    return f"Random sets. Contrasts were compared with those of {sets} matched for size, expression and sign."


def _sensitivity(found: Any, given: Given) -> str:
    among = {"expressed genes only": "among expressed genes only", "all genes": "among all genes"}
    names = [among.get(s, s) for s in dict.fromkeys(found["specification"]) if s != "as is"]
    return f"Confounders. Contrasts of the main signatures were repeated {words.listing(names)}."


def _cells(found: Any, given: Given) -> str:
    others = [
        ROUTES.get(route, route) for route in dict.fromkeys(found.table["route"]) if route != "pseudobulk"
    ]
    beside = (
        f"to check it: {words.listing(others)}".replace(", arcsine", " (arcsine)")
        if others
        else "no other route was taken"
    )
    return f"Cells. The result is of sums of cells; {beside}. The unit is the replicate in all."


def _multiverse(found: Any, given: Given) -> str:
    table = found.table
    n = words.count(
        len(table[["signature", "method", "normalisation", "test"]].drop_duplicates()), "specification"
    )
    methods = words.listing(dict.fromkeys(table["method"]))
    return f"Choices. Every contrast was estimated under {n} (all versions of a signature; {methods})."


PARTS: dict[str, tuple[Callable[[Any, Given], str], tuple[str, ...]]] = {
    "claims": (_claims, ("holm",)),
    "questions": (_questions, ("holm",)),
    "stroma": (_stroma, ()),
    "rescue": (_rescue, ("fieller", "tost", "holm")),
    "chain": (_chain, ("holm",)),
    "genes": (_genes, ("limma", "voom", "tmm")),
    "gene_sets": (_gene_sets, ("roast", "camera", "maxt")),
    "null": (_null, ()),
    "sensitivity": (_sensitivity, ()),
    "cells": (_cells, ()),
    "multiverse": (_multiverse, ("multiverse", "specification_curve")),
}
"""By the name of the argument of `ms.report`: what writes the paragraph, and the statistics that it names."""
