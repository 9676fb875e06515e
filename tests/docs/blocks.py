"""Code blocks of a Markdown document, and how what they show is compared with what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

REPOSITORY = Path(__file__).resolve().parents[2]
RUNNABLE = frozenset({"bash", "console", "python", "yaml", "json", "toml"})
_REASON = re.compile(r'not-run="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A fenced block. `words` is its info string: the language, then what the tests need to know."""

    document: Path
    line: int
    words: str
    text: str

    @property
    def language(self) -> str:
        return self.words.split(" ", 1)[0]

    @property
    def part(self) -> str:
        """For yaml: the part of adapter.yaml whose members are shown, such as `Dataset`."""
        rest = _REASON.sub("", self.words).split()[1:]
        return rest[0] if rest else ""

    @property
    def reason(self) -> str | None:
        """Why the block is not run, from its info string: ```bash not-run="needs an Oracle server"."""
        found = _REASON.search(self.words)
        return found[1] if found else None

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(REPOSITORY)}:{self.line}"


def documents() -> list[Path]:
    """README in both languages, everything in docs/, and the READMEs of the worked adapters."""
    found = [*REPOSITORY.glob("README*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("adapters/*/*.md")]
    return sorted(found)


def blocks(document: Path) -> list[Block]:
    tokens = MarkdownIt().parse(document.read_text(encoding="utf-8"))
    return [
        Block(document, token.map[0] + 1 if token.map else 0, token.info.strip(), token.content)
        for token in tokens
        if token.type in {"fence", "code_block"}
    ]


def links(document: Path) -> list[str]:
    """Where the document points to within the repository, without fragments."""
    tokens = [
        child for token in MarkdownIt().parse(document.read_text(encoding="utf-8")) for child in token.children or ()
    ]
    found = [str(token.attrs.get("href") or token.attrs.get("src") or "") for token in tokens]
    return [link.partition("#")[0] for link in found if link and "://" not in link and not link.startswith("#")]


@dataclass(frozen=True)
class Step:
    """A command of a console block and the output shown below it."""

    command: str
    shown: str


def steps(block: Block) -> Iterator[Step]:
    """`$ command`, further lines of it after `> `, then its output up to the next `$ `."""
    command: list[str] = []
    output: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield Step("\n".join(command), "\n".join(output))
            command, output = [line[2:]], []
        elif line.startswith("> ") and command and not output:
            command.append(line[2:])
        else:
            output.append(line)
    if not command:
        raise AssertionError(f"{block.place}: a console block shows no command after `$ `")
    yield Step("\n".join(command), "\n".join(output))


def agrees(shown: str, happened: str) -> bool:
    """Whether the output is as shown: `…` stands for any text in a line, alone for any lines."""
    pattern = ""
    for line in shown.strip("\n").splitlines():
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += "[^\n]*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    happened = happened.strip("\n")
    return re.fullmatch(pattern, happened + "\n" if happened else "") is not None
