"""The channel: messages are read while the server is subscribed, and no more is promised."""

import json

from tests.served import bot_status
from tests.server.redis_source.conftest import STREAM, Pair


def say(pair: Pair, message: object) -> int:
    """Publish on the channel; return how many listened."""
    body = message if isinstance(message, str) else json.dumps(message)
    return int(pair.redis.client.publish(STREAM, body))


def refused(pair: Pair) -> float:
    text = pair.served.session.get(f"{pair.served.url}/metrics").text
    (line,) = [line for line in text.splitlines() if line.startswith("jorge_events_refused_total")]
    return float(line.split()[1])


def test_what_is_said_is_kept_one_by_one_or_in_lists(pair: Pair, location: str) -> None:
    events = [bot_status(number, locationid=location) for number in range(6)]
    assert say(pair, events[0]) == 1
    say(pair, events[1:4])
    say(pair, events[4:])
    steps = [event["data"]["current_step"] for event in pair.events(location, 6)]
    assert steps == [f"step-{number}" for number in range(6)]


def test_nonsense_is_refused_and_the_next_is_heard(pair: Pair, location: str) -> None:
    before = refused(pair)
    for nonsense in ("hello", "{", "[]", "5", json.dumps(bot_status(type="rumour"))):
        say(pair, nonsense)
    say(pair, bot_status(locationid=location))
    assert len(pair.events(location, 1)) == 1
    assert refused(pair) == before + 5


def test_an_event_without_an_id_is_a_new_one_each_time(pair: Pair, location: str) -> None:
    bare = bot_status(locationid=location)
    del bare["id"]
    say(pair, bare)
    say(pair, bare)
    assert len(pair.events(location, 2)) == 2
