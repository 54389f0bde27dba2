"""What a reader is told first has a bound, however many names there are and however long each is."""

from typing import Any

import orjson

from tests.served import Served, bot_status
from tests.server.clients import subscribe

BOUND = 512 << 10
"""A hundred bots and components with the longest names, steps and errors; 30,000 names were 4.4 MB."""

NAMES = 1_200


def named(kind: str, number: int) -> str:
    return f"{kind}-{number}-".ljust(128, "n")


def test_the_first_frame_of_any_number_of_bots_components_and_sources_is_bounded(served: Served, location: str) -> None:
    for start in range(0, NAMES, 200):
        bots, components = [], []
        for number in range(start, start + 200):
            about: dict[str, Any] = {"locationid": location, "source": named("source", number)}
            bot = bot_status(**about)
            bot["data"] |= {"bot_type": named("bot", number), "status": "error"}
            bot["data"] |= dict.fromkeys(("current_step", "error_message"), "x" * 1_000)
            bots.append(bot)
            health = {"component": named("part", number), "status": "down", "response_time_ms": 1}
            components.append(
                bot_status(**about, type="system_health_update", data=health | {"error_message": "x" * 1_000})
            )
        assert served.post(bots).status_code in (200, 207)
        assert served.post(components).ok
    with served.connect(additional_headers=served.bearer()) as client:
        subscribed = subscribe(client, location)
    snapshot = subscribed["snapshot"]
    assert len(orjson.dumps(subscribed)) < BOUND
    assert (len(snapshot["bots"]), len(snapshot["system"]["components"]), len(snapshot["sources"])) == (100, 100, 40)
    assert snapshot["unlisted"] == {"bots": NAMES - 100, "components": NAMES - 100, "sources": NAMES - 40}


def test_the_locations_that_a_token_may_read_are_told_by_name_up_to_a_bound(served: Served) -> None:
    assert served.post([bot_status(locationid=f"many-{number}") for number in range(350)]).ok
    assert served.post([bot_status(locationid=f"many-{number}") for number in range(350, 600)]).ok
    with served.connect(additional_headers=served.bearer()) as client:
        connected = orjson.loads(client.recv(10))
    assert len(connected["locations"]) == 500
    assert connected["more_locations"] >= 100
    assert len(served.get("/api/locations")["locations"]) >= 600
