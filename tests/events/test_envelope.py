"""The envelope: names, moments, location, and what the server sets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jorge_data.errors import EventRefused, Fault, Invalid, TooLarge
from jorge_data.events import Reception, admit, new_id, parse_moment, split
from tests.events.examples import NOW, RECEPTION, admitted, bot, item


def fault_of(attributes: Any) -> Fault:
    with pytest.raises(EventRefused) as refused:
        admitted(attributes)
    (fault,) = refused.value.faults
    return fault


@pytest.mark.parametrize("name", ["id", "source", "subject"])
@pytest.mark.parametrize("text", ["x", "x" * 128, "🏠" * 128, "a b/c:d\n"])
def test_a_name_is_text_of_1_to_128_characters(name: str, text: str) -> None:
    assert getattr(admitted(bot(**{name: text})).event, name) == text


@pytest.mark.parametrize("name", ["id", "source", "subject"])
@pytest.mark.parametrize("value", ["", "x" * 129, 7, True, ["x"], {"x": 1}, "\ud800", "cut\0here"])
def test_another_name_is_refused(name: str, value: Any) -> None:
    fault = fault_of(bot(**{name: value}))
    assert fault.pointer == f"/{name}"
    assert "1–128 characters" in fault.detail
    assert fault.value.encode()


def test_a_missing_id_becomes_a_new_one_each_time() -> None:
    without = {name: value for name, value in bot().items() if name != "id"}
    first, second = (admitted(without).event.id for _ in range(2))
    assert first != second
    assert admitted(bot(id=None)).event.id


def test_a_missing_source_is_refused() -> None:
    without = {name: value for name, value in bot().items() if name != "source"}
    assert fault_of(without).value == "missing"


def test_the_subject_is_the_contact_unless_another_is_named() -> None:
    assert admitted(bot()).event.subject == "c1"
    assert admitted(bot(subject=None)).event.subject == "c1"
    assert admitted(bot(subject="c2")).event.subject == "c2"
    assert admitted(item("intent_feedback")).event.subject is None


@pytest.mark.parametrize("contact", ["", "x" * 129, 7, "cut\0here"])
def test_what_cannot_be_a_name_becomes_no_subject(contact: Any) -> None:
    assert admitted(item("intent_feedback", contact_id=contact)).event.subject is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T17:00:00Z", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-11-23t17:00:00z", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-11-23 17:00:00+00:00", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-11-23T11:00:00.5-06:00", datetime(2026, 11, 23, 17, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-23T22:30:00.123456789+05:30", datetime(2026, 11, 23, 17, 0, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_kept_in_utc(text: str, moment: datetime) -> None:
    assert admitted(bot(time=text)).event.time == moment
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-23",
        "2026-11-23T17:00:00",  # no zone
        "2026-11-23T17:00Z",
        "2026-11-23T17:00:00+0600",
        "2026-11-23T17:00:00+06:75",
        "2026-11-23T17:00:00+24:00",
        "2026-11-23T17:00:60Z",  # a leap second; there has been none since 2016
        "2026-11-23T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",  # before year 1 in UTC
        "9999-12-31T23:59:59-01:00",  # after year 9999 in UTC
        "\u0662\u0660\u0662\u0666-11-23T17:00:00Z",  # digits, but not ours
        " 2026-11-23T17:00:00Z",
        "2026-11-23T17:00:00Z\n",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    fault = fault_of(bot(time=text))
    assert (fault.pointer, fault.value) == ("/time", repr(text))
    assert "RFC 3339 with a zone" in fault.detail


@pytest.mark.parametrize("value", [1763906851, 1.5, True, ["2026-11-23T17:00:00Z"]])
def test_a_moment_is_text(value: Any) -> None:
    assert fault_of(bot(time=value)).pointer == "/time"


def test_a_missing_time_is_the_time_of_receipt() -> None:
    event = admitted(bot()).event
    assert (event.time, event.receivedat) == (NOW, NOW)


def test_five_minutes_ahead_is_as_far_as_a_clock_may_be() -> None:
    limit = NOW + timedelta(minutes=5)
    assert admitted(bot(time=limit.isoformat())).event.time == limit
    fault = fault_of(bot(time=(limit + timedelta(microseconds=1)).isoformat()))
    assert fault.detail == (
        "more than 5 minutes ahead of the clock here, by 5 min: it says 2026-11-23T18:00:00Z, so one of two is wrong"
    )
    assert "more than 5 minutes ahead" in fault_of(bot(time="9999-12-31T23:59:59Z")).detail


def test_the_location_is_the_receptions_unless_the_event_names_one() -> None:
    assert admit(bot(), Reception(NOW, location="north")).event.locationid == "north"
    assert admitted(bot(locationid=None)).event.locationid == "default"
    assert admitted(bot(locationid="kF4N._~-" * 16)).event.locationid == "kF4N._~-" * 16


@pytest.mark.parametrize("value", ["", "a b", "a/b", "../x", "x" * 129, "ü", "x\n", 7])
def test_another_location_is_refused(value: Any) -> None:
    fault = fault_of(bot(locationid=value))
    assert fault == Fault("/locationid", fault.value, "allowed: 1–128 letters, digits and . _ ~ -")


def test_what_only_the_server_sets_is_ignored() -> None:
    claimed = bot(seq=99, epoch="mine", receivedat="2020-01-01T00:00:00Z", priority="critical", specversion="1.0")
    event = admitted(claimed).event
    assert (event.seq, event.epoch, event.receivedat, event.priority) == (0, "", NOW, "normal")


@pytest.mark.parametrize("value", [None, 7, "event", [], [bot()]])
def test_an_event_is_an_object(value: Any) -> None:
    assert fault_of(value).detail == "an event is a JSON object"


def test_a_refusal_names_the_event_where_it_has_a_name() -> None:
    for identifier, expected in [("e7", "e7"), (7, None), ("\ud800", None), ("x" * 129, None)]:
        with pytest.raises(EventRefused) as refused:
            admit(bot(id=identifier, source=""), RECEPTION)
        assert refused.value.id == expected


def test_a_publish_is_one_event_or_a_list_of_up_to_500() -> None:
    assert split(bot()) == [bot()]
    assert len(split([bot()] * 500)) == 500
    with pytest.raises(TooLarge, match="holds 501 events: allowed are 1–500"):
        split([bot()] * 501)
    with pytest.raises(Invalid, match="holds no event"):
        split([])


def test_new_ids_are_uuids_of_version_7_that_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []
    for milliseconds in (0, 1, 1_763_906_851_000, 1_763_906_851_001, 2**48 - 1):
        monkeypatch.setattr("time.time_ns", lambda at=milliseconds: at * 1_000_000)
        ids.append(new_id())
    assert ids == sorted(ids)
    assert all(text[14] == "7" and text[19] in "89ab" and len(text) == 36 for text in ids)
