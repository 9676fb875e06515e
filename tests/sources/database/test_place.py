"""What a person is told about a server that cannot be reached."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from datong.sources.database._source import whereabouts


def test_place_is_named_without_the_password() -> None:
    """Host, port, database and user are told in both languages, the password never."""
    told = whereabouts(sa.make_url("postgresql+psycopg://reader:geheim@10.1.2.3:5433/register"))
    assert told is not None
    for text in told:
        assert all(part in text for part in ("postgresql", "10.1.2.3:5433", "register", "reader"))
        assert "geheim" not in text


@pytest.mark.parametrize("address", ["sqlite:///legacy.db", "sqlite://"])
def test_files_are_not_named_twice(address: str) -> None:
    """A file's own message names it already."""
    assert whereabouts(sa.make_url(address)) is None
