"""Readiness: each part's state and its reason, and whether events can be published."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from jorge_data.server.readiness import Readiness

START = datetime(2026, 12, 1, 9, tzinfo=UTC)


class _Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_server_whose_store_has_not_reported_is_not_ready() -> None:
    readiness = Readiness()
    assert (readiness.is_ready, readiness.status, readiness.parts()) == (False, "failed", ())
    readiness.report("store", "ok")
    assert (readiness.is_ready, readiness.status) == (True, "ok")


def test_without_a_part_that_publishing_needs_it_is_not_ready() -> None:
    readiness = Readiness()
    readiness.report("store", "ok")
    readiness.report("archive", "failed", "1 day cannot be read")
    assert (readiness.is_ready, readiness.status) == (True, "degraded")
    readiness.report("store", "failed", "the disk is full")
    assert (readiness.is_ready, readiness.status) == (False, "failed")
    readiness.report("store", "ok")
    assert (readiness.is_ready, readiness.status) == (True, "degraded")


def test_since_is_when_the_state_began_whatever_reasons_it_had() -> None:
    clock = _Clock()
    readiness = Readiness(clock)
    readiness.report("store", "failed", "the disk is full")
    clock.now += timedelta(minutes=1)
    readiness.report("store", "failed", "the file was deleted")
    (part,) = readiness.parts()
    assert part.as_json() == {"state": "failed", "why": "the file was deleted", "since": "2026-12-01T09:00:00Z"}
    readiness.report("store", "ok")
    (part,) = readiness.parts()
    assert (part.as_json()["since"], part.as_json()["why"]) == ("2026-12-01T09:01:00Z", None)


def test_a_report_that_changes_nothing_is_no_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    readiness = Readiness()
    for _ in range(3):
        readiness.report("store", "failed", "the disk is full")
    readiness.report("store", "ok")
    readiness.report("store", "ok")
    assert caplog.messages == ["store is failed: the disk is full", "store is well again"]
