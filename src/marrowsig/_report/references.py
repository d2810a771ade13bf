"""Papers that the methods of a report name."""

from __future__ import annotations

MARROWSIG = "after Lu et al., Cancer Sci 2023, doi:10.1111/cas.15855"
STATISTICS = {
    "Benjamini": "Benjamini and Hochberg, J R Stat Soc B 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.",
    "Holm": "Holm, Scand J Stat 1979, 6:65-70.",
    "Hedges": "Hedges, J Educ Stat 1981, doi:10.3102/10769986006002107.",
    "Freedman": "Freedman and Lane, J Bus Econ Stat 1983, doi:10.1080/07350015.1983.10509354.",
    "Langsrud": "Langsrud, Stat Comput 2005, doi:10.1007/s11222-005-4789-5.",
    "Fieller": "Fieller, J R Stat Soc B 1954, doi:10.1111/j.2517-6161.1954.tb00159.x.",
    "Schuirmann": "Schuirmann, J Pharmacokinet Biopharm 1987, doi:10.1007/BF01068419.",
    "Smyth": "Smyth, Stat Appl Genet Mol Biol 2004, doi:10.2202/1544-6115.1027.",
    "Law": "Law et al., Genome Biol 2014, doi:10.1186/gb-2014-15-2-r29.",
    "Robinson": "Robinson and Oshlack, Genome Biol 2010, doi:10.1186/gb-2010-11-3-r25.",
    "Roast": "Wu et al., Bioinformatics 2010, doi:10.1093/bioinformatics/btq401.",
    "Camera": "Wu and Smyth, Nucleic Acids Res 2012, doi:10.1093/nar/gks461.",
    "Steegen": "Steegen et al., Perspect Psychol Sci 2016, doi:10.1177/1745691616658637.",
    "Simonsohn": "Simonsohn et al., Nat Hum Behav 2020, doi:10.1038/s41562-020-0912-z.",
    "Seal": "Seal et al., Nucleic Acids Res 2023, doi:10.1093/nar/gkac888.",
}


def cited(method: str) -> str:
    """Where a scoring method is described: its paper, or its definition in words."""
    from marrowsig import methods
    from marrowsig._errors import InputError

    try:
        found = methods.get(method)
    except InputError:
        return "a method of the user's own"
    return f"{found.summary}; {found.ref}" if found.ref else found.summary
