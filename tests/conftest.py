"""What every test may use, and the rule about skipping: where nothing may be skipped, a skip is a failure."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.served import Served

# How long an example takes says something of the machine, which is shared: 200 ms are Hypothesis' own limit.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


gc.disable()  # until all is collected: 900,000 objects are for ever, and to look at them again takes a third of it


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Have what was collected looked at no more: each full look at it would take half a second.

    Around the collection, and not at its end: xdist's main process collects nothing, and comes to none.
    """
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Gives the tests of a file to one worker, and all tests of a package that share what takes long to set up."""

    TOGETHER = "tests/browser/", "tests/reconciliation/"
    """One browser and one dashboard; one office of three months."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((package for package in self.TOGETHER if file.startswith(package)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if os.environ.get("JORGE_NOTHING_SKIPPED") and report.skipped and not hasattr(report, "wasxfail"):  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One event server for all tests that only need one: each keeps to a location of its own."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        yield server
