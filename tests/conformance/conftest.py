from __future__ import annotations

from collections.abc import Iterator

import pytest
from kit import fake, legacy

from datong.conformance import Observations, Report, Settings, run
from datong.conformance import _context as context_module

OPTIONAL = ("batch", "file", "changes", "corrections", "service", "applications")
QUICK = Settings(population=60, cases=4, wait=3.0)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[legacy.Served]:
    """The real adapter over the legacy register, in this process."""
    made = legacy.serve(tmp_path_factory.mktemp("legacy"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def adapter_report(served: legacy.Served) -> Report:
    """One run of the kit against the real adapter, shared by all tests: nothing in it changes."""
    return run(fake.BASE, legacy.known(), QUICK, issuer=served.issuer, transport=served.transport)


@pytest.fixture(scope="session")
def fake_report() -> Report:
    """One run against the server of the optional classes."""
    server = fake.Fake()
    settings = QUICK.model_copy(update={"classes": OPTIONAL, "wait": 0.5})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context_module, "call_hook", server.hook)
        return run(fake.BASE, fake.known(), settings, transport=server.transport)


@pytest.fixture(scope="session")
def recorded(adapter_report: Report, fake_report: Report) -> dict[str, Observations]:
    """Observations on which the requirements of a class pass, by class."""
    own = {each.conformance: adapter_report.observations for each in adapter_report.verdicts}
    return own | dict.fromkeys(OPTIONAL, fake_report.observations)
