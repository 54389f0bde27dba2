"""What a person does on "Needs you" is an event; what is none of the actions is refused before anything is sent."""

from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.event_publisher import AttentionPublisher
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused
from jorge_data.events import Reception, admit
from jorge_data.metrics.colleagues import Colleague
from tests.dashboard.fake_feeds import NOON

REF = "0198b7a4-5c1e-4a55-9d0c-3f3f2f1f0f0e"

ANN, BEN = Colleague("ann", "Ann", "a-7"), Colleague("ben", "Ben")


class Posts:
    """Take what is posted, and remember it."""

    def __init__(self) -> None:
        self.posted: list[Any] = []

    def post(self, path: str, body: Any, within_s: float) -> None:
        self.posted.append((path, body))


@pytest.fixture
def posts() -> Posts:
    return Posts()


@pytest.fixture
def attention(posts: Posts) -> AttentionPublisher:
    return AttentionPublisher(NOON.timestamp, ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"action": "snoozed", "until": "2026-11-23T13:00:00-06:00"}, {"until": "2026-11-23T19:00:00Z"}),
        ({"action": "snoozed"}, {}),
        ({"action": "assigned", "until": None, "note": ""}, {}),
        ({"action": "called", "outcome": "reached"}, {"outcome": "reached"}),
        (
            {"action": "called", "outcome": "appointment", "until": "2027-11-20T16:00:00Z"},
            {"outcome": "appointment", "until": "2027-11-20T16:00:00Z"},
        ),
        (
            {"action": "called", "outcome": "appointment", "until": "2026-11-25T10:00"},
            {"outcome": "appointment", "until": "2026-11-25T16:00:00Z"},
        ),
        ({"action": "noted", "note": "Calls back <b>after</b> six"}, {"note": "Calls back <b>after</b> six"}),
        ({"action": "undone", "note": 7, "else": "x"}, {}),
    ],
)
def test_an_action_is_an_event_that_says_what_was_chosen(
    attention: AttentionPublisher, posts: Posts, told: dict[str, Any], kept: dict[str, Any]
) -> None:
    attention.publish(cast(ApiClient, posts), "office", ANN, {"item": "hot:dana", "ref": REF, **told})
    ((path, [body]),) = posts.posted
    assert path == "/events?together=true"
    assert (body["locationid"], body["type"], body["source"], body["id"]) == (
        "office",
        "attention_update",
        "dashboard",
        REF,
    )
    assert body["data"] == {
        "item": "hot:dana",
        "action": told["action"],
        "by": "ann",
        **kept,
    }


def test_an_action_is_one_that_the_contract_takes(attention: AttentionPublisher, posts: Posts) -> None:
    request = {"item": "hot:dana", "action": "snoozed", "until": "2026-11-24T15:00:00Z", "ref": REF}
    attention.publish(cast(ApiClient, posts), "office", ANN, request)
    ((_, [body]),) = posts.posted
    assert admit(body, Reception(NOON)).event.data["until"] == "2026-11-24T15:00:00Z"


@pytest.mark.parametrize(
    "until",
    [
        "soon",
        3600,
        "2026-11-23",
        "2026-11-23T18:00:00Z",
        "2026-11-23T17:00:00Z",
        "2028-01-01T00:00:00Z",
        "2026-11-23T11:59",
    ],
)
def test_what_is_no_moment_ahead_is_refused_and_nothing_is_sent(
    attention: AttentionPublisher, posts: Posts, until: object
) -> None:
    with pytest.raises(RequestRefused, match="Choose a time within the next year"):
        attention.publish(
            cast(ApiClient, posts), "office", ANN, {"item": "hot:dana", "action": "snoozed", "until": until}
        )
    assert posts.posted == []


@pytest.mark.parametrize("ref", [None, 7, "", "evt-1", REF.upper(), REF + "0", f"{REF}\n"])
def test_an_action_without_an_id_of_its_own_is_refused(
    attention: AttentionPublisher, posts: Posts, ref: object
) -> None:
    with pytest.raises(RequestRefused, match="ref is not a UUID"):
        attention.publish(cast(ApiClient, posts), "office", ANN, {"item": "hot:dana", "action": "assigned", "ref": ref})
    assert posts.posted == []


@pytest.mark.parametrize("request_", [{}, {"item": 7, "action": "snoozed"}, {"item": "hot:dana", "action": "sold"}])
def test_what_is_no_action_is_refused_and_nothing_is_sent(
    attention: AttentionPublisher, posts: Posts, request_: dict[str, Any]
) -> None:
    with pytest.raises(
        RequestRefused, match=r"^allowed actions are acknowledged, assigned, called, noted, reopened, snoozed, undone$"
    ):
        attention.publish(cast(ApiClient, posts), "office", ANN, request_)
    assert posts.posted == []


@pytest.mark.parametrize(
    ("item", "owner", "to", "assigned_to"),
    [
        ("hot:dana", ANN, None, "a-7"),
        ("hot:dana", BEN, "ben", None),
        ("hot:dana", Colleague("cora", "Cora", "a-9"), "cora", "a-9"),
        ("bot:jorge-seller", Colleague("cora", "Cora", "a-9"), "cora", None),
        ("component:redis", ANN, None, None),
    ],
)
def test_who_is_assigned_a_contacts_item_is_assigned_the_contact_where_he_is_an_agent(
    attention: AttentionPublisher, posts: Posts, item: str, owner: Colleague, to: str | None, assigned_to: str | None
) -> None:
    request = {"item": item, "action": "assigned", "ref": REF}
    for _ in range(2):
        attention.publish(cast(ApiClient, posts), "office", ANN, request, owner)
    assert len(posts.posted) == 2, "one publish each time: both events stand together"
    events = [admit(body, Reception(NOON)).event for _, bodies in posts.posted for body in bodies]
    given = {each.id: each.data["assigned_to"] for each in events if each.type == "contact_update"}
    assert given == ({f"{REF}-contact": assigned_to} if assigned_to else {})
    assert {(each.id, each.data["by"], each.data.get("to")) for each in events if each.type == "attention_update"} == {
        (REF, "ann", to)
    }
