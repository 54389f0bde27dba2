"""The claims: what a token's role may do, where it is bound, and why it is refused."""

from typing import Any

import pytest

from jorge_data.errors import Forbidden, Invalid, RequestRefused, Unauthenticated
from jorge_data.permissions import CALLERS, RIGHTS, Right, may
from jorge_data.server.auth.claims import ANONYMOUS, Claims


def allowed(action: Any, *arguments: Any) -> bool:
    try:
        action(*arguments)
    except RequestRefused:
        return False
    return True


def claims(role: Any, location: str | None = None) -> Claims:
    return Claims("ann", role, location, reads_as_anonymous=role == "anonymous")


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("right", RIGHTS)
def test_a_role_may_do_what_the_table_says_and_nowhere_but_where_its_token_is_bound(role: Any, right: Right) -> None:
    assert allowed(claims(role).require_at, right, "office") is may(role, right)
    assert allowed(claims(role, "office").require_at, right, "office") is may(role, right)
    assert not allowed(claims(role, "office").require_at, right, "elsewhere")
    assert not allowed(claims(role, "office").require_everywhere, right)


@pytest.mark.parametrize("role", CALLERS)
def test_a_bound_token_publishes_nowhere_else(role: Any) -> None:
    assert not allowed(claims(role, "office").require_publish_as, "bot", "elsewhere")


@pytest.mark.parametrize(
    ("bound", "requested", "location"), [(None, None, "default"), ("office", None, "office"), (None, "x", "x")]
)
def test_without_a_location_it_is_the_tokens_or_the_default(
    bound: str | None, requested: str | None, location: str
) -> None:
    assert claims("viewer", bound).require_at(Right.READ, requested) == location


@pytest.mark.parametrize(
    ("sources", "may_publish"),
    [(None, True), (frozenset({"bot"}), True), (frozenset({"x"}), False), (frozenset(), False)],
)
def test_a_token_publishes_as_its_sources_alone(sources: frozenset[str] | None, may_publish: bool) -> None:
    assert allowed(Claims("ann", "publisher", sources=sources).require_publish_as, "bot", "office") is may_publish


def test_where_anybody_may_read_a_bot_reads_as_anybody_and_a_viewer_as_a_viewer() -> None:
    bot = Claims("bot", "publisher", reads_as_anonymous=True)
    assert (bot.reader, bot.may(Right.TIMELINE), bot.may(Right.REFUSALS)) == ("anonymous", True, False)
    viewer = Claims("ann", "viewer", reads_as_anonymous=True)
    assert (viewer.reader, viewer.may(Right.TIMELINE)) == ("viewer", False)


def test_of_all_kinds_a_viewer_is_served_those_that_he_may_see_and_everybody_else_all() -> None:
    assert claims("viewer").visible_types(None) == frozenset({"bot_status_update", "system_health_update"})
    assert claims("agent").visible_types(None) is None
    assert claims("viewer").visible_types(frozenset({"bot_status_update"})) == frozenset({"bot_status_update"})
    with pytest.raises(Forbidden, match="the role viewer may not see 'conversation_event'"):
        claims("viewer").visible_types(frozenset({"bot_status_update", "conversation_event"}))


def test_refusals_say_why() -> None:
    with pytest.raises(Unauthenticated, match="to publish, a token is required"):
        ANONYMOUS.require(Right.PUBLISH)
    with pytest.raises(Forbidden, match="the role viewer may not publish: allowed are admin, agent"):
        claims("viewer").require(Right.PUBLISH)
    with pytest.raises(Forbidden, match="the role manager may not remove an office: allowed is admin"):
        claims("manager").require(Right.REMOVE_OFFICE)
    with pytest.raises(Invalid, match="location is 'a b'"):
        claims("viewer").require_at(Right.READ, "a b")
    with pytest.raises(Forbidden, match="bound to the location 'office', not to 'x'"):
        claims("viewer", "office").require_at(Right.READ, "x")
    with pytest.raises(Forbidden, match="the role viewer may not see 'contact_id' of 'bot_status_update'"):
        claims("viewer").require_kind("bot_status_update", "status", "contact_id")
