"""The dashboard's own token: made anew each day and when it is refused; one that was given is named when it ends."""

import logging
import subprocess

import pytest

from jorge_data.dashboard.login.own_token import AGAIN_S, RENEWED_AFTER_S, OwnToken


class World:
    """A clock, and a command that makes tokens or fails."""

    def __init__(self, given: str = "") -> None:
        self.now, self.made, self.works = 1000.0, 0, True
        self.own = OwnToken(given, self.make, "dashboard", lambda: self.now)

    def make(self) -> str:
        if not self.works:
            raise subprocess.CalledProcessError(2, "token")
        self.made += 1
        return f"token {self.made}"


def test_it_is_made_once_and_anew_each_day() -> None:
    world = World()
    assert [world.own.current() for _ in range(3)] == ["token 1"] * 3
    for day in range(2, 60):  # longer than any of them lasts
        world.now += RENEWED_AFTER_S
        assert world.own.current() == f"token {day}"


def test_one_that_the_server_refuses_is_replaced_at_once_and_an_older_one_is_none_of_it() -> None:
    world = World()
    world.own.refused(world.own.current())
    assert (world.own.current(), world.own.notice) == ("token 2", None)
    world.own.refused("token 1")
    assert world.own.current() == "token 2"


def test_where_another_is_refused_as_well_that_is_said_once_and_it_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    for _ in range(10):
        world.own.refused(world.own.current())
    assert world.made == 2
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    need = "set JORGE_TOKEN to `python -m jorge_data token --role dashboard --ttl 365d`"
    assert need in str(world.own.notice)
    world.now += AGAIN_S + 1
    assert not world.own.notice, "nobody has refused it lately"
    world.own.refused(world.own.current())
    assert (world.own.current(), world.own.notice) == ("token 3", None)


def test_one_that_was_given_stays_and_its_end_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    world = World("given")
    world.now += 2 * RENEWED_AFTER_S
    assert world.own.current() == "given"
    for _ in range(3):
        world.own.refused("given")
    assert (world.own.current(), world.made, len(caplog.records)) == ("given", 0, 1)
    assert world.own.notice is not None
    assert "(JORGE_TOKEN, which may have ended)" in world.own.notice


def test_where_none_can_be_made_the_last_one_stays(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.works = False
    assert world.own.current() == ""
    assert "no dashboard token could be made here" in caplog.text
    world.works = True
    world.now += AGAIN_S
    assert world.own.current() == "token 1"
    world.works = False
    world.now += RENEWED_AFTER_S
    assert world.own.current() == "token 1"
