"""The stream: everything in it reaches the log, once, and nothing bad in it stops the others."""

import json
from typing import Any

import pytest

from tests.served import bot_status
from tests.server.redis_source.conftest import STREAM, Pair
from tests.waiting import wait_until


def steps(events: list[dict[str, Any]]) -> list[str]:
    return [event["data"]["current_step"] for event in events]


def test_what_is_added_is_kept_in_order_and_acknowledged(pair: Pair, location: str) -> None:
    for number in range(500):
        pair.add(number=number, locationid=location)
    assert steps(pair.events(location, 500)) == [f"step-{number}" for number in range(500)]
    pair.wait_until_read()


def test_an_event_is_the_same_however_it_comes(pair: Pair, location: str) -> None:
    event = bot_status(id="once", locationid=location)
    pair.served.post(event)
    pair.redis.add(STREAM, event=json.dumps(event))
    pair.redis.client.publish(STREAM, json.dumps(event))
    pair.redis.add(STREAM, event=json.dumps(event))
    pair.add(number=2, locationid=location)
    assert steps(pair.events(location, 2)) == ["step-0", "step-2"]


def test_an_event_without_an_id_is_named_by_its_entry(pair: Pair, location: str) -> None:
    bare = bot_status(locationid=location)
    del bare["id"], bare["source"]
    entry = pair.redis.add(STREAM, event=json.dumps(bare))
    (event,) = pair.events(location, 1)
    assert (event["id"], event["source"]) == (f"{STREAM}:{entry}", "redis")


@pytest.mark.parametrize(
    "fields",
    [{"event": "{"}, {"hello": "world"}, {"event": b"\xff\xfe"}, {"event": json.dumps(bot_status(type="rumour"))}],
    ids=["not-json", "no-event", "not-utf8", "no-such-kind"],
)
def test_a_bad_entry_is_set_aside_in_sight_and_the_good_go_on(
    pair: Pair, location: str, fields: dict[str, Any]
) -> None:
    pair.add(number=1, locationid=location)
    entry = pair.redis.add(STREAM, **fields)
    pair.add(number=2, locationid=location)
    assert steps(pair.events(location, 2)) == ["step-1", "step-2"]
    pair.wait_until_read()
    (aside,) = [refused for refused in pair.refused() if refused["refused.entry"] == entry]
    assert aside["refused.because"]
    assert fields.keys() < aside.keys()


def test_what_a_dead_consumer_took_is_taken_over(own: Pair, location: str) -> None:
    own.served.stop()
    own.add(number=1, locationid=location)
    own.redis.client.xreadgroup("jorge", "dead", {STREAM: ">"})
    own.redis.client.execute_command(  # type: ignore[no-untyped-call]
        "XCLAIM", STREAM, "jorge", "dead", 0, *_pending_ids(own), "IDLE", 3_600_000
    )
    own.served.start()
    assert steps(own.events(location, 1)) == ["step-1"]
    own.wait_until_read()


def _pending_ids(pair: Pair) -> list[bytes]:
    pending: Any = pair.redis.client.xpending_range(STREAM, "jorge", "-", "+", 100)
    return [each["message_id"] for each in pending]


def lost(pair: Pair) -> float:
    text = pair.served.session.get(f"{pair.served.url}/metrics").text
    (line,) = [line for line in text.splitlines() if line.startswith("jorge_redis_entries_lost_total")]
    return float(line.split()[1])


def test_entries_trimmed_before_they_were_read_raise_the_alarm_once(own: Pair, location: str) -> None:
    own.add(number=0, locationid=location)
    own.events(location, 1)
    own.served.stop()
    for number in range(1, 11):
        own.add(number=number, locationid=location)
    own.redis.client.xtrim(STREAM, maxlen=3, approximate=False)
    own.served.start()
    assert steps(own.events(location, 4)) == ["step-0", "step-8", "step-9", "step-10"]
    wait_until(lambda: lost(own) == 7)
    assert f"7 entries of {STREAM} were trimmed before they were read" in own.served.log
    assert health(own)[-1][:1] == ("degraded",)
    own.wait_until_read()
    own.served.stop()
    own.served.start()
    own.add(number=11, locationid=location)
    own.events(location, 5)
    assert lost(own) == 0


def health(pair: Pair) -> list[tuple[str, str]]:
    """Return the health events of Redis in its own location: status and message."""
    page = pair.served.get("/events", location="default", after="oldest", types="system_health_update")
    return [(event["data"]["status"], event["data"]["error_message"] or "") for event in page["events"]]


def test_what_becomes_of_redis_is_told_as_a_component_s_health(own: Pair) -> None:
    wait_until(lambda: len(health(own)) == 1)
    own.redis.kill()
    wait_until(lambda: len(health(own)) == 2)
    own.redis.start()
    wait_until(lambda: len(health(own)) == 3)
    assert [status for status, _ in health(own)] == ["healthy", "down", "healthy"]


def test_a_stream_that_was_trimmed_before_we_came_is_no_loss_of_ours(own: Pair, location: str) -> None:
    own.served.stop()
    own.redis.client.delete(STREAM)
    for number in range(5):
        own.add(number=number, locationid=location)
    own.redis.client.xtrim(STREAM, maxlen=2, approximate=False)
    own.served.start()
    assert steps(own.events(location, 2)) == ["step-3", "step-4"]
    own.wait_until_read()
    assert lost(own) == 0


def test_a_stream_that_was_removed_is_begun_again(own: Pair, location: str) -> None:
    own.add(number=1, locationid=location)
    own.events(location, 1)
    own.redis.client.delete(STREAM)
    own.add(number=2, locationid=location)
    assert steps(own.events(location, 2)) == ["step-1", "step-2"]
