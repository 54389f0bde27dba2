from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.dashboard.push.view_channel import ViewChannel
from tests.dashboard.fake_feeds import HOME, FakeFeeds, event


def applied(view: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Do what the browser does with a patch."""
    newest = max((line["seq"] for line in view["feed"]), default=0)
    worded_anew = {line["seq"]: line for line in patch["feed"] if line["seq"] <= newest}
    shown = [worded_anew.get(line["seq"], line) for line in view["feed"]]
    fresh = [line for line in patch["feed"] if line["seq"] > newest]
    return {**view, **patch["set"], "feed": (fresh + shown)[:50]}


BURSTS = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 900)), max_size=8)
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("conversation_event", {}),
    ("bot_status_update", {"bot_type": "jorge-seller", "status": "error", "error_message": "<b>"}),
    ("system_health_update", {"component": "redis", "status": "down", "response_time_ms": 3.0}),
    ("commission_update", {"deal_id": "d", "deal_value": 400_000.0, "status": "open"}),
]


@settings(max_examples=40, deadline=None)
@given(BURSTS)
def test_the_patches_in_order_make_the_state(bursts: list[tuple[int, int]]) -> None:
    feeds = FakeFeeds()
    location_state = feeds.locations.get(HOME)
    channel = ViewChannel(location_state.view(feeds.now), location_state.generation)
    shown = orjson.loads(channel.state({}))["view"]
    seq, version = 0, channel.version
    for count, seconds in bursts:
        kinds = [KINDS[(seq + n) % len(KINDS)] for n in range(count)]
        location_state.deliver(
            [event(seq + n + 1, HOME, kind, **data) for n, (kind, data) in enumerate(kinds)], feeds.now
        )
        seq, feeds.now = seq + count, feeds.now + seconds
        feeds.tell(seq, names={"c0": f"Name {seconds % 3}"}, conversations={"active": seq, "waiting": 0})
        if patch := channel.advance(location_state.view(feeds.now), {}):
            frame = orjson.loads(patch)
            assert (frame["from"], frame["v"]) == (version, version + 1)
            shown, version = applied(shown, frame), frame["v"]
    assert shown == orjson.loads(channel.state({}))["view"]
