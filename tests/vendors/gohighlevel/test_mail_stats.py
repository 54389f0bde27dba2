"""What becomes of a mail: who unsubscribes is told as opted out of mail, and a message's delivery goes along."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jorge_data.vendors import Json
from jorge_data.vendors.gohighlevel.vendor import GoHighLevel
from tests.vendors.gohighlevel.webhooks import NOW, Desk

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def stats(event: str, recipient: str = "ann@example.com", mail: str | None = "mail-1", **payload: Any) -> Json:
    """Return a webhook as the vendor's page on `LCEmailStats` has it."""
    operations = {"location_id": "loc", "email_type": "workflow", **({"email_message_id": mail} if mail else {})}
    said = {"event": event, "id": "e-1", "timestamp": round(AT.timestamp()), "recipient": recipient, "flags": {}}
    return {
        "type": "LCEmailStats",
        "locationId": "loc",
        "webhookPayload": {**said, "lc-operations": operations, **payload},
    }


def contact(**fields: Any) -> Json:
    return {"type": "ContactUpdate", "id": "ann", "firstName": "Ann", "email": "Ann@Example.com", **fields}


def sent(**fields: Any) -> Json:
    message = {"type": "OutboundMessage", "contactId": "ann", "conversationId": "c-1", "messageType": "Email"}
    more = {"messageId": "m-1", "emailMessageId": "mail-1", "source": "workflow", "dateAdded": "2026-11-23T16:00:00Z"}
    return {**message, **more, "body": "<p>Your home</p>", "subject": "Worth", **fields}


def ignored(desk: Desk, webhook: Json) -> str | None:
    concerned = {name: desk.seen[name] for name in desk.vendor.concerns(webhook) if name in desk.seen}
    translation = desk.vendor.translate(webhook, concerned, NOW)
    assert translation is not None
    return translation.ignored


@pytest.mark.parametrize("recipient", ["ann@example.com", "ANN@example.com", "Ann Lee <ann@example.com>"])
@pytest.mark.parametrize(
    ("event", "how"), [("unsubscribed", "unsubscribed"), ("complained", "reported the mail as spam")]
)
def test_who_unsubscribes_or_complains_is_out_of_mail(desk: Desk, event: str, how: str, recipient: str) -> None:
    desk.read(contact())
    opted_out = desk.only(stats(event, recipient, mail=None))
    assert opted_out.time == AT
    assert opted_out.data == {
        "conversation_id": "contact:ann",
        "contact_id": "ann",
        "kind": "opted_out",
        "author": "contact",
        "channel": "email",
        "summary": how,
    }


def test_a_mail_that_was_sent_says_whose_it_is_whatever_the_address(desk: Desk) -> None:
    desk.read(sent())
    assert desk.data(stats("unsubscribed", "a.lee@work.example.com"))["contact_id"] == "ann"


def test_who_is_named_needs_no_address(desk: Desk) -> None:
    assert desk.data({"type": "LCEmailStats", "event": "unsubscribed", "contactId": "ann"})["contact_id"] == "ann"


@pytest.mark.parametrize("recipient", ["bob@example.com", "", None, "not an address", 7])
def test_an_address_that_nobody_has_opts_nobody_out_and_says_so(desk: Desk, recipient: Any) -> None:
    desk.read(contact())
    reason = ignored(desk, stats("unsubscribed", recipient, mail=None))
    assert reason == "nobody of whom the CRM told has this address: nobody opts out"


def test_the_delivery_of_a_mail_is_its_messages_and_goes_forward_alone(desk: Desk) -> None:
    (message,) = desk.read(sent()) or []
    delivered = desk.only(stats("delivered"))
    assert (delivered.time, delivered.data) == (message.time, {**message.data, "delivery": "delivered"})
    assert ignored(desk, stats("accepted")) == "this mail's delivery was told before"
    assert desk.data(stats("opened"))["delivery"] == "read"
    assert ignored(desk, stats("clicked")) == "this mail's delivery was told before"


def test_what_bounces_is_told_and_what_is_tried_again_is_not(desk: Desk) -> None:
    desk.read(sent())
    assert ignored(desk, stats("failed", severity="temporary")) == "event is 'failed': it says nothing of a delivery"
    assert desk.data(stats("failed", severity="permanent"))["delivery"] == "bounced"


@pytest.mark.parametrize("event", ["stored", "", None, 7])
def test_what_says_nothing_of_a_delivery_is_ignored_with_a_reason(desk: Desk, event: Any) -> None:
    assert "says nothing of a delivery" in str(ignored(desk, stats(event)))
    assert ignored(desk, {"type": "LCEmailStats", "webhookPayload": "odd"}) is not None


def test_a_mail_of_which_no_message_is_known_has_none_to_tell_of(desk: Desk) -> None:
    assert ignored(desk, stats("delivered")) == "no message is known that was this mail"


def test_it_is_opened_as_every_other_webhook_is() -> None:
    envelope = GoHighLevel("ghl", None).open(stats("opened"), b"{}", NOW)
    assert (envelope.type, envelope.location) == ("LCEmailStats", "loc")
