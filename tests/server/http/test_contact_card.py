"""The card of a contact over HTTP."""

from datetime import timedelta

from tests.served import Served
from tests.server.figures.asked import Asked, event, seller

HOUR = timedelta(hours=1)


def test_a_card_is_answered_of_who_is_known_and_of_nobody_else(served: Served, location: str) -> None:
    known = event("contact_update", HOUR, contact_id="dana", changed={}, name="Dana", phone="512 555 0112")
    Asked(served, location).publish(known, seller(HOUR / 2))
    card = served.get("/api/contacts/dana/card", location=location)
    assert (card["name"], card["phone"], card["temperature"]) == ("Dana", "(512) 555-0112", "hot")
    assert [need["item"] for need in card["open"]] == ["hot:dana"]
    answer = served.session.get(
        f"{served.url}/api/contacts/nobody/card", params={"location": location}, headers=served.bearer(), timeout=10
    )
    assert answer.status_code == 404
    assert "nothing is known" in answer.text


def test_a_contact_that_was_deleted_has_no_card(served: Served, location: str) -> None:
    Asked(served, location).publish(
        seller(HOUR), event("contact_update", HOUR / 2, contact_id="dana", changed={}, deleted=True)
    )
    answer = served.session.get(
        f"{served.url}/api/contacts/dana/card", params={"location": location}, headers=served.bearer(), timeout=10
    )
    assert answer.status_code == 404
