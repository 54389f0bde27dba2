"""The envelope: flat or nested, it is one webhook, and what is inside cannot speak for what is outside."""

from jorge_data.vendors import Json
from jorge_data.vendors.gohighlevel.vendor import flatten, open_envelope

FIELDS = {"id": "ann", "locationId": "a", "city": "Austin"}


def test_the_flat_and_the_nested_form_are_the_same_webhook() -> None:
    outer = {"type": "ContactUpdate", "webhookId": "w"}
    assert flatten({**outer, "data": FIELDS}) == flatten(outer | FIELDS) == outer | FIELDS


def test_what_stands_outside_counts_before_what_is_within() -> None:
    outer: Json = {"type": "RecordCreate", "locationId": "a", "webhookId": "w"}
    within = {"type": "ContactUpdate", "locationId": "b", "webhookId": "v"}
    envelope = open_envelope({**outer, "data": within}, b"")
    assert (envelope.type, envelope.location, envelope.key) == ("RecordCreate", "a", "w")
    assert open_envelope({"type": "X", "locationId": None, "data": {"locationId": "b"}}, b"").location == "b"
