"""The wall's figures on a subscription: after the events that they count, for its role, and of this log alone."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from websockets.sync.client import ClientConnection

from jorge_data.permissions import FIGURES, Role
from jorge_data.server.log.tail import RING
from tests.events.examples import FULL
from tests.served import Served, bot_status
from tests.server.clients import Frame, ask, events_of, publish, receive, subscribe

SELLER = "jorge_qualification_progress"
OF_CONTACTS = {name for name, roles in FIGURES.items() if "viewer" not in roles}


def figures_until(client: ClientConnection, met: Callable[[Frame], bool]) -> Frame:
    """Return the next frame of figures that is as wanted."""
    while True:
        frame = receive(client)
        if frame["type"] == "figures" and met(frame):
            return frame


def as_of(seq: int) -> Callable[[Frame], bool]:
    return lambda frame: bool(frame["as_of"] >= seq)


def qualified(location: str, contact: str, **data: Any) -> dict[str, Any]:
    event = {"type": SELLER, "source": "jorge-seller", "locationid": location}
    return {**event, "data": {**FULL[SELLER], "contact_id": contact, **data}}


def named(location: str, contact: str, name: str) -> dict[str, Any]:
    changed = {"contact_id": contact, "name": name, "changed": {}}
    return {"type": "contact_update", "source": "ghl", "locationid": location, "data": changed}


def follow(served: Served, stack: ExitStack, location: str, role: Role = "admin") -> ClientConnection:
    """Return a socket that is subscribed to everything, figures included, and has got the first of these."""
    client = served.connect(stack, additional_headers=served.bearer(role))
    assert subscribe(client, location, figures=True)["type"] == "subscribed"
    assert figures_until(client, as_of(0))["set"]["counting"] is None
    return client


def test_who_did_not_ask_for_figures_gets_none(served: Served, stack: ExitStack, location: str) -> None:
    follower, other = follow(served, stack, location), served.connect(stack)
    subscribe(other, location)
    publish(served, location)
    figures_until(follower, as_of(1))
    publish(served, location)
    assert [receive(other)["type"] for _ in range(2)] == ["event", "event"]


def test_figures_come_after_every_event_that_they_count(served: Served, stack: ExitStack, location: str) -> None:
    client = follow(served, stack, location)
    position = 0
    for _ in range(20):
        publish(served, location, 50)
    while position < 1000:
        frame = receive(client)
        if frame["type"] == "figures":
            assert frame["as_of"] <= position
        else:
            position = events_of(frame)[-1]["seq"]
    last = figures_until(client, as_of(1000))
    assert last["set"]["bots"]["jorge-seller"]["events_1h"] == 1000


def test_a_frame_has_what_changed_since_the_one_before(served: Served, stack: ExitStack, location: str) -> None:
    client = follow(served, stack, location)
    served.post([qualified(location, "ann", seller_temperature="hot")])
    first = figures_until(client, as_of(1))["set"]
    assert first["qualification"]["hot"] == 1
    served.post([qualified(location, "bob", seller_temperature="warm")])
    second = figures_until(client, as_of(2))["set"]
    assert (second["qualification"]["hot"], second["qualification"]["warm"]) == (1, 1)
    assert "revenue" in first or "revenue" not in second, "what no event of it changed is not said again"
    assert "revenue" not in second


def test_the_figures_are_those_of_the_route(served: Served, stack: ExitStack, location: str) -> None:
    client = follow(served, stack, location)
    publish(served, location, 3)
    told = figures_until(client, as_of(3))["set"]
    asked = served.get("/api/dashboard/metrics", location=location)
    assert asked["position"]["seq"] == 3
    assert asked["bots"] == told["bots"]


def test_names_of_contacts_are_told_once_they_are_known(served: Served, stack: ExitStack, location: str) -> None:
    client = follow(served, stack, location)
    served.post([qualified(location, "ann", seller_temperature="hot")])
    assert "names" not in figures_until(client, as_of(1))["set"]
    served.post([named(location, "ann", "Ann Lee")])
    assert figures_until(client, as_of(2))["set"]["names"] == {"ann": "Ann Lee"}
    served.post([qualified(location, "ann", seller_temperature="cold")])
    assert "names" not in figures_until(client, as_of(3))["set"]


def test_names_are_told_by_the_route_to_who_asks_and_may_see_them(served: Served, location: str) -> None:
    served.post([named(location, "ann", "Ann Lee")])

    def told(role: Role, **asked: str) -> Any:
        url = f"{served.url}/api/dashboard/metrics"
        params = {"location": location, **asked}
        return requests.get(url, params, headers=served.bearer(role), timeout=10).json()

    assert told("agent", names="true")["names"] == {"ann": "Ann Lee"}
    assert told("viewer", names="true")["names"] is None
    assert "names" not in told("agent")
    assert "names" not in told("agent", names="false")
    refused = told("agent", names="yes")
    assert refused == {"error": {"code": "invalid", "detail": "names is 'yes': allowed are true and false"}}


def test_who_comes_anew_is_told_the_names_of_those_of_whom_the_last_events_are(
    served: Served, stack: ExitStack, location: str
) -> None:
    served.post([named(location, "ann", "Ann Lee"), named(location, "bob", "Bob Ray")])
    for _ in range(RING // 500):
        publish(served, location, 500)
    top = served.post([qualified(location, "ann")]).json()["results"][0]["seq"]
    client = served.connect(stack, additional_headers=served.bearer())
    subscribe(client, location, figures=True)
    assert figures_until(client, as_of(top))["set"]["names"] == {"ann": "Ann Lee"}


def test_a_viewers_figures_have_no_contact_and_no_money(served: Served, stack: ExitStack, location: str) -> None:
    client, agent = (follow(served, stack, location, role) for role in ("viewer", "agent"))
    bot = bot_status(locationid=location)
    bot["data"] |= {"contact_id": "ann", "current_step": "asks Ann", "error_message": "Ann is gone"}
    served.post([qualified(location, "ann", seller_temperature="hot"), named(location, "ann", "Ann"), bot])
    seen, whole = (figures_until(each, as_of(3))["set"] for each in (client, agent))
    assert "Ann" in json.dumps(whole)
    assert "ann" not in json.dumps(seen).lower()
    assert seen.keys() & OF_CONTACTS == set()
    card = seen["bots"]["jorge-seller"]
    assert [card[name] for name in ("current_step", "contact", "contact_name", "error_message")] == [None] * 4
    assert card["events_1h"] == whole["bots"]["jorge-seller"]["events_1h"]


def test_what_a_viewer_may_not_see_leads_his_figures_on_all_the_same(
    served: Served, stack: ExitStack, location: str
) -> None:
    client = follow(served, stack, location, "viewer")
    served.post([qualified(location, "ann"), named(location, "ann", "Ann")])
    assert figures_until(client, as_of(2))["as_of"] == 2


@pytest.mark.parametrize(("before", "after"), [("agent", "viewer"), ("viewer", "agent")])
def test_after_a_refresh_figures_are_those_of_the_new_token(
    served: Served, stack: ExitStack, location: str, before: Role, after: Role
) -> None:
    headers = {"Authorization": f"Bearer {served._tokens.issue(before, 'ann', 3600)}"}
    client = served.connect(stack, additional_headers=headers)
    subscribe(client, location, figures=True)
    served.post([qualified(location, "ann", seller_temperature="hot")])
    assert ("qualification" in figures_until(client, as_of(1))["set"]) is (before == "agent")
    client.send(json.dumps({"type": "refresh", "token": served._tokens.issue(after, "ann", 3600)}))
    assert ask(client, type="subscribe", location=[])["code"] == "invalid"  # the refresh was before it
    publish(served, location)
    told = figures_until(client, as_of(2))["set"]
    assert ("qualification" in told) is (after == "agent"), "all that the new token may see is told anew"
    assert (told["bots"]["jorge-seller"]["current_step"] is None) is (after == "viewer")
