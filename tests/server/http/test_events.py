"""Polling: the socket's cursor, and its rules of resuming, over plain HTTP."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from jorge_data.events import Cursor
from jorge_data.server.auth.claims import ANONYMOUS
from jorge_data.server.context import MOST_EMPTY, LocationHandle
from jorge_data.server.figures.live_figures import LiveFigures
from jorge_data.server.http import events
from jorge_data.server.log.assignments import AssignmentMap, ErasedContacts
from jorge_data.server.log.frames import FrameCache
from jorge_data.server.log.tail import Tail
from jorge_data.store import Bounds, Store
from tests.served import Served
from tests.server.clients import publish, seqs, subscribe
from tests.server.logs import EPOCH, MemoryStore, records


def test_polling_walks_the_log_page_by_page(served: Served, location: str) -> None:
    publish(served, location, 7)
    seen, after = [], "oldest"
    for _ in range(4):
        page = served.get("/events", location=location, after=after, limit=3)
        seen.append(seqs(page["events"]))
        after = f"{page['epoch']}:{page['position']}"
    assert seen == [[1, 2, 3], [4, 5, 6], [7], []]


def test_a_page_ends_where_the_log_is_announced_so_that_its_position_can_be_resumed_from() -> None:
    tail, store = Tail(Bounds("office", EPOCH, 1, 3)), cast(Store, MemoryStore(*records(1, 5)))
    whose, figures = AssignmentMap(store, "office"), cast(LiveFigures, None)
    handle = LocationHandle(tail, figures, FrameCache(), whose, ErasedContacts(()), 0.0)

    def page(after: Cursor) -> dict[str, Any]:
        answer = events._poll(handle, store, after, 500, None, ANONYMOUS)
        return cast("dict[str, Any]", orjson.loads(asyncio.run(answer)[0]))

    first = page(Cursor(EPOCH, 0))
    assert (seqs(first["events"]), first["position"]) == ([1, 2, 3], 3)
    assert page(Cursor(EPOCH, first["position"]))["recovered"] is True


def test_latest_says_where_the_log_ends(served: Served, location: str) -> None:
    publish(served, location, 3)
    page = served.get("/events", location=location)
    assert page == {**page, "events": [], "recovered": True, "top": 3, "oldest": 1, "position": 3}


@pytest.mark.parametrize("cursor", ["00000000:1", "{epoch}:4", ":2"])
def test_a_cursor_that_cannot_be_honoured_is_told_so(served: Served, location: str, cursor: str) -> None:
    epoch = publish(served, location, 3)[0]["epoch"]
    page = served.get("/events", location=location, after=cursor.format(epoch=epoch))
    assert page == {**page, "events": [], "recovered": False, "position": 3}


def test_a_log_that_began_after_the_cursor_is_read_from_its_start(served: Served, location: str) -> None:
    empty = served.get("/events", location=location)
    assert (empty["epoch"], empty["top"], empty["recovered"]) == ("", 0, True)
    publish(served, location, 2)
    page = served.get("/events", location=location, after=f"{empty['epoch']}:{empty['position']}")
    assert (seqs(page["events"]), page["recovered"]) == ([1, 2], True)


def test_a_filter_passes_over_the_rest_and_moves_on(served: Served, location: str) -> None:
    publish(served, location, 5)
    page = served.get("/events", location=location, after="oldest", types="intent_analysis_complete")
    assert (page["events"], page["position"]) == ([], 5)
    page = served.get("/events", location=location, after="oldest", types="intent_feedback, bot_status_update")
    assert len(page["events"]) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "0000011000"},
        {"limit": "-1"},
        {"limit": "٣"},
        {"after": "yesterday"},
        {"after": "e:-1"},
        {"after": f"e:{10**20}"},
        {"types": "rumour"},
        {"location": "a/b"},
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(served: Served, query: dict[str, str]) -> None:
    answer = served.session.get(f"{served.url}/events", params=query, headers=served.bearer(), timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_the_timeline_of_a_contact_is_read_backwards(served: Served, location: str) -> None:
    publish(served, location, 3, subject="ann")
    publish(served, location, 1, subject="bob")
    path = "/api/contacts/ann/timeline"
    newest = served.get(path, location=location, limit=2)["events"]
    assert seqs(newest) == [3, 2]
    earlier = served.get(path, location=location, before=f"{newest[-1]['epoch']}:{newest[-1]['seq']}")["events"]
    assert seqs(earlier) == [1]


def test_the_figures_are_as_of_what_was_published(served: Served, location: str) -> None:
    for _ in range(3):
        newest = publish(served, location, 4)[-1]
        figures = served.get("/api/dashboard/metrics", location=location)
        assert figures["position"] == {"epoch": newest["epoch"], "seq": newest["seq"]}
        assert figures["bots"]["jorge-seller"]["events_1h"] == newest["seq"]


def test_the_figures_of_an_office_without_events_are_null_and_never_zero(served: Served, location: str) -> None:
    figures = served.get("/api/dashboard/metrics", location=location)
    assert (figures["position"], figures["freshness_s"], figures["counting"]) == (None, None, None)
    assert {figures["qualification"]["hot"], figures["conversations"]["active"], figures["ml"]["p95_ms"]} == {None}
    assert (figures["bots"], figures["sources"], figures["needs"]["count"]) == ({}, {}, 0)


def test_a_reader_who_names_hundreds_of_empty_offices_is_refused_and_the_others_are_served(
    tmp_path: Path, location: str
) -> None:
    with Served(tmp_path) as server, ExitStack() as stack:
        publish(server, location, 1)
        for n in range(MOST_EMPTY):  # each is followed, so that none is idle however slow this machine is
            assert subscribe(server.connect(stack), f"none-{n}")["type"] == "subscribed"
        refused = server.session.get(f"{server.url}/events?location=none-{MOST_EMPTY}", timeout=5)
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        assert server.get("/events", location=location, after="oldest")["top"] == 1
        publish(server, f"{location}-new", 1)
        assert server.get("/events", location=f"{location}-new", after="oldest")["top"] == 1
