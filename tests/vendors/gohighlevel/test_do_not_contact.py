"""Who must not be contacted, by channel: from do-not-disturb settings, tags, and words."""

from itertools import permutations
from typing import Any

import pytest

from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel.do_not_contact import DND, TAGS, tag_words
from tests.vendors.gohighlevel.webhooks import Desk

ALL_OFF = dict.fromkeys(("SMS", "Email", "Call", "WhatsApp", "FB", "GMB", "RCS"), "inactive")


def dnd(contact: str = "ann", on: bool = False, **statuses: str) -> Json:
    """Return a webhook of settings, as highlevel-api-docs, issue 264, shows it."""
    said = {"message": "Updated by 'Sam Roe' at 2026-11-30T20:20:09.768Z", "code": "103"}
    settings = {name: {"status": status, **said} for name, status in statuses.items()}
    body = {"type": "ContactDndUpdate", "versionId": "v1", "appId": "a1", "id": contact, "phone": "+15125550111"}
    return {**body, "dnd": on, "dndSettings": settings}


def tagged(*tags: str, **fields: Any) -> Json:
    return {"type": "ContactTagUpdate", "id": "ann", "firstName": "Ann", "tags": list(tags), **fields}


def told(desk: Desk, webhook: Json) -> list[tuple[str, str | None, str | None]]:
    """Return what a webhook tells of consent: (kind, channel, how)."""
    events = [event.data for event in desk.read(webhook) or [] if event.data.get("kind") in ("opted_out", "opted_in")]
    return [(data["kind"], data.get("channel"), data.get("summary")) for data in events]


def test_03_sms_alone_active_or_permanent_all_channels_and_none(desk: Desk) -> None:
    assert told(desk, dnd("c1", False, **ALL_OFF)) == []
    assert told(desk, dnd("c1", Email="inactive", Call="inactive", SMS="active")) == [
        ("opted_out", "sms", "do not disturb for SMS")
    ]
    assert told(desk, dnd("c2", SMS="permanent")) == [("opted_out", "sms", "do not disturb for SMS")]
    assert told(desk, dnd("c3", on=True, SMS="inactive")) == [("opted_out", None, "do not disturb")]


@pytest.mark.parametrize("status", ["active", "permanent", "Active"])
@pytest.mark.parametrize(
    ("name", "channel"), [(n, c) for n, c in DND.items() if c] + [("email", "email"), ("New", "other")]
)
def test_each_channel_that_is_set_is_told_of_that_channel(desk: Desk, name: str, channel: str, status: str) -> None:
    assert [each[:2] for each in told(desk, dnd("ann", False, **{**ALL_OFF, name: status}))] == [("opted_out", channel)]


def test_the_same_again_tells_nothing_and_what_is_lifted_opts_in(desk: Desk) -> None:
    assert len(told(desk, dnd(SMS="active", Email="active"))) == 2
    assert told(desk, dnd(SMS="permanent", Email="active")) == []
    assert told(desk, dnd(SMS="permanent", Email="inactive")) == [
        ("opted_in", "email", "do not disturb for e-mail lifted")
    ]


def test_a_webhook_that_names_one_channel_leaves_the_others_as_they_were(desk: Desk) -> None:
    told(desk, dnd(Email="active"))
    assert told(desk, dnd(SMS="active")) == [("opted_out", "sms", "do not disturb for SMS")]
    assert told(desk, {"type": "ContactUpdate", "id": "ann", "city": "Waco"}) == []
    emptied = {"type": "ContactUpdate", "id": "ann", "dndSettings": None}
    assert {each[:2] for each in told(desk, emptied)} == {("opted_in", "sms"), ("opted_in", "email")}


def test_from_all_to_one_frees_the_others_and_leaves_that_one_out_without_a_gap(desk: Desk) -> None:
    assert told(desk, dnd(on=True)) == [("opted_out", None, "do not disturb")]
    freed = told(desk, dnd(on=False, SMS="active"))
    assert [each[:2] for each in freed] == [("opted_in", channel) for channel in ("email", "call", "chat", "other")]
    assert [each[:2] for each in told(desk, dnd(on=False, SMS="inactive"))] == [("opted_in", "sms")]
    told(desk, dnd(on=True, SMS="inactive"))
    assert told(desk, dnd(on=False, SMS="inactive")) == [("opted_in", None, "do not disturb lifted")]


def test_a_copy_from_before_channels_were_told_tells_them_now(desk: Desk) -> None:
    old = {
        "at": "",
        "fields": {"dnd": False, "dnd_settings": {"SMS": "active"}},
        "custom": {},
        "tags": ["unsubscribed"],
    }
    desk.seen[VendorEntity("contact", "ann")] = old
    assert [each[:2] for each in told(desk, {"type": "ContactUpdate", "id": "ann", "city": "Waco"})] == [
        ("opted_out", "sms"),
        ("opted_out", "email"),
    ]
    desk.seen[VendorEntity("contact", "bob")] = {**old, "fields": {"dnd": True}, "tags": []}
    assert told(desk, {"type": "ContactUpdate", "id": "bob", "city": "Waco"}) == []


