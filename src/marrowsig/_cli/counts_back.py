"""A script that writes counts which log values of a file give back, in the place of Python in a message."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from marrowsig._cli.lines import HELD

MATRIX = "marrowsig.matrix"
"""Under which name the context of a command keeps the path of its matrix."""
CODE = re.compile(
    r"(?:adata)?(?P<what>\.raw|X) is (?P<logs>log1p .*?, which gives the counts back): (?P<code>.*?)\. "
    r"It assumes that (?P<needs>[^.]*)\."
)
"""What `hidden_counts` says."""


def as_script(text: str, matrix: str | Path | None) -> str:
    """Write the code of `text` as lines to paste that read `matrix` and write another file.

    Blanks of the script are held, so that no line of it is broken where the message is wrapped. No file that
    exists is named as the one to write. Of a file that is no .h5ad the text stays.

    >>> said = "X is log1p of y, which gives the counts back: x = adata.X. It assumes that z."
    >>> print(as_script(said, "my.h5ad").replace(HELD, " "))
    X is log1p of y, which gives the counts back if z. In Python:
    import anndata, numpy as np, scipy.sparse
    adata = anndata.read_h5ad('my.h5ad')
    x = adata.X
    adata.write_h5ad('my_counts.h5ad')
    Then give my_counts.h5ad in place of my.h5ad.
    """
    path = Path(matrix or "")
    found = CODE.search(text)
    if found is None or path.suffix.lower() != ".h5ad":
        return text
    read, (made, there) = f"anndata.read_h5ad({str(path)!r})", _free(path.stem)
    name = "full" if found["what"] == ".raw" else "adata"
    code = found["code"].split("; ")
    code = [code[0].replace("adata", read, 1), *code[1:]] if name == "full" else [f"adata = {read}", *code]
    names = [shlex.quote(name).replace(" ", HELD) for name in (made, str(path), there)]
    kept = f" {names[2]} is there already and stays as it is." if there else ""
    script = ["import anndata, numpy as np, scipy.sparse", *code, f"{name}.write_h5ad({made!r})"]
    said = f"{found['what']} is {found['logs']} if {found['needs']}"
    return "\n".join(
        [
            f"{text[: found.start()]}{said}. In Python:",
            *(line.replace(" ", HELD) for line in script),
            f"Then give {names[0]} in place of {names[1]}.{kept}{text[found.end() :]}",
        ]
    )


def _free(stem: str) -> tuple[str, str]:
    """Name a file that does not exist yet, and the first one that does and is not to be overwritten."""
    first = f"{stem}_counts.h5ad"
    names = (first, *(f"{stem}_counts_{n}.h5ad" for n in range(2, 1000)))
    made = next((name for name in names if not Path(name).exists()), names[-1])
    return made, first if made != first else ""
