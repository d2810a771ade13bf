"""How often a column of cell types is known by its levels, and another column is taken for one.

`python tests/bench/type_words.py`. Labels are those of public annotations of marrow and blood, and of columns
that stand beside them; each is asked whole, and 400 times with so many of its levels drawn at random.
"""

from __future__ import annotations

import numpy as np

from marrowsig._type_words import typed_levels

TYPES = {
    "van Galen 2019": "HSC Prog GMP ProMono Mono cDC pDC earlyEry lateEry ProB B Plasma T CTL NK HSC-like "
    "Prog-like GMP-like ProMono-like Mono-like cDC-like",
    "Azimuth PBMC, level 1": "B|CD4 T|CD8 T|DC|Mono|NK|other|other T",
    "Azimuth PBMC, level 2": "ASDC|B intermediate|B memory|B naive|CD14 Mono|CD16 Mono|CD4 CTL|CD4 Naive|"
    "CD4 Proliferating|CD4 TCM|CD4 TEM|CD8 Naive|CD8 Proliferating|CD8 TCM|CD8 TEM|cDC1|cDC2|dnT|Doublet|"
    "Eryth|"
    "gdT|HSPC|ILC|MAIT|NK|NK Proliferating|NK_CD56bright|pDC|Plasmablast|Platelet|Treg",
    "Azimuth marrow, level 2": "ASDC|BaEoMa|CD14 Mono|CD16 Mono|CD4 Effector|CD4 Memory|CD4 Naive|CD8 Memory|"
    "CD8 Naive|CLP|Early Eryth|EMP|GMP|HSC|Late Eryth|LMPP|Macrophage|Memory B|Naive B|NK|Plasma|Platelet|"
    "pre B|pre-mDC|pre-pDC|pro B|Prog Mk|Stromal|transitional B",
    "CellTypist, high": "B cells|B-cell lineage|Cycling cells|DC|DC precursor|Double-negative thymocytes|"
    "Endothelial cells|Epithelial cells|Erythroid|Fibroblasts|Granulocytes|HSC/MPP|ILC|Macrophages|"
    "Mast cells|"
    "Megakaryocyte precursor|Monocytes|Myelocytes|pDC|Plasma cells|Promyelocytes|T cells",
    "Kang 2018": "B cells|CD14+ Monocytes|CD4 T cells|CD8 T cells|Dendritic cells|FCGR3A+ Monocytes|"
    "Megakaryocytes|NK cells",
    "10x PBMC 3k": "B|CD14 Mono|CD4 Memory|CD8 T|DC|FCGR3A Mono|Megakaryocyte|NK|Naive CD4 T",
    "Granja 2019": "01_HSC|02_Early.Eryth|03_Late.Eryth|04_Early.Baso|05_CMP.LMPP|06_CLP.1|07_GMP|"
    "08_GMP.Neut|"
    "09_pDC|10_cDC|11_CD14.Mono.1|13_CD16.Mono|15_CLP.2|16_Pre.B|17_B|18_Plasma|19_CD8.N|20_CD4.N1|22_CD4.M|"
    "23_CD8.EM|25_NK",
    "niche of marrow": "MSC|Osteo|Endothelial|Fibroblast|Pericyte|Adipo|Chondrocyte|Smooth muscle",
    "whole words": "Hematopoietic stem cells|Granulocyte-monocyte progenitors|Classical monocytes|"
    "Dendritic cells|Natural killer cells|T cells|B cells|Plasma cells|Erythroblasts",
}
OTHERS = {
    "culture": "mono|co|co-culture with MSC", "condition": "AML|healthy|MDS|relapse|remission",
    "tissue": "BM|PB|spleen|cord blood|lymph node", "fab": "M0|M1|M2|M3|M4|M5|M6|M7",
    "donor": "AML1|AML2|AML3|BM4|BM5|P1024|P1030",
    "day": "D0|D15|D31|D97",
    "risk": "favorable|intermediate|adverse",
    "mutation": "NPM1|FLT3-ITD|DNMT3A|TP53|RUNX1|CEBPA", "line": "HL60|MOLM13|MV4-11|OCI-AML3|THP1|KG1a|U937",
    "drug": "DMSO|ruxolitinib|tofacitinib|AraC|venetoclax|DNR", "cytokine": "IL6|IFNG|TNF|TGFB1|GM-CSF|M-CSF",
    "stroma": "HS-5|HS-27a|MS-5|OP9|primary MSC|none", "sort": "CD34+|CD34+CD38-|CD45+|CD33+|CD90+|unsorted",
    "sorted cells": "CD14+|CD16+|CD4+|CD8+|CD19+",
    "library": "SI-GA-A1|SI-GA-B1|SI-GA-C1",
    "sex": "F|M|unknown",
    "plate": "A|B|C|D|E|T|NK",
    "cluster": "0|1|2|3|4|5|6|7",
    "phase": "G1|S|G2M",
    "doublet": "singlet|doublet",
    "chemistry": "10x 3' v2|10x 3' v3|10x 5'|Seq-Well|Smart-seq2", "response": "CR|PR|NR|refractory|MRD+",
    "subtype": "myeloid|lymphoid|mixed phenotype|undifferentiated",
    "patient state": "blast crisis|chronic|accelerated",
    "diagnosis": "T-ALL|B-ALL|AML|MPAL|CLL|MM", "malignancy": "malignant|normal|unclear",
}  # fmt: skip
DRAWN, RUNS = (3, 5, 8), 400


def main() -> None:
    rng = np.random.default_rng(0)
    for title, columns in (("types", TYPES), ("others", OTHERS)):
        print(f"| {title} | levels | whole | " + " | ".join(f"{k} levels" for k in DRAWN) + " |")
        print("|---|---:|---:|" + "---:|" * len(DRAWN))
        for name, text in columns.items():
            levels = text.split("|") if "|" in text else text.split()
            drawn = [_share(rng, levels, k) for k in DRAWN]
            cells = [name, len(levels), "yes" if typed_levels(levels) else "no", *drawn]
            print("| " + " | ".join(map(str, cells)) + " |")


def _share(rng: np.random.Generator, levels: list[str], n: int) -> str:
    """Share of draws of `n` levels that are known as types."""
    if n > len(levels):
        return ""
    told = [bool(typed_levels(rng.choice(levels, n, replace=False))) for _ in range(RUNS)]
    return f"{np.mean(told):.2f}"


if __name__ == "__main__":
    main()
