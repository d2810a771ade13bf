"""What a signature file says of its use: kind of list, tier, and what scoring it needs."""

from __future__ import annotations

from typing import Any

from marrowsig.sig._words import KINDS, RULES, TIERS

Problem = tuple[str, str]


def is_text(value: object) -> bool:
    """Whether `value` is text that says something."""
    return isinstance(value, str) and bool(value.strip())


def shape_problems(use: dict[str, Any]) -> list[Problem]:
    """Kind of list, and what it needs before it can be scored."""
    found: list[Problem] = []
    for key, words in (("kind", tuple(KINDS)), ("tier", TIERS)):
        if key in use and use[key] not in words:
            found.append((f"use.{key}", f"is {use[key]!r}; use one of {', '.join(words)}"))
    found += [
        (f"use.{k}", "is not a sentence")
        for k in ("not_scored", "caution")
        if k in use and not is_text(use[k])
    ]
    requires = use.get("requires")
    if requires is not None and not _is_requirement(requires):
        found.append(("use.requires", 'is not { varies = ["CDH1"], why = "..." }'))
    weights = use.get("weights")
    if weights is not None and not _is_rule(weights):
        found.append(("use.weights", 'is not { rule = "correlation", gene = "CDH1", sign = 1 or -1 }'))
    elif weights is not None and not (requires and weights["gene"] in requires.get("varies", ())):
        found.append(("use.requires", f"must say that {weights['gene']} varies, since use.weights needs it"))
    return found


def _is_requirement(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"varies", "why"}:
        return False
    genes = value["varies"]
    return is_text(value["why"]) and isinstance(genes, list) and bool(genes) and all(map(is_text, genes))


def _is_rule(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"rule", "gene", "sign"}:
        return False
    return value["rule"] in RULES and is_text(value["gene"]) and value["sign"] in (1, -1)


def problems(doc: dict[str, Any], *, published: bool) -> list[Problem]:
    """Kind of list, which a shipped file must say, against what is expected of it."""
    use = doc.get("use", {})
    use = use if isinstance(use, dict) else {}
    found: list[Problem] = []
    if published and "kind" not in use:
        found.append(("use.kind", f"is missing; use one of {', '.join(KINDS)}"))
    if use.get("kind") in {"components", "stroma_response"} and use.get("expect"):
        found.append(("use.expect", f"a list of kind {use['kind']} states no direction for leukaemia cells"))
    return found
