"""What the Connect page says of roles is what the server and the dashboard do."""

from collections.abc import Iterator

import pytest

from jorge_data.live.rights import RIGHTS, ROLES
from jorge_data.live.roles import may_act, may_see_kind
from jorge_data.server.access import PUBLISHERS, READERS, Claims
from tests.served import Served

BOTS, CONTACTS, PUBLISH, REFUSED, SERVER, ADMIN = RIGHTS.values()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server where nothing may be read without a token."""
    with Served(tmp_path_factory.mktemp("secured"), JORGE_ANONYMOUS="off") as server:
        yield server


def test_every_role_is_on_the_page() -> None:
    assert set(ROLES) == READERS | PUBLISHERS


def test_reading_and_publishing_are_as_the_server_has_them() -> None:
    assert frozenset(BOTS) == READERS
    assert frozenset(PUBLISH) == PUBLISHERS
    assert {role for role in BOTS if may_see_kind(role, "conversation_event")} == CONTACTS
    assert {role for role in BOTS if may_act(role)} == PUBLISH - {"publisher"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/api/refusals", REFUSED), ("/api/system", SERVER), ("/api/audit", ADMIN), ("/api/tokens", ADMIN)],
)
def test_what_a_role_may_ask_is_what_is_answered(secured: Served, path: str, allowed: set[str]) -> None:
    answered = {
        role
        for role in sorted(READERS | PUBLISHERS)
        if secured.session.get(secured.url + path, headers=secured.bearer(role), timeout=10).ok  # type: ignore[arg-type]
    }
    assert answered == allowed


def test_a_publisher_reads_nothing() -> None:
    assert not Claims("bot", "publisher").may_read
