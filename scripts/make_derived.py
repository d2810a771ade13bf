"""Write marrowsig's own signatures from the catalogue and the evidence table; never edit them by hand.

    python scripts/make_derived.py            # writes signatures/<axis>/<name>.toml
    python scripts/make_derived.py --check    # says which files are not what this script writes

The rules stand in the functions `emt_blast`, `stat3_specific`, `stat1_specific` and `stroma_blood_absent`;
every step is recorded with the number of genes that it leaves. They were fixed from the evidence before any
of the data sets of docs/derived.md was scored. No list that was made from one of these data sets has a vote.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._genes import table as gene_table
from marrowsig.sig import evidence, load
from marrowsig.sig._evidence import BIASED, EXPRESSED, PRONE, UNEXPRESSED
from marrowsig.sig._toml import dumps, from_doc
from marrowsig.sig._words import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
MADE = dt.date(2026, 11, 26)  # of the rules: a later date means other rules
ATLAS = "Human Protein Atlas v22 (proteinatlas.org), immune cells, Monaco data set, CC BY-SA; classes derived"
MSIGDB = "lists via MSigDB (CC BY 4.0)"

# Studies that measured EMT in the cells that undergo it, and the Hallmark consensus. Without a vote: bulk
# tumours (alonso2007, mak2016 and others: their lists are stroma in part), sarrio2008 (a quarter of it is
# cell cycle), and foroutan2017 (made from the data on which these sets are judged).
EMT_STUDIES = {
    "Hallmark": ("emt.hallmark",),
    "Gavish2023": tuple(f"emt.gavish2023_mp{k}" for k in (12, 13, 14, 15)),
    "Barkley2022": ("emt.barkley2022_pemt", "emt.barkley2022_cemt"),
    "Gotzmann2006": ("emt.gotzmann2006",),
    "Jechlinger2003": ("emt.jechlinger2003",),
    "Tan2014": ("emt.tan2014_cellline",),
}
# Responses to IL-6 or to active STAT3; pathway components have no vote.
STAT3_STUDIES = {
    "Hallmark": ("il6.hallmark",),
    "Brocke2004": ("il6.brocke2004",),
    "Croonquist2003": ("il6.croonquist2003",),
    "Dasu2004": ("il6.dasu2004", "il6.dasu2004_scar"),
    "Dauer2005": ("stat3.dauer2005",),
    "Azare2007": ("stat3.azare2007", "stat3.azare2007_transformation"),
    "Baker2007": ("stat3.baker2007",),
    "Numata2005": ("stat3.numata2005",),
}
# Dauer2005 measured what active STAT3 switches off, and that is interferon's programme.
INTERFERON_STUDIES = {
    "Hallmark": ("control.hallmark_ifn_alpha", "control.hallmark_ifn_gamma"),
    "PROGENy": ("control.progeny_jak_stat",),
    "Dauer2005 falling": ("stat3.dauer2005",),
}
CYCLE = ("control.tirosh2016_s", "control.tirosh2016_g2m")
STROMA = ("hay_stroma", "core_matrisome", "estimate_stromal")
LEAST = 2  # studies that must agree, and the lead over the other side
BLAST_PTPM = 10  # stroma at 1 % must make 1000 pTPM of a gene to double it
Doc = dict[str, Any]


@dataclass
class Funnel:
    """Genes that are left, and the steps so far."""

    genes: list[str]
    steps: list[str] = field(default_factory=list)

    def keep(self, what: str, test: Callable[[str], Any]) -> None:
        """Drop the genes that fail, and note what is left."""
        self.genes = [g for g in self.genes if test(g)]
        self.steps.append(f"{len(self.genes)}: {what}")


@dataclass(frozen=True)
class Votes:
    """Studies that list a gene as rising, and as falling; a gene that one study lists as both has neither."""

    up: dict[str, list[str]]
    down: dict[str, list[str]]

    def n(self, gene: str) -> int:
        """Count the studies in which it rises."""
        return len(self.up.get(gene, ()))


def votes(studies: dict[str, tuple[str, ...]]) -> Votes:
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for study, ids in studies.items():
        turn = -1 if study.endswith("falling") else 1
        pairs = {(g, turn * w > 0) for sig in load(*ids) for g, w in sig.genes.items()}
        for gene, rises in sorted(pairs):
            if (gene, not rises) not in pairs:
                (up if rises else down).setdefault(gene, []).append(study)
    return Votes(up, down)


def members(*ids: str) -> set[str]:
    return {g for sig in load(*ids) for g in sig.genes}


def facts(genes: list[str]) -> dict[str, Doc]:
    return {str(g): dict(row) for g, row in evidence(genes).iterrows()}


def level(row: Doc) -> float:
    """Higher of progenitors and monocytes, which blasts resemble; neutrophils say nothing of them."""
    return max(row["progenitor_ptpm"], row["monocyte_ptpm"])


def emt_blast(*, mature_free: bool) -> tuple[Funnel, dict[str, str]]:
    emt = votes(EMT_STUDIES)
    cycle, interferon = members(*CYCLE), members("control.hallmark_ifn_alpha")
    left = Funnel(sorted(emt.up))
    left.keep(f"rise in one of {len(EMT_STUDIES)} studies of EMT", lambda g: True)
    left.keep(f"rise in at least {LEAST} studies", lambda g: emt.n(g) >= LEAST)
    left.keep("fall in no study", lambda g: g not in emt.down)
    left.keep(
        "not of the cell cycle, not of interferon alpha, not IL6",
        lambda g: g not in cycle | interferon | {"IL6"},
    )
    row = facts(left.genes)
    left.keep("not contamination-prone", lambda g: row[g]["class"] not in PRONE)
    left.keep("not core matrisome", lambda g: not row[g]["core_matrisome"])
    left.keep(
        "not marrow stroma (Hay 2018), not ESTIMATE stromal", lambda g: not any(row[g][f] for f in STROMA)
    )
    left.keep("expressed in a myeloid population, by measurement", lambda g: row[g]["class"] in EXPRESSED)
    left.keep(
        f"at least {BLAST_PTPM} pTPM in progenitors or monocytes", lambda g: level(row[g]) >= BLAST_PTPM
    )
    if mature_free:
        left.keep("not biased to mature cells", lambda g: row[g]["class"] != BIASED)
    why = {
        g: f"rises in {', '.join(emt.up[g])}; pTPM {row[g]['progenitor_ptpm']:g} in progenitors, "
        f"{row[g]['monocyte_ptpm']:g} in monocytes"
        for g in left.genes
    }
    return left, why


def stat3_specific() -> tuple[Funnel, dict[str, str]]:
    stat3, ifn, cycle = votes(STAT3_STUDIES), votes(INTERFERON_STUDIES), members(*CYCLE)
    left = Funnel(sorted(stat3.up))
    left.keep(f"rise in one of {len(STAT3_STUDIES)} studies of IL-6 or STAT3", lambda g: True)
    left.keep(f"rise in at least {LEAST} studies", lambda g: stat3.n(g) >= LEAST)
    left.keep("fall in no study", lambda g: g not in stat3.down)
    left.keep(
        f"at least {LEAST} more studies of STAT3 than of interferon list it",
        lambda g: stat3.n(g) - ifn.n(g) >= LEAST,
    )
    left.keep("not of the cell cycle, not IL6", lambda g: g not in cycle | {"IL6"})
    row = facts(left.genes)
    left.keep("not core matrisome", lambda g: not row[g]["core_matrisome"])
    left.keep("not measured as silent in myeloid cells", lambda g: row[g]["class"] not in UNEXPRESSED)
    return left, {g: _sides(g, stat3, ifn) for g in left.genes}


def stat1_specific() -> tuple[Funnel, dict[str, str]]:
    stat3, ifn = votes(STAT3_STUDIES), votes(INTERFERON_STUDIES)
    left = Funnel(sorted(ifn.up))
    left.keep(f"rise in one of {len(INTERFERON_STUDIES)} sources on interferon", lambda g: True)
    left.keep(f"rise in at least {LEAST} sources", lambda g: ifn.n(g) >= LEAST)
    left.keep(
        f"at least {LEAST} more sources on interferon than studies of STAT3 list it",
        lambda g: ifn.n(g) - stat3.n(g) >= LEAST,
    )
    return left, {g: _sides(g, stat3, ifn) for g in left.genes}


def _sides(gene: str, stat3: Votes, ifn: Votes) -> str:
    both = {"STAT3": stat3.up.get(gene, []), "interferon": ifn.up.get(gene, [])}
    return "; ".join(f"{side}: {', '.join(names) or 'none'}" for side, names in both.items())


def stroma_blood_absent() -> tuple[Funnel, dict[str, str]]:
    tested = {g for sig in _every() if sig.axis != "control" for g in sig.genes}
    everything = evidence()
    row = {str(g): dict(r) for g, r in everything[everything["hay_stroma"]].iterrows()}
    left = Funnel(sorted(row))
    left.keep("marrow-stroma genes (Hay 2018)", lambda g: True)
    left.keep("below 1 pTPM in all 29 blood populations", lambda g: row[g]["blood_absent_stroma"])
    left.keep("not expressed in K562", lambda g: row[g]["class"] in PRONE[:2])
    left.keep("in no signature of EMT, IL-6 or STAT3 of the catalogue", lambda g: g not in tested)
    return left, {g: f"at most {row[g]['blood_ptpm']:g} pTPM in 29 blood populations" for g in left.genes}


def _every() -> list[Any]:
    from marrowsig.sig._load import shipped_documents

    derived = {id for id, doc in shipped_documents().items() if "derived_from" in doc["source"]}
    human = {id for id, doc in shipped_documents().items() if doc["species"] == "human"}
    return list(load(*sorted(human - derived)))


def ids_of(*studies: dict[str, tuple[str, ...]]) -> list[str]:
    return sorted({id for group in studies for ids in group.values() for id in ids})


def documents() -> dict[str, Doc]:
    blast = {"kind": "programme", "tier": "main", "role": "response", "expect": {"coculture": "up"}}
    emt = ids_of(EMT_STUDIES, {"": (*CYCLE, "control.hallmark_ifn_alpha", *_stroma_ids())})
    stat = ids_of(STAT3_STUDIES, INTERFERON_STUDIES)
    docs = [
        _document(
            "emt.blast",
            "EMT genes that blasts express and stroma does not swamp",
            emt_blast(mature_free=False),
            emt,
            use=blast,
            note="rising genes only: genes that fall in EMT are lineage genes in marrow, or off",
        ),
        _document(
            "emt.blast_mature_free",
            "emt.blast without genes that rise as myeloid cells mature",
            emt_blast(mature_free=True),
            emt,
            use=blast,
            note="read it beside emt.blast: if only that one rises, cells matured",
        ),
        _document(
            "stat3.specific",
            "IL-6/STAT3 response that interferon drives less",
            stat3_specific(),
            sorted({*stat, *CYCLE, _stroma_ids()[1]}),
            use=blast | {"kind": "response"},
            note="rising genes only; IL6 itself is left out, for stroma makes it; CCNA2 and CCNB1 stay, "
            "since the cell-cycle lists used do not hold them",
        ),
        _document(
            "stat1.specific",
            "Interferon/STAT1 response that STAT3 drives less",
            stat1_specific(),
            stat,
            use={"kind": "response", "tier": "main", "role": "interferon"},
            atlas=False,
            note="the other side of stat3.specific, by the same rule",
        ),
        _document(
            "control.stroma_blood_absent",
            "Marrow-stroma genes that no blood cell expresses",
            stroma_blood_absent(),
            [_stroma_ids()[0]],
            use={"kind": "markers", "tier": "main", "role": "stroma"},
            note="shares no gene with any shipped signature of EMT, IL-6 or STAT3",
        ),
    ]
    return {doc["id"]: doc for doc in docs}  # fmt: skip


def _stroma_ids() -> tuple[str, str, str]:
    return "control.hay2018_stroma", "control.naba2012_core_matrisome", "control.estimate_stromal"


def _document(
    id: str,
    title: str,
    made: tuple[Funnel, dict[str, str]],
    parents: list[str],
    *,
    use: Doc,
    note: str,
    atlas: bool = True,
) -> Doc:
    """Assemble the file; `atlas` says whether the Human Protein Atlas decided on members."""
    left, why = made
    known = gene_table().ensembl_of
    source: Doc = {
        "where": "scripts/make_derived.py, from data/evidence/marrow.tsv and the lists in derived_from",
        "derived_from": parents,
        "steps": left.steps,
        "retrieved": MADE,
        "sha256": inputs(parents),
        "licence": "CC-BY-SA-4.0" if atlas else "CC-BY-4.0",
        "redistribute": True,
        "cite": "marrowsig",
        "also_cite": ["Uhlen2015", "Uhlen2019", "Monaco2019"] if atlas else [],
        "attribution": f"{ATLAS}; {MSIGDB}" if atlas else MSIGDB,
        "note": note,
    }
    return {
        "schema": SCHEMA,
        "id": id,
        "title": title,
        "axis": id.partition(".")[0],
        "species": "human",
        "status": "curated",
        "source": {k: v for k, v in source.items() if v != []},
        "context": {"cells": "none: derived from published lists; judged in docs/derived.md"},
        "use": use,
        "genes": {
            g: {"w": 1.0} | ({"id": known[g]} if g in known else {}) | {"why": why[g]} for g in left.genes
        },
    }


def inputs(parents: list[str]) -> str:
    """Hash of what went in: the evidence table and the genes of every list."""
    table = (ROOT / "data" / "evidence" / "marrow.tsv").read_bytes()
    lines = "".join(f"{sig.id}\t{sig.sha256}\n" for sig in load(*parents))
    return hashlib.sha256(table + lines.encode()).hexdigest()


def path_of(id: str, out: Path) -> Path:
    return out / f"{id.replace('.', '/')}.toml"


def stale(docs: dict[str, Doc], out: Path) -> list[str]:
    """Ids whose file is not what `docs` would be written as."""
    files = {id: path_of(id, out) for id in docs}
    return [
        id for id, f in files.items() if not f.is_file() or f.read_text(encoding="utf-8") != dumps(docs[id])
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    parser.add_argument("--out", type=Path, default=ROOT / "signatures")
    args = parser.parse_args()
    docs = documents()
    if args.check:
        if odd := stale(docs, args.out):
            msg = f"not what scripts/make_derived.py writes; run it: {', '.join(odd)}"
            raise SystemExit(msg)
        return
    for id, doc in docs.items():
        from_doc(doc, id)  # refuse to write what the package would refuse to read
        path_of(id, args.out).parent.mkdir(parents=True, exist_ok=True)
        path_of(id, args.out).write_text(dumps(doc), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{id}\n" + "".join(f"  {step}\n" for step in doc["source"]["steps"]))


if __name__ == "__main__":
    main()
