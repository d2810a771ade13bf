"""Messages of the Python layers name arguments; the command line turns them into its options."""

from __future__ import annotations

import ast
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "marrowsig"
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def words(path: Path) -> list[tuple[int, str]]:
    """Options in the strings of a file, without those of docstrings, each with its line."""
    text = path.read_text(encoding="utf-8")
    if not OPTION.search(text):
        return []  # most files, which need not be parsed
    tree = ast.parse(text)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, found)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
        for found in OPTION.findall(node.value)
    ]


def test_messages_outside_of_the_command_line_name_no_option_of_it() -> None:
    files = [path for path in SOURCE.rglob("*.py") if SOURCE / "_cli" not in path.parents]
    own = [path for path in files if path != SOURCE / "cli.py"]  # the command line itself
    found = {str(path.relative_to(SOURCE)): seen for path in own if (seen := words(path))}
    assert not found, f"write pair='x' in the place of --pair x; _cli/spoken.py makes it an option: {found}"


def unfilled(tree: ast.AST) -> list[str]:
    """Placeholders that stand in the constant parts of f-strings: their own part lacks the f."""
    texts = [p for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for p in node.values]
    said = [p.value for p in texts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
    return [found for text in said for found in re.findall(r"{[a-z_][\w.\[\]'\"]*:[^{} ][^{}]*}", text)]


def test_no_caption_or_message_shows_a_placeholder() -> None:
    assert unfilled(ast.parse('f"{a:g} and " "{alpha:g}"')) == ["{alpha:g}"]
    files = sorted(SOURCE.rglob("*.py"))
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    some = [path for path in files if re.search(r'^[^f"]*"[^"]*{\w+:[^{}"]+}', texts[path], re.MULTILINE)]
    found = {str(path): seen for path in some if (seen := unfilled(ast.parse(texts[path])))}
    assert not found, f"f-strings whose next line lacks its f: {found}"


def test_options_are_seen_in_the_command_line_itself() -> None:
    assert any(words(path) for path in (SOURCE / "_cli").glob("*.py"))
