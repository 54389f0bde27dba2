"""Who read which words, in the audit log: once in ten minutes, again from further back, and in bounded memory."""

import asyncio
import threading

import pytest

from jorge_data.events import Cursor
from jorge_data.server.auth import opened_transcripts
from jorge_data.server.auth.audited_acts import ONCE_IN
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.opened_transcripts import OpenedTranscripts
from jorge_data.store.sql.audit_log import SQLAudit
from tests.clock import Clock
from tests.waiting import wait_until

ANN = Claims("ann", "agent", "office", session="s1", agent_id="u1")
EPOCH = "1" * 16


def test_who_reads_waits_for_no_disk_that_hangs_and_it_is_written_all_the_same(
    audit: SQLAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_transcripts, "WRITTEN_WITHIN_S", 0.05)
    hangs = threading.Event()
    held = audit._writer.run(lambda connection: hangs.wait(60))
    try:
        read_from(OpenedTranscripts(audit, str), 0)
        assert not held.done()
    finally:
        hangs.set()
    held.result(10)
    wait_until(lambda: written(audit) == [("location.read", "the socket, from 0")])


def written(audit: SQLAudit) -> list[tuple[str, str]]:
    return [(entry.act.act, entry.act.what) for entry in audit.after(0, 1000)]


def read_from(opened: OpenedTranscripts, position: int, by: Claims = ANN) -> None:
    asyncio.run(opened.record_all(by, "office", "the socket", Cursor(EPOCH, position)))


def test_whoever_goes_on_reading_is_one_entry_and_whoever_comes_back_another(audit: SQLAudit) -> None:
    opened = OpenedTranscripts(audit, str, clock := Clock())
    for position in range(5, 50):
        read_from(opened, position)
        clock.now += ONCE_IN.total_seconds() - 1
    assert written(audit) == [("location.read", "the socket, from 5")]
    clock.now += 2
    read_from(opened, 50)
    assert written(audit)[1:] == [("location.read", "the socket, from 50")]


def test_whoever_reads_further_back_is_another_entry(audit: SQLAudit) -> None:
    opened = OpenedTranscripts(audit, str, Clock())
    for position in (50, 60, 20, 30, 0, 40):
        read_from(opened, position)
    assert [what for _, what in written(audit)] == [f"the socket, from {position}" for position in (50, 20, 0)]


@pytest.mark.parametrize(
    "nobody",
    [
        Claims("a bot", "agent", "office", agent_id="u1"),
        Claims("vera", "viewer", "office", session="s2"),
        Claims("dashboard", "dashboard"),
    ],
    ids=["without a login", "who sees no contact", "a dashboard itself"],
)
def test_who_is_no_person_or_sees_no_words_is_in_no_entry(audit: SQLAudit, nobody: Claims) -> None:
    read_from(OpenedTranscripts(audit, str, Clock()), 0, nobody)
    assert written(audit) == []


def test_kinds_that_have_no_words_are_in_no_entry(audit: SQLAudit) -> None:
    opened = OpenedTranscripts(audit, str, Clock())
    for types in ({"intent_analysis_complete"}, {"intent_analysis_complete", "conversation_event"}, None):
        asyncio.run(opened.record_all(ANN, "office", "polling", Cursor(EPOCH, 0), types))
    assert len(written(audit)) == 1


def test_what_is_remembered_is_bounded(audit: SQLAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_transcripts, "MOST", 3)
    opened = OpenedTranscripts(audit, str, Clock())
    for number in range(10):
        read_from(opened, 0, Claims(f"ann-{number}", "manager", session="s"))
        asyncio.run(opened.record(ANN, "office", f"c{number}"))
    assert len(opened._opened) == len(opened._read_from) == 3
    assert len(written(audit)) == 20
