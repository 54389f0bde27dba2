"""Rows: what a figure was made of, each once, as many as the figure says."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from jorge_data.errors import Invalid
from jorge_data.metrics.entities import CUBES
from tests.server.query.conftest import History
from tests.server.query.past import END, events

SPAN = {"from_": (END - timedelta(days=6, seconds=5)).isoformat(), "to": (END - timedelta(hours=7)).isoformat()}
FILTERED = [
    ("jorge_qualification_progress", ["seller_temperature:eq:hot", "stall_detected:eq:false"]),
    ("lead_bot_sequence_update", ["sequence_day:in:3,7", "success:eq:true"]),
    ("lead_bot_sequence_update", ["sequence_day:ge:7"]),
    ("property_alert", ["score_bin:ge:70"]),
    ("property_alert", ["score_bin:eq:80", "contact_id:ne:c1"]),
    ("effectiveness_spread", ["bin:eq:40"]),
    ("intent_feature", ["feature:ne:a"]),
    ("bot_status_update", ["processing_time_ms:gt:450"]),
    ("seller_step", ["state:eq:done"]),
    ("sequence_due", []),
    ("deal_stage", ["stage:eq:Offer"]),
    ("component_time", ["status:ne:down"]),
    ("intent_label", []),
]


@pytest.mark.parametrize("order", ["time", "-time"])
@pytest.mark.parametrize(("kind", "where"), FILTERED, ids=lambda value: "-".join(value) if value else None)
def test_pages_have_each_row_once_and_as_many_as_the_figure(
    past: History, kind: str, where: list[str], order: str
) -> None:
    conditions = [("where", condition) for condition in where]
    pages = list(past.pages(*conditions, kind=kind, order=order, limit="37", **SPAN))
    rows = [row for page in pages for row in page["rows"]]
    answer = past.series(*conditions, kind=kind, **SPAN)["rows"]
    assert [page["total"] for page in pages] == [len(rows)] * len(pages)
    assert len(rows) == (answer[0][1] if answer else 0)
    times = [row[pages[0]["columns"].index("time")] for row in rows]
    assert times == sorted(times, reverse=order == "-time")
    if not CUBES[kind].entity:
        assert len({tuple(map(str, row)) for row in rows}) == len(rows)


def test_a_row_is_the_event_as_it_was_published(past: History) -> None:
    event = next(event for event in past.published if event["type"] == "property_alert")
    where = ("where", f"id:eq:{event['id']}")
    columns = "id,source,match_score,property,score_bin,seq"
    page = past.table(where, kind="property_alert", columns=columns)
    score = event["data"]["match_score"]
    seq = past.published.index(event) + 1
    assert page["rows"] == [[event["id"], event["source"], score, None, str(int(score // 10 * 10)), seq]]
    assert (page["columns"], page["next"], page["total"]) == (columns.split(","), None, 1)


DERIVED = {"property_alert": "score_bin", "intent_analysis_complete": "within_target"}


def test_a_row_of_nothing_derived_is_the_event_too(past: History) -> None:
    for kind, event in {event["type"]: event for event in past.published}.items():
        where = ("where", f"id:eq:{event['id']}")
        page = past.table(where, kind=kind)
        (row,) = page["rows"]
        shown = dict(zip(page["columns"], row, strict=True))
        assert shown | event["data"] | {"id": event["id"], "source": event["source"]} == shown
        if kind in DERIVED:
            (further,) = past.table(where, kind=kind, columns=",".join([*shown, DERIVED[kind]]))["rows"]
            assert further[:-1] == row


def test_positions_alone_can_be_asked_for(past: History) -> None:
    pages = list(past.pages(kind="property_alert", order="time", limit="50", columns="seq"))
    positions = [seq for page in pages for (seq,) in page["rows"]]
    assert sorted(positions) == [
        seq for seq, event in enumerate(past.published, 1) if event["type"] == "property_alert"
    ]


def test_pages_are_as_of_the_first_while_more_is_published(empty: History) -> None:
    many = [event for event in events(400) if event["type"] == "conversation_event"]
    empty.publish(many[::2])
    seen: list[Any] = []
    fresh = iter(many[1::2])
    for page in empty.pages(kind="conversation_event", order="time", limit="5", columns="id"):
        seen += page["rows"]
        empty.publish([late for late in [next(fresh, None)] if late])
    assert sorted(seen) == sorted([event["id"]] for event in many[::2])


def test_the_list_of_contacts_has_every_contact_once_in_any_order(past: History) -> None:
    contacts = {e["data"]["contact_id"] for e in past.published if e["type"] in _OF_CONTACTS}
    for order in ("at", "-at", "name"):
        pages = list(past.pages(kind="contacts", order=order, limit="9"))
        rows = [row for page in pages for row in page["rows"]]
        assert {row[0] for row in rows} == contacts
        assert len(rows) == pages[0]["total"] == len(contacts)
        by = pages[0]["columns"].index(order.removeprefix("-"))
        assert all(_in_order(a[by], b[by], order.startswith("-")) for a, b in pairwise(rows))


@pytest.mark.parametrize(("kind", "id_"), [("contacts", "contact_id"), ("deals", "deal_id")])
def test_a_list_is_narrowed_by_the_ids_of_its_rows(past: History, kind: str, id_: str) -> None:
    ids = sorted(row[0] for page in past.pages(kind=kind, columns=id_) for row in page["rows"])
    for operator, values, expected in (
        ("eq", ids[:1], ids[:1]),
        ("in", ids[:3], ids[:3]),
        ("in", [*ids[:2], "nobody"], ids[:2]),
        ("ne", ids[:1], ids[1:]),
        ("eq", ["nobody"], []),
    ):
        pages = list(past.pages(kind=kind, columns=id_, where=f"{id_}:{operator}:{','.join(values)}"))
        assert sorted(row[0] for page in pages for row in page["rows"]) == expected
        assert pages[0]["total"] == len(expected)


_OF_CONTACTS = ("jorge_qualification_progress", "lead_bot_sequence_update", "conversation_event", "property_alert")


def _in_order(first: str, second: str, descending: bool) -> bool:
    return first >= second if descending else first <= second


def test_deals_are_found_by_text_and_by_what_they_are(past: History) -> None:
    newest: dict[str, Any] = {}
    for event in sorted((e for e in past.published if e["type"] == "commission_update"), key=lambda e: e["time"]):
        newest[event["data"]["deal_id"]] = event["data"]
    page = past.table(kind="deals", q="D1", order="-value", limit="1000")
    assert {row[0] for row in page["rows"]} == {name for name in newest if "d1" in name}
    won = past.table(("where", "status:eq:won"), kind="deals", columns="deal_id,value", order="value", limit="1000")
    values = {name: data["deal_value"] for name, data in newest.items() if data["status"] == "won"}
    assert dict(won["rows"]) == values
    assert [row[1] for row in won["rows"]] == sorted(values.values())


def test_a_search_is_turned_page_by_page_and_no_row_stands_on_two(past: History) -> None:
    whole = past.table(kind="deals", q="d1", columns="deal_id", limit="1000")
    listed: list[Any] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = past.table(kind="deals", q="d1", columns="deal_id", limit="3", **cursor)
        listed += page["rows"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert listed == whole["rows"]
    assert len(listed) == whole["total"] > 3
    assert listed[0] == ["d1"]  # that very one, though others of those that are called so are newer


def test_text_with_signs_of_a_pattern_is_looked_for_as_it_is(past: History) -> None:
    for text in ("%", "_", "c_", "\\", "'"):
        assert past.table(kind="contacts", q=text)["rows"] == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"kind": "people"}, "kind is 'people'"),
        ({"kind": "contacts", "columns": "password"}, "columns is 'password': allowed is one of contact_id"),
        ({"kind": "contacts", "where": "password:eq:1"}, "where is 'password'"),
        ({"kind": "bot_status_update", "order": "status"}, "order is 'status': allowed is one of time, -time"),
        ({"kind": "contacts", "order": "match"}, "order is 'match': allowed is one of at, -at, value"),
        ({"kind": "bot_status_update", "limit": "1001"}, "limit is '1001': allowed is 1–1000"),
        ({"kind": "bot_status_update", "q": "x"}, "q is 'x': allowed is a search in contacts and deals alone"),
        ({"kind": "bot_status_update", "cursor": "!"}, "cursor is '!': allowed is what `next`"),
        ({"kind": "bot_status_update", "cursor": "W10"}, "cursor is 'W10': allowed is what `next`"),
    ],
)
def test_what_may_not_be_asked_is_told_by_name(past: History, query: dict[str, str], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        past.table(**query)
    assert message in str(refused.value)


def test_a_cursor_belongs_to_its_question(past: History) -> None:
    page = past.table(kind="bot_status_update", limit="1")
    with pytest.raises(Invalid, match="of a page of this very question"):
        past.table(kind="bot_status_update", limit="1", order="time", cursor=page["next"])
