"""What a section of the page is made of: words, facts, claims, tables, pictures, and folds around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from marrowsig._as_claimed import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.picture import Figure
    from marrowsig.design import Design


LONG = 25
"""Rows or lines beyond which a fold is printed only where the reader opened it."""
LETTERS = 110
"""Letters of a line on paper, about."""
ONE_GENE = "one gene"
"""In the place of a size on fewer genes, where there is but one."""


@dataclass(frozen=True)
class Words:
    """A paragraph; `soft` for remarks on how to read the numbers, `links` behind it."""

    kind: ClassVar[str] = "words"
    text: str
    soft: bool = False
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Heading:
    """A heading within the section, with a remark beside it."""

    kind: ClassVar[str] = "heading"
    text: str
    aside: str = ""


@dataclass(frozen=True)
class Caution:
    """What has to be read before a number is believed."""

    kind: ClassVar[str] = "caution"
    text: str


@dataclass(frozen=True)
class Sentences:
    """A list of sentences."""

    kind: ClassVar[str] = "sentences"
    texts: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "facts"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Link:
    """Way from a number to what stands behind it: the first of `targets` that is on the page, else nothing.

    `plot` is the signature and method that the plot of samples shows on the way, where scripts run.
    """

    text: str
    targets: Sequence[str]
    plot: tuple[str, str] | None = None


@dataclass(frozen=True)
class Claim:
    """One line of the answer; `css` is up, down or open, `full` the sentence with every number."""

    signature: str
    text: str
    css: str
    note: str = ""
    full: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Claims:
    """Lines of the answer to one question."""

    kind: ClassVar[str] = "claims"
    lines: Sequence[Claim]


@dataclass(frozen=True)
class Size:
    """A size with its interval, the p of the same test, and whether this is the size to cite."""

    estimate: str
    p: str
    cite: bool = False


@dataclass(frozen=True)
class Verdict:
    """One claim: few words and numbers in a row, all others behind a line that opens them."""

    id: str
    claim: str
    verdict: str
    scored: Size
    kept: Size | None
    why: str
    more: Sequence[tuple[str, str]]
    full: str
    links: Sequence[Link] = ()

    @property
    def css(self) -> str:
        """Class of the verdict."""
        return self.verdict.replace(" ", "-")


@dataclass(frozen=True)
class Verdicts:
    """The claims as a table that fits a page without scrolling."""

    kind: ClassVar[str] = "verdicts"
    caption: str
    rows: Sequence[Verdict]
    level: str = "95 %"

    @property
    def kept(self) -> bool:
        """Whether any size stands on fewer genes beside that as scored."""
        return any(row.kept and row.kept.estimate != ONE_GENE for row in self.rows)


@dataclass(frozen=True)
class Column:
    """Heading of a column and its class in the page ("n" for numbers)."""

    name: str
    css: str = ""


@dataclass(frozen=True)
class Table:
    """A table as the page shows it; the first cell of a row is its heading.

    `ids` are addresses of the rows, `heads` the ways that their headings go.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: list[Column]
    rows: list[list[Any]]
    ids: Sequence[str] = ()
    heads: Sequence[Link] = ()


@dataclass(frozen=True)
class Pictures:
    """Figures, the narrow ones side by side."""

    kind: ClassVar[str] = "pictures"
    figures: Sequence[Figure]

    @property
    def leading(self) -> list[Figure]:
        """Those for a paper."""
        return [one for one in self.figures if one.leads]


@dataclass(frozen=True)
class Paste:
    """Text to take along, with a button that copies it; `code` keeps its lines."""

    kind: ClassVar[str] = "paste"
    id: str
    label: str
    paragraphs: Sequence[str]
    code: bool = False


@dataclass(frozen=True)
class Explorer:
    """Plot of single samples for a signature and method that the reader chooses; needs scripts."""

    kind: ClassVar[str] = "explorer"
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Fold:
    """Parts behind a line that opens them; on paper they are open, unless they are long."""

    kind: ClassVar[str] = "fold"
    summary: str
    parts: Sequence[Part]

    @property
    def long(self) -> bool:
        """Whether something in it fills more than a page or so."""
        sizes = [_lines(part) for part in self.parts]
        return max(sizes, default=0) > LONG


def _lines(part: Part) -> int:
    """Rows of a table, and lines of text on paper, about; 0 for what is never long."""
    if isinstance(part, Table):
        return len(part.rows)
    if isinstance(part, Paste) and part.code:
        return sum(text.count("\n") + 1 for text in part.paragraphs)
    if isinstance(part, Sentences):
        return sum(len(text) // LETTERS + 1 for text in part.texts)
    return sum(len(text) // LETTERS + 1 for text in part.paragraphs) if isinstance(part, Paste) else 0


Part = (
    Words
    | Heading
    | Caution
    | Sentences
    | Facts
    | Claims
    | Verdicts
    | Table
    | Pictures
    | Paste
    | Explorer
    | Fold
)


@dataclass(frozen=True)
class Section:
    """One section: `id` is its address on the page; one that is `scripted` is there only if scripts run."""

    id: str
    title: str
    parts: Sequence[Part]
    scripted: bool = False


@dataclass(frozen=True)
class Given:
    """What the sections are written from.

    `main` are the rows of `res` of the method that gives the answer, `named` the signatures that the study is
    about, `extras` the further results by the name of their argument of `ms.report`.
    """

    adata: AnnData
    res: pd.DataFrame
    main: pd.DataFrame
    design: Design | FormulaDesign
    contrasts: pd.DataFrame
    coverage: pd.DataFrame
    named: list[str]
    notes: list[str]
    extras: dict[str, Any]
    alpha: float
    title: str = ""

    @property
    def method(self) -> str:
        """Method that gives the answer."""
        return str(self.main["method"].iloc[0])

    @property
    def claims(self) -> pd.DataFrame | None:
        """The claims, if any of them could be asked of these samples."""
        found: pd.DataFrame | None = self.extras.get("claims")
        return None if found is None or found["verdict"].eq("not asked").all() else found

    @property
    def questions(self) -> pd.DataFrame | None:
        """The further questions, if any of them could be asked of these samples."""
        found: pd.DataFrame | None = self.extras.get("questions")
        return None if found is None or found["verdict"].eq("not asked").all() else found

    @property
    def judged(self) -> pd.DataFrame | None:
        """Claims and further questions in one table."""
        return judged(self.extras.get("claims"), self.extras.get("questions"))


def every(parts: Sequence[Part]) -> Iterator[Part]:
    """All parts in the order of the page, those in folds too."""
    for part in parts:
        yield part
        if isinstance(part, Fold):
            yield from every(part.parts)


def pictures(parts: Sequence[Part]) -> Iterator[Figure]:
    """All figures in the order of the page."""
    for part in every(parts):
        if isinstance(part, Pictures):
            yield from part.figures
