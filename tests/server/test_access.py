"""The rules: what each role may do, where."""

from typing import Any

import pytest

from jorge_data.errors import Forbidden, Invalid, RequestRefused, Unauthenticated
from jorge_data.server.access import ANONYMOUS, Claims

# role: may read, may publish, may remove any location, may remove the location it is bound to
RULES: dict[Any, tuple[bool, bool, bool, bool]] = {
    "publisher": (False, True, False, True),
    "viewer": (True, False, False, False),
    "agent": (True, True, False, True),
    "manager": (True, True, False, True),
    "admin": (True, True, True, True),
    "anonymous": (True, False, False, False),
}


def allowed(action: Any, *arguments: Any) -> bool:
    try:
        action(*arguments)
    except RequestRefused:
        return False
    return True


def claims(role: Any, location: str | None = None) -> Claims:
    return Claims("ann", role, location, reads_as_anonymous=role == "anonymous")


@pytest.mark.parametrize(("role", "rules"), RULES.items())
def test_a_role_may_do_what_the_table_says(role: Any, rules: tuple[bool, ...]) -> None:
    free, bound = claims(role), claims(role, "office")
    assert rules == (
        allowed(free.require_read, "office"),
        allowed(free.require_publish),
        allowed(free.require_removal, "office"),
        allowed(bound.require_removal, "office"),
    )


@pytest.mark.parametrize("role", RULES)
def test_a_bound_token_never_leaves_its_location(role: Any) -> None:
    bound = claims(role, "office")
    assert not allowed(bound.require_read, "elsewhere")
    assert not allowed(bound.require_publish_as, "bot", "elsewhere")
    assert not allowed(bound.require_removal, "elsewhere")


@pytest.mark.parametrize(
    ("bound", "asked", "found"), [(None, None, "default"), ("office", None, "office"), (None, "x", "x")]
)
def test_without_a_location_it_is_the_tokens_or_the_default(bound: str | None, asked: str | None, found: str) -> None:
    assert claims("viewer", bound).require_read(asked) == found


@pytest.mark.parametrize(
    ("sources", "may"), [(None, True), (frozenset({"bot"}), True), (frozenset({"x"}), False), (frozenset(), False)]
)
def test_a_token_publishes_as_its_sources_alone(sources: frozenset[str] | None, may: bool) -> None:
    assert allowed(Claims("ann", "publisher", sources=sources).require_publish_as, "bot", "office") is may


def test_refusals_say_why() -> None:
    with pytest.raises(Unauthenticated, match="a token is required"):
        ANONYMOUS.require_publish()
    with pytest.raises(Forbidden, match="the role viewer may not publish: allowed are admin, agent"):
        claims("viewer").require_publish()
    with pytest.raises(Invalid, match="location is 'a b'"):
        claims("viewer").require_read("a b")
    with pytest.raises(Forbidden, match="bound to the location 'office', not to 'x'"):
        claims("viewer", "office").require_read("x")
