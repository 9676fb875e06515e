from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.blocks import REPOSITORY, Block, blocks, documents, links
from docs.running import run
from docs.shell import Shell

DOCUMENTS = documents()
EXEMPT = [block for document in DOCUMENTS for block in blocks(document) if block.reason]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    for program in ("bash", "curl"):
        if shutil.which(program) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
    made = Shell(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(REPOSITORY)))
def test_blocks(document: Path, shell: Shell, tmp_path: Path) -> None:
    """Every block of the document does what the document says, in the document's order."""
    for block in blocks(document):
        if block.reason is None:
            run(block, shell, tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(REPOSITORY)))
def test_links(document: Path) -> None:
    """Every link and picture of the document that stays within the repository leads somewhere."""
    assert [link for link in links(document) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("block", EXEMPT, ids=lambda block: block.place)
def test_exempt_block(block: Block) -> None:
    """A block that is not run says why, and the run shows it."""
    pytest.skip(block.reason or "")
