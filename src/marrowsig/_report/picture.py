"""A figure of a report: a PNG at twice its size on the page, its words, and the files that it becomes."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marrowsig._report import address
from marrowsig._report.few_colours import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

DPI = 270  # letters of 7 points in print become 13 pixels high on the page, at twice its resolution
WIDE = 480
LEAD = "figure"
"""Name of the figure for a paper, which lies beside the report and not among the others; narrow ones, each of
one signature, have its id behind it."""


@dataclass(frozen=True)
class Figure:
    """One picture: file name without suffix, PNG, what it shows in words, and its address on the page.

    `drawn` is the figure of matplotlib, from which other formats are written.
    """

    name: str
    png: bytes
    alt: str
    caption: str
    id: str = ""
    drawn: Any = field(default=None, repr=False, compare=False)

    def file(self, ending: str) -> bytes:
        """Content of its file: PNG as on the page, all else as `ms.pl.save` writes it."""
        from marrowsig.pl.save import encoded

        return self.png if ending == ".png" and not self.leads else encoded(self.drawn, ending)

    def files(self, endings: Sequence[str]) -> dict[str, bytes]:
        """Content by path in the folder of a run; the one for a paper as PDF and PNG, and with its legend."""
        if self.leads:
            drawn = {f"{self.name}{e}": self.file(e) for e in dict.fromkeys([".pdf", ".png", *endings])}
            return {**drawn, f"{self.name}.txt": f"{self.caption}\n".encode()}
        return {f"figures/{self.name}{e}": self.file(e) for e in endings}

    @property
    def leads(self) -> bool:
        """Whether it is for a paper, of all main signatures or of one."""
        return self.name == LEAD or self.name.startswith(f"{LEAD}_")

    @property
    def src(self) -> str:
        """Picture as a data address, so that the page needs no other file."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"

    @property
    def full(self) -> bool:
        """Whether the picture needs the width of the page."""
        return self.width > WIDE

    @property
    def width(self) -> int:
        """Width on the page in CSS pixels, half of the picture's own."""
        return int.from_bytes(self.png[16:20], "big") // 2

    @property
    def height(self) -> int:
        """Height on the page in CSS pixels."""
        return int.from_bytes(self.png[20:24], "big") // 2


def picture(name: str, ax: Axes, alt: str, caption: str) -> Figure:
    """Keep what was drawn as a PNG, and close it."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from marrowsig.pl._style import quiet_layout

    figure: Any = ax.figure
    try:
        figure.set_dpi(DPI)
        figure.set_facecolor("white")
        canvas = FigureCanvasAgg(figure)
        with quiet_layout():
            canvas.draw()  # once: savefig draws twice, for the layout and for the file
        png = small(canvas)
        figure.set_layout_engine("none")  # files of other formats keep what was laid out for the page
    finally:
        plt.close(figure)
    file = re.sub(r"[^A-Za-z0-9_-]+", "_", name)
    return Figure(file, png, alt, caption, address.figure(name), figure)
