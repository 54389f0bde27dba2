"""One feed for all who have the same rights, before a real event server: it outlives each of their tokens."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import User
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.feed import Feed
from jorge_data.settings import read_settings
from tests.dashboard.people import People, person
from tests.served import Served, bot_status
from tests.waiting import wait_until

OFFICE = "shared"
ANN, BEN = person("ann", "viewer", OFFICE), person("ben", "viewer", OFFICE)


class World:
    """A real server that reads nobody's wish from a missing token, and a dashboard with two viewers before it."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self.ttl_s = 3600.0
        self.tokens = {user.name: [server.token("viewer", OFFICE)] for user in (ANN, BEN)}
        self.people = People(ANN, BEN, token=lambda user, _: self.tokens[user.name][-1])
        settings = read_settings(_env_file=None, demo="0", location=OFFICE, socket_url=server.url.replace("http", "ws"))
        self.context = AppContext.build(settings, OwnToken(), self.people)

    def look(self, user: User) -> tuple[LocationState, Feed]:
        locations = self.context.seen_by(user).locations
        return locations.get(OFFICE), locations.feed(OFFICE)

    def publish(self) -> None:
        assert self.server.post([bot_status(locationid=OFFICE)]).status_code == 200

    def revoke(self, user: User) -> None:
        payload = self.tokens[user.name][-1].split(".")[1]
        jti = json.loads(base64.urlsafe_b64decode(payload + "=="))["jti"]
        url = f"{self.server.url}/api/tokens/{jti}"
        assert self.server.session.delete(url, headers=self.server.bearer(), timeout=10).status_code == 204


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        world = World(server)
        yield world
        world.context.queries.close()
        world.context.locations.close()


def test_when_the_token_of_one_is_revoked_the_others_go_on_with_theirs(world: World) -> None:
    state, feed = world.look(ANN)
    assert world.look(BEN) == (state, feed)
    world.publish()
    wait_until(lambda: feed.status.state == "connected" and len(state.recent()) == 1)
    world.revoke(ANN)
    wait_until(lambda: feed.status.connections == 2)
    world.publish()
    wait_until(lambda: [event.seq for event in state.recent()] == [2, 1])
    assert {entry.state for entry in feed.log()} == {"connecting", "connected"}, "nobody has noticed"
    world.revoke(BEN)
    wait_until(lambda: feed.status.state == "error")
    assert feed.status.detail == "you may not read this office any more: log in again"


def test_a_feed_lives_through_the_short_lives_of_its_tokens(world: World) -> None:
    world.tokens["ann"] = [world.server.token("viewer", OFFICE, ttl_s=3)]
    state, feed = world.look(ANN)
    wait_until(lambda: feed.status.state == "connected")
    world.tokens["ann"].append(world.server.token("viewer", OFFICE))
    wait_until(lambda: feed.status.connections == 2)
    world.publish()
    wait_until(lambda: [event.seq for event in state.recent()] == [1])
    assert "error" not in {entry.state for entry in feed.log()}


def test_nothing_is_read_when_nobody_is_in_any_more(world: World) -> None:
    state, feed = world.look(ANN)
    wait_until(lambda: feed.status.state == "connected")
    world.people.users.clear()
    world.revoke(ANN)
    wait_until(lambda: feed.status.state == "error")
    world.publish()
    assert feed.status.detail == f"nobody is here any more who may read {OFFICE}"
    assert state.recent() == []
