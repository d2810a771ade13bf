"""Write signatures/hashes.tsv: the hash of the genes and weights of every shipped signature.

    python scripts/lock_signatures.py            # after a change that is meant
    python scripts/lock_signatures.py --check    # says which signatures differ from the list

The hashes are those that `uns["marrowsig"]` records with scores, so that an old analysis tells which version
of a signature it used: `git log -S <hash> signatures/hashes.tsv` finds the change.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from marrowsig.sig._load import everything

PATH = Path(__file__).resolve().parents[1] / "signatures" / "hashes.tsv"


def listing() -> str:
    lines = sorted(f"{sig.id}\t{sig.sha256}" for sig in everything())
    return "\n".join(["id\tsha256", *lines]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a hash differs")
    text = listing()
    if not parser.parse_args().check:
        PATH.write_text(text, encoding="utf-8", newline="\n")
        return
    kept = PATH.read_text(encoding="utf-8").splitlines() if PATH.is_file() else []
    odd = sorted({line.partition("\t")[0] for line in set(kept) ^ set(text.splitlines())})
    if odd:
        msg = (
            f"{len(odd)} signatures differ from {PATH.name}: {', '.join(odd)}. If meant, run without --check."
        )
        raise SystemExit(msg)


if __name__ == "__main__":
    main()
