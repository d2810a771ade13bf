"""A tiny study that is drawn on every call, for examples and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig.ds._simulated import simulated

if TYPE_CHECKING:
    from anndata import AnnData

_TOY_EMT = """
ABI3BP ACTA2 ADAM12 ANPEP APLP1 AREG BASP1 BMP1 CADM1 CALD1 CALU CAPG CCN2 CD44 CD59 CDH2 COL1A1 COL3A1
COL4A2 COL5A1 COL5A2 COL6A2 COL8A2 COLGALT1 COPA CTHRC1 CXCL1 CXCL12 CXCL6 CXCL8 DAB2 DCN DPYSL3 DST ECM1
ECM2 EFEMP2 ELN EMP3 ENO2 FAS FBLN1 FBLN2 FBLN5 FBN1 FBN2 FERMT2 FLNA FN1 FSTL1 FSTL3 FUCA1 GADD45A GADD45B
GEM GJA1 GLIPR1 GPC1 GPX7 ID2 IGFBP3 IL15 IL32 IL6 ITGA2 ITGA5 ITGAV ITGB1 ITGB3 ITGB5 JUN LGALS1 LOX LRP1
MCM7 MEST MMP2 MYLK NOTCH2 P3H1 PLAUR PLOD1 PLOD2 PLOD3 PMP22 POSTN PPIB PRSS2 PTX3 PVR QSOX1 RHOB SAT1
SERPINE1 SERPINE2 SERPINH1 SNTB1 SPARC SPP1 TAGLN TGFB1 TGFBI THBS1 TIMP1 TIMP3 TNFAIP3 TPM1 TPM4 VCAN VIM
WIPF1
"""  # members of Hallmark EMT
_TOY_IL6 = """
A2M ACVR1B BAK1 CD14 CRLF2 CSF1 CSF2RA CSF2RB CSF3R CXCL10 CXCL13 EBI3 HAX1 IFNAR1 IFNGR1 IFNGR2 IL10RB
IL13RA1 IL15RA IL17RA IL18R1 IL1B IL1R1 IL1R2 IL2RG IL3RA IL4R IL6ST INHBE IRF9 LTBR MYD88 OSMR PDGFC PF4
PIM1 PTPN1 PTPN2 REG1A SOCS3 STAT1 STAT3 TLR2 TNF TNFRSF1A TNFRSF1B TYK2
"""  # members of Hallmark IL6_JAK_STAT3
_TOY_OTHER = """
ABCB1 ABCC1 ABCG2 ADGRG1 AKR1C3 ARHGAP22 BCL6 BEX3 CD33 CD34 CDH1 CDK6 CEBPD CPXM1 DNMT3B EMP1 EPCAM FAM30A
IL6R JAK1 JAK2 JUNB LAPTM4B MCL1 MKI67 MMP9 MMRN1 MPO MYC NYNRIN PCNA PTPRC RUNX1 SMIM24 SNAI1 SNAI2 SOCS2
SPI1 TWIST1 ZBTB46 ZEB1 ZEB2 ZFP36
"""  # LSC17, EMT transcription factors, niche and blast markers
_TOY_STEADY = """
AAAS ACOT9 AGPS ANAPC15 APEH ARL6IP4 ATF6 ATP6V0B BAHD1 BOLA3 C6orf136 CAPN7 CCDC86 CDC5L CHD8 CLNS1A COG3
COX15 CRTC2 CWC15 DCTN2 DEF8 DKC1 DPH2 ECI1 EIF3A EMC1 ESD FAM98A FEN1 FUNDC2 GFER GOLGA1 GPALPP1 GRWD1
H2AZ1 HGS HNRNPDL IDE IPO7 JUND LARP4 LRPAP1 LYSMD3 MARCHF6 MED10 MFAP1 MICOS13 MLH1 MRPL13 MRPL51 MRS2
MYBBP1A MYG1 NCAPH2 NDUFB6 NFYB NONO NTAN1 ODC1 PAK1IP1 PCYOX1 PEDS1-UBE2V1 PEX26 PIGF PLRG1 POLR2E PPM1A
PRDM4 PSEN2 PSMD9 PYCR2 RABGGTB RBM17 RFC5 RNF115 RPL14 RRN3 RTL8A SART1 SDHB SERINC1 SIL1 SLC39A1 SNAP29
SNX9 SRP72 STAU2 SURF1 TAOK2 TCP1 THYN1 TMCO3 TMEM70 TOR3A TRIM39 TSTD2 TYW1 UBE2Q1
"""  # expressed evenly in most tissues


def toy() -> AnnData:
    """Make a tiny co-culture study, for examples and tests.

    Four replicates (`obs["pair"]`), each as parental and resistant line (`obs["line"]`), alone and with
    stroma (`obs["culture"]`). EMT genes rise in co-culture by 0.4 log2 units in parental and 1.4 in
    resistant cells, IL-6 genes by 0.8 and 1.2; nothing else was made to change.

    Returns
    -------
    AnnData
        Counts, 16 samples x 300 genes (current HGNC symbols), the same on every call.
        `uns["marrowsig"]["input"]` says that they are counts, and simulated.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> adata.shape
    (16, 300)
    >>> adata.obs.groupby(["culture", "line"], observed=True).size().tolist()
    [4, 4, 4, 4]
    """
    obs = _toy_samples()
    blocks = [block.split() for block in (_TOY_EMT, _TOY_IL6, _TOY_OTHER, _TOY_STEADY)]
    counts = _toy_counts(obs, sizes=[len(block) for block in blocks])
    return simulated(counts, obs=obs, genes=[gene for block in blocks for gene in block], file="toy")


def _toy_samples() -> pd.DataFrame:
    rows = [
        {"sample": f"{pair}_{line}_{culture}", "culture": culture, "line": line, "pair": pair}
        for line in ("parental", "resistant")
        for culture in ("mono", "co")
        for pair in ("r1", "r2", "r3", "r4")
    ]
    return pd.DataFrame(rows).set_index("sample")


def _toy_counts(obs: pd.DataFrame, *, sizes: list[int]) -> np.ndarray:
    """Gamma-Poisson counts, `(n_samples, n_genes)`: gene level x pair effect x programme x depth."""
    rng = np.random.default_rng(20261123)
    co = (obs["culture"] == "co").to_numpy()
    resistant = (obs["line"] == "resistant").to_numpy()
    n_genes, n_emt, n_il6 = sum(sizes), sizes[0], sizes[1]
    pair = pd.factorize(obs["pair"])[0]
    log2 = rng.normal(6.0, 1.8, n_genes) + rng.normal(0.0, 0.2, (4, n_genes))[pair]
    log2[:, :n_emt] += (co * np.where(resistant, 1.4, 0.4))[:, None]
    log2[:, n_emt : n_emt + n_il6] += (co * np.where(resistant, 1.2, 0.8))[:, None]
    depth = rng.lognormal(0.0, 0.2, len(obs))[:, None]
    shape = 1.0 / 0.03
    return rng.poisson(2.0**log2 * depth * rng.gamma(shape, 1.0 / shape, log2.shape)).astype(float)
