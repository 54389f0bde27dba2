"""By whose token an office is read for those who see the same of it."""

import pytest

from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import LocalAccess, User
from jorge_data.dashboard.push.audience_tokens import PRESENT_S, AudienceTokens
from jorge_data.errors import Unavailable
from jorge_data.feed.failures import ConnectionLost, NoToken
from tests.dashboard.fake_feeds import HOME, FakeFeeds
from tests.dashboard.people import People, person

ANN, BEN = person("ann", "viewer"), person("ben", "viewer")
CORA, DAN = person("cora", "agent", HOME, "a-1"), person("dan", "agent", HOME, "a-2")
EVE, FAY = person("eve", "manager"), person("fay", "admin")


class World:
    """Who is in, who looks, and the clock."""

    def __init__(self, *users: User) -> None:
        self.now = 0.0
        self.people = People(ANN, BEN)
        self.tokens = AudienceTokens(HOME, self.people, lambda: self.now)
        for user in users:
            self.tokens.see(user)


def test_it_stays_that_of_who_came_first_while_he_is_in() -> None:
    world = World(ANN, BEN)
    assert [world.tokens.current() for _ in range(3)] == ["ann"] * 3
    del world.people.users["ann"]
    assert world.tokens.current() == "ben"
    del world.people.users["ben"]
    with pytest.raises(NoToken):
        world.tokens.current()


def test_who_has_not_looked_for_a_minute_lends_his_token_no_more() -> None:
    world = World(ANN, BEN)
    world.now = PRESENT_S + 1
    world.tokens.see(BEN)
    assert world.tokens.current() == "ben"


def test_one_that_was_refused_gives_way_to_the_next_and_of_refused_ones_the_last_stays() -> None:
    world = World(ANN, BEN)
    world.tokens.refused("ann")
    assert world.tokens.current() == "ben"
    world.tokens.refused("ben")
    assert world.tokens.current() == "ben"
    world.people._token = lambda user, _: f"{user.name}, renewed"
    assert world.tokens.current() == "ann, renewed"


def test_where_no_token_can_be_made_now_nobody_is_forgotten() -> None:
    def silent(user: User, location: str | None) -> str:
        raise Unavailable("the event server does not answer")

    world = World(ANN)
    asked, world.people._token = world.people._token, silent
    with pytest.raises(ConnectionLost, match="the event server does not answer"):
        world.tokens.current()
    world.people._token = asked
    assert world.tokens.current() == "ann"


def test_who_has_the_same_rights_at_an_office_shares_its_feed_and_each_agent_has_his_own() -> None:
    users = ANN, BEN, CORA, DAN, EVE, FAY
    feeds = FakeFeeds(access=People(*users))
    for user in (*users, *users):
        feeds.registry.seen_by(user).get(HOME)
    assert [tokens.current() for tokens in feeds.tokens] == ["ann", "cora", "dan", "eve"]
    assert feeds.registry.seen_by(CORA).get(HOME) is not feeds.registry.seen_by(DAN).get(HOME)
    assert feeds.registry.seen_by(EVE).get(HOME) is feeds.registry.seen_by(FAY).get(HOME)


def test_whose_tokens_they_are_is_known_and_the_login_hears_which_is_refused() -> None:
    world, refused = World(ANN), list[str]()
    world.people.refused = refused.append  # type: ignore[assignment, method-assign]
    world.tokens.refused("ann")
    assert (world.tokens.is_of_person, refused) == (True, ["ann"])
    local = LocalAccess("jorge", "admin", OwnToken("a-token"))
    tokens = AudienceTokens(HOME, local, lambda: 0.0)
    tokens.see(local.user)
    assert (tokens.is_of_person, tokens.current()) == (False, "a-token")
