"""What every test may use, and the rule about skipping: where nothing may be skipped, a skip is a failure."""

import os
from collections.abc import Iterator

import pytest

from tests.served import Served

TOGETHER = ("browser", "reconciliation")
"""Packages whose tests share what takes long to set up: a browser and a dashboard, an office of three months."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of a file, or of such a package, to one worker where there are several."""
    for item in items:
        package, _, module = item.module.__name__.removeprefix("tests.").partition(".")  # type: ignore[attr-defined]
        item.add_marker(pytest.mark.xdist_group(package if package in TOGETHER else f"{package}.{module}"))


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
