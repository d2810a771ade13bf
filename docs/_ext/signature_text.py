"""The parts of a signature's page, in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown import facts as listed
from markdown import plain, table

from marrowsig.sig import evidence
from marrowsig.sig._words import FACTS, KINDS

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.sig import Signature, SignatureSet

NEAREST = 8
OWN = "marrowsig"
DERIVED = ("docs/derived.md", "[their page](../derived.md)")
TIERS = {
    "main": "scored where its axis is named",
    "extra": "scored where its id is named, or with `extra=True`",
}
SHIPPED_AS = "a gene list printed in a paper, taken as facts with citation"
MARROW = {
    "contamination_prone_strict": "silent in blood, high in stroma",
    "contamination_prone": "silent in blood, expressed in stroma",
    "K562_only": "silent in sorted blood, expressed in K562",
    "myeloid_low": "low",
    "myeloid_expressed": "expressed",
    "myeloid_expressed_maturation_biased": "expressed, more in mature cells",
    "not_myeloid_other": "not in myeloid cells",
    "no_data": "not measured",
}


def lead(sig: Signature) -> str:
    """Title, arms, and how to load it."""
    return (
        f'**{plain(sig.title)}**: {arms(sig)}.\n\n```python\nsig = ms.sig.load("{sig.id}")["{sig.id}"]\n```'
    )


def arms(sig: Signature) -> str:
    """How many genes raise the score, and how many lower it."""
    if "weights" in sig.use:
        return f"{len(sig)} genes, weighted by the samples at hand"
    return f"{len(sig.up)} genes raise the score" + (f", {len(sig.down)} lower it" if sig.down else "")


def facts(sig: Signature) -> str:
    """Source, licence, context and hash."""
    source, doi = sig.source, str(sig.source.get("doi", ""))
    keys = [str(source["cite"]), *map(str, source.get("also_cite", ()))] if source.get("cite") else []
    papers = ["made for this package" if key == OWN else f"{{cite:t}}`{key}`" for key in keys]
    licence = str(source.get("licence", ""))
    rows = {
        "paper": ", ".join(papers),
        "DOI": f"[{plain(doi)}](https://doi.org/{doi})" if doi else "",
        "where in it": plain(source.get("where", "")),
        "obtained from": plain(source.get("obtained", "")),
        "retrieved": plain(source.get("retrieved", "")),
        "licence": f"{SHIPPED_AS} (`{FACTS}`)" if licence == FACTS else plain(licence),
        "attribution": plain(source.get("attribution", "")),
        "kind of list": plain(f"{sig.kind.replace('_', ' ')}: {KINDS.get(sig.kind, '')}"),
        "tier": f"{sig.tier}: " + TIERS[sig.tier],
        "status": "curated: compared with the source" if sig.status == "curated" else plain(sig.status),
        **{name: plain(value).replace(*DERIVED) for name, value in sig.context.items()},
        "role": plain(sig.use.get("role", "")),
        "expected before any scoring": plain(
            "; ".join(f"{factor}: {way}" for factor, way in sig.expect.items())
        ),
        "derived from": ", ".join(f"[{plain(id)}]({id}.md)" for id in source.get("derived_from", ())),
        "steps": "; ".join(plain(step) for step in source.get("steps", ())),
        "hash of the genes": f"`{sig.sha256}`",
        "hash of the source": f"`{source['sha256']}`" if source.get("sha256") else "",
    }
    return "## Source\n\n" + listed(rows.items())


def warnings(sig: Signature, row: pd.Series) -> str:
    """Say what has to be known before the score is read."""
    use = sig.use
    said = [use.get(key, "") for key in ("not_scored", "caution", "note")] + [sig.source.get("note", "")]
    if "requires" in use:
        needs = ", ".join(use["requires"].get("varies", ()))
        said.append(f"scored only where {needs} varies over the samples: {use['requires'].get('why', '')}")
    if sig.status == "draft":
        said.append("draft: read from a single copy, or its copy is damaged or not the canonical form")
    if sig.kind == "components":
        said.append("it lists the parts of a pathway: their level is capacity, not a response")
    if sig.kind == "stroma_response":
        said.append("it was measured in stromal cells: a rise in a mixed sample may be theirs")
    said += _shares(sig, row)
    return "## Know before you read its score\n\n" + "\n".join(f"- {_sentence(s)}" for s in said if s)


def _sentence(text: str) -> str:
    text = plain(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _shares(sig: Signature, row: pd.Series) -> list[str]:
    if not row["measured"] > 0:
        return ["none of its genes was measured in sorted blood cells"]
    counted = "genes" if "weights" in sig.use else "genes that raise the score"
    said = (
        f"of its {len(sig.up)} {counted}, {row['measured']:.0%} were measured in sorted blood cells; of "
        f"these {row['unexpressed']:.0%} are not expressed in myeloid cells, {row['prone']:.0%} are so "
        f"silent in blood that carried-over stroma would swamp them, and {row['mature']:.0%} are higher "
        "in mature cells"
    )
    return [said]


def neighbours(sig: Signature, shipped: SignatureSet) -> str:
    """List the signatures that share most genes."""
    own, rows = sig.genes, []
    for other in shipped:
        shared = own.keys() & other.genes.keys()
        if other.id == sig.id or not shared:
            continue
        opposite = sum(own[g] * other.genes[g] < 0 for g in shared)
        jaccard = len(shared) / (len(own) + len(other) - len(shared))
        rows.append((jaccard, len(shared), other, opposite))
    rows.sort(key=lambda row: (-row[0], row[2].id))
    if not rows:
        return "## Overlap\n\nIt shares no gene with another shipped signature."
    head = [
        "signature",
        "shared genes",
        "Jaccard index",
        "share of the smaller",
        "of these in opposite direction",
    ]
    body = [
        [f"[{plain(o.id)}]({o.id}.md)", n, f"{j:.2f}", f"{n / min(len(own), len(o)):.0%}", opposite or ""]
        for j, n, o, opposite in rows[:NEAREST]
    ]
    rest = f"\n{len(rows) - NEAREST} more share a gene or several." if len(rows) > NEAREST else ""
    return f"## Overlap\n\n{table(head, body)}{rest}"


def genes(sig: Signature) -> str:
    """All genes with weight, id, evidence and where marrow expresses them."""
    kind = evidence(sig.genes)["class"]
    columns = {
        "weight": {g: f"{w:+g}" for g, w in sig.genes.items()},
        "Ensembl": sig.ids,
        "in the source": sig.listed_as,
        "evidence": {g: plain(why) for g, why in sig.why.items()},
        "in blood and marrow": {g: MARROW.get(kind[g], kind[g].replace("_", " ")) for g in sig.genes},
    }
    used = {name: values for name, values in columns.items() if values}
    rows = (
        [plain(g) + (" (unknown to HGNC)" if g in sig.unmapped else ""),
         *(values.get(g, "") for values in used.values())]
        for g in sig.genes
    )  # fmt: skip
    return f"## Genes\n\nThe last column is the class in `ms.sig.evidence`.\n\n{table(['gene', *used], rows)}"