@pytest.mark.parametrize(
    ("tag", "channel"),
    [
        *(
            (tag, None)
            for tag in ("dnc", "DNC", "Do-Not-Contact", "DoNotContact", "do not contact", "Opted Out", "DND")
        ),
        *((tag, "call") for tag in ("Do-Not-Call", "do not call list", "no calls", "Call Opt-Out", "dnc-call")),
        *((tag, "sms") for tag in ("do-not-text", "No SMS", "sms opt out", "Opted out of SMS", "STOP", "Don't text")),
        *((tag, "email") for tag in ("Unsubscribed", "no-email", "Unsubscribed from emails", "email unsubscribe")),
    ],
)
def test_a_tag_blocks_its_channel_and_taking_it_off_frees_it(desk: Desk, tag: str, channel: str | None) -> None:
    assert told(desk, tagged("Hot-Seller", tag)) == [("opted_out", channel, f"tag {tag}")]
    assert told(desk, tagged("Hot-Seller")) == [("opted_in", channel, f"tag {tag} lifted")]


@pytest.mark.parametrize(
    "tag",
    [
        "Hot-Seller",
        "stop by on monday",
        "no answer",
        "No Contact",
        "no call",
        "call back",
        "text me",
        "cold-calling",
        "Texas",
        "emailed",
    ],
)
def test_other_tags_block_nothing(desk: Desk, tag: str) -> None:
    assert told(desk, tagged(tag)) == []


def test_a_tag_that_goes_frees_nobody_whom_the_settings_block(desk: Desk) -> None:
    told(desk, tagged("stop", dndSettings={"SMS": {"status": "permanent"}}))
    assert told(desk, tagged()) == []


def test_tags_of_a_workflow_are_read_as_its_text_has_them(desk: Desk) -> None:
    assert told(desk, {"type": "ContactUpdate", "id": "ann", "tags": "Hot-Seller, Do-Not-Text"}) == [
        ("opted_out", "sms", "tag Do-Not-Text")
    ]


def test_the_tables_of_tags_are_written_as_tags_are_compared() -> None:
    assert [tag for tag in TAGS if tag_words(tag) != tag] == []


@pytest.mark.parametrize(
    ("body", "kind"), [("STOP", "opted_out"), ("stop please", "opted_out"), ("START", "opted_in"), ("stop by", None)]
)
def test_a_message_that_is_a_mere_stop_tells_by_itself_that_its_sender_opted_out(
    desk: Desk, body: str, kind: str | None
) -> None:
    webhook = {
        "type": "InboundMessage",
        "contactId": "ann",
        "conversationId": "c-1",
        "messageType": "SMS",
        "body": body,
        "dateAdded": "2026-11-23T17:00:00Z",
    }
    message, *consent = desk.read(webhook) or []
    assert message.data["kind"] == "message"
    told = [(each.data["kind"], each.data["channel"], each.data["conversation_id"], each.time) for each in consent]
    assert told == ([(kind, "sms", "c-1", message.time)] if kind else [])


def test_a_stop_that_is_told_by_two_webhooks_is_told_under_one_name(desk: Desk) -> None:
    webhook = {"type": "InboundMessage", "contactId": "ann", "messageType": "SMS", "messageId": "m-1", "body": "STOP"}
    names = {tuple(event.id for event in desk.read({**webhook, "webhookId": name}) or []) for name in ("w-1", "w-2")}
    assert names == {("message:m-1", "message:m-1:opted_out")}


def test_an_outbound_stop_opts_nobody_out(desk: Desk) -> None:
    webhook = {"type": "OutboundMessage", "contactId": "ann", "messageType": "SMS", "body": "STOP", "source": "app"}
    assert [event.data["kind"] for event in desk.read(webhook) or []] == ["message"]


def test_any_order_of_settings_ends_with_what_the_newest_says() -> None:
    webhooks = [
        {**dnd(SMS="active"), "dateUpdated": "2026-11-23T10:00:00Z"},
        {**dnd(SMS="inactive", Email="active"), "dateUpdated": "2026-11-23T11:00:00Z"},
        {**dnd(on=True, SMS="inactive", Email="active"), "dateUpdated": "2026-11-23T12:00:00Z"},
        {**dnd(on=False, SMS="permanent", Email="inactive"), "dateUpdated": "2026-11-23T13:00:00Z"},
    ]
    for order in permutations(webhooks):
        desk = Desk()
        newest: dict[str, tuple[str, int, bool]] = {}
        for number, webhook in enumerate(order):
            for event in desk.read(webhook) or []:
                if event.data.get("kind") in ("opted_out", "opted_in"):
                    channels = [event.data["channel"]] if event.data.get("channel") else ["sms", "email", "call"]
                    record = event.time.isoformat(), number, event.data["kind"] == "opted_out"
                    newest |= {c: record for c in channels if record > newest.get(c, ("", 0, False))}
        assert {channel for channel, (_, _, out) in newest.items() if out} == {"sms"}, order
