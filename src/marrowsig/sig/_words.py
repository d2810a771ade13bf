"""The words that a signature file may use."""

from __future__ import annotations

import re

SCHEMA = 1
SHIPPED = ("emt", "il6", "stat3", "stat1", "control")
OTHER = "other"
"""Axis of lists of one's own that belong to none of these."""
AXES = (*SHIPPED, OTHER)
STATUSES = ("curated", "draft", "retired")
FACTORS = ("coculture", "resistant", "inhibitor")
DIRECTIONS = ("up", "down", "none")
KINDS = {
    "response": "genes whose RNA changed when the programme was switched on",
    "stroma_response": "genes whose RNA changed in stromal cells: a rise in a mixed sample may be theirs",
    "programme": "genes that go together over samples or cells",
    "footprint": "weights of the genes that a pathway moves, over many experiments",
    "regulon": "targets of a transcription factor",
    "components": "parts of a pathway or a family: capacity, not a response",
    "markers": "genes that tell one kind of cell or sample from the others",
    "formula": "genes of a published score, with its weights or its rule",
    "reference": "genes to compare or to normalise with",
}
TIERS = ("main", "extra")
RULES = ("correlation",)
UNMAPPED = "unmapped"
FACTS = "LicenseRef-published-facts"
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT", "BSD-3-Clause", "Apache-2.0", FACTS)
MIN_GENES = 5

ID = re.compile(rf"({'|'.join(AXES)})\.([a-z0-9][a-z0-9_]*)")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
ENSEMBL = re.compile(r"ENSG\d{11}")
PERMISSION = re.compile(r"permission: .+, .+")
