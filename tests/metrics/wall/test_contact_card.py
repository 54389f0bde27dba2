"""The card of a contact: what it says, by which ways the contact is reached, and what may be said of a call."""

from datetime import timedelta
from typing import Any

import pytest

from jorge_data.events.personal import Eraser
from jorge_data.events.timestamps import micros
from jorge_data.metrics import Targets
from jorge_data.metrics.colleagues import Colleague, Colleagues
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.contact_row import contact_row
from jorge_data.metrics.entities.erasure import erase_contact
from jorge_data.metrics.wall.contact_card import ContactCard, contact_card, people_of
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation

TARGETS = Targets()
KNOWN: dict[str, Any] = {
    "contact_id": "dana",
    "changed": {},
    "name": "Dana Whitfield",
    "phone": "512 555 0112",
    "email": "dana.w@example.com",
    "address": "14 Elm St, Austin",
    "url": "https://crm.example.com/dana",
    "timezone": "America/Denver",
}


def contact_of(location: LiveLocation) -> Contact:
    contact = Contact("dana")
    for event in location.events:
        contact.apply(event, TARGETS)
    return Contact.load("dana", contact.dump())


def card(location: LiveLocation, later: timedelta = timedelta(0)) -> ContactCard:
    return contact_card(contact_of(location), location.events, TARGETS, micros(NOON + later))


@pytest.fixture
def dana(location: LiveLocation) -> LiveLocation:
    location.publish("contact_update", NOON - DAY, **KNOWN)
    answered = {"questions_answered": 4, "seller_temperature": "hot", "next_step": "sign", "estimated_value": 412_500.0}
    location.qualify("dana", NOON - 6 * MINUTE, **answered)
    return location


def test_a_card_says_who_it_is_how_to_reach_her_and_why_she_is_hot(dana: LiveLocation) -> None:
    shown = card(dana)
    assert (shown["name"], shown["temperature"], shown["phone"], shown["phone_state"]) == (
        "Dana Whitfield",
        "hot",
        "(512) 555-0112",
        "ok",
    )
    assert shown["why"] == "Answered all four questions · hot since 11:54 · next: sign"
    assert [way["href"] for way in shown["ways"]] == [
        "tel:+15125550112",
        "sms:+15125550112",
        "mailto:dana.w@example.com",
    ]
    assert (shown["address"], shown["value"], shown["commission"]) == ("14 Elm St, Austin", "$412,500", "$24,750")
    assert (shown["local_time"], shown["may_be_called"]) == ("11:00, Denver", "may be called until 21:00")
    assert (shown["item"], [need["item"] for need in shown["open"]]) == ("hot:dana", ["hot:dana"])
    assert shown["open"][0]["detail"] == "14 Elm St · $412,500"
    assert (shown["url"], shown["owner"]) == ("https://crm.example.com/dana", None)


@pytest.mark.parametrize("zone", ["Zebediah Quux", "Mars/Olympus", "../../etc/passwd", "America", "\0"])
def test_a_card_whose_zone_is_no_zone_is_shown_all_the_same(dana: LiveLocation, zone: str) -> None:
    dana.publish("contact_update", NOON, **{**KNOWN, "timezone": zone})
    shown = card(dana)
    assert (shown["name"], shown["local_time"]) == ("Dana Whitfield", "12:00, Chicago"), "as her number is of Austin"
    assert card(dana, timedelta(hours=1))["open"]


@pytest.mark.parametrize(
    ("phone", "local_time", "until", "again"),
    [
        ("212 555 0112", "22:30, New York", "may be called from 08:00", "again at Tue 24 Nov, 08:00"),
        ("+44 20 7946 0018", "03:30, London", "may be called from 08:00", "again at Tue 24 Nov, 03:00"),
        ("800 555 0112", "zone not known", "", "again at Tue 24 Nov, 09:00"),
    ],
)
def test_when_she_may_be_called_is_by_the_clock_where_her_number_is(
    dana: LiveLocation, phone: str, local_time: str, until: str, again: str
) -> None:
    dana.publish("contact_update", NOON, **{**KNOWN, "timezone": "", "phone": phone})
    shown = card(dana, 9 * HOUR + 30 * MINUTE)
    assert (shown["local_time"], shown["may_be_called"]) == (local_time, until)
    assert {choice["label"]: choice["says"] for choice in shown["choices"]}["No answer"] == again


def test_who_has_no_number_has_no_clock_for_calls(location: LiveLocation) -> None:
    location.publish("contact_update", contact_id="dana", changed={}, name="Dana Whitfield")
    assert (card(location)["local_time"], card(location)["may_be_called"]) == ("", "")


def test_an_outcome_says_what_it_does_and_when(dana: LiveLocation) -> None:
    offered = {choice["label"]: (choice["says"], choice["until"]) for choice in card(dana)["choices"]}
    assert offered == {
        "Reached": ("closes this", None),
        "No answer": ("again at 14:05", "2026-11-23T20:05:00Z"),
        "Appointment": ("pick a time", None),
        "Not interested": ("bots stop", None),
        "Wrong number": ("number is struck", None),
        "Note": ("stays open", None),
    }
    late = {choice["label"]: choice["says"] for choice in card(dana, 9 * HOUR)["choices"]}
    assert late["No answer"] == "again at Tue 24 Nov, 10:00"  # 9:00 by her own clock
    assert [(each["label"], each["says"]) for each in card(dana)["snoozes"]] == [
        ("1 hour", "13:05"),
        ("This evening", "18:00"),
        ("Tomorrow 09:00", "Tue 24 Nov"),
        ("Monday", "30 Nov, 09:00"),
    ]
    assert [each["label"] for each in card(dana, 6 * DAY + 6 * HOUR)["snoozes"]] == ["1 hour", "Tomorrow 09:00"]


def test_an_appointment_is_by_the_offices_clock_and_what_is_said_of_her_by_her_first_name(dana: LiveLocation) -> None:
    shown = card(dana)
    assert shown["appointment"] == {
        "default": "2026-11-24T10:00",
        "min": "2026-11-23T12:05",
        "max": "2027-11-24T12:00",
        "clock": "Chicago time",
    }
    assert [(need["first_name"], need["held"]) for need in shown["open"]] == [("Dana", True)]


def test_a_call_that_reached_her_closes_what_waits_for_a_word_and_undoing_it_opens_it_again(dana: LiveLocation) -> None:
    dana.converse("task", at=NOON - 5 * MINUTE, author="contact")
    dana.act("hot:dana", "called", NOON, outcome="reached")
    shown = card(dana, MINUTE)
    assert (shown["open"], shown["item"]) == ([], "contact:dana")
    dana.act("hot:dana", "undone", NOON + MINUTE)
    assert [need["item"] for need in card(dana, 2 * MINUTE)["open"]] == ["hot:dana", "callback:dana"]


def test_who_does_not_answer_comes_back_in_two_hours_or_at_once_when_she_writes(dana: LiveLocation) -> None:
    dana.act("hot:dana", "called", NOON, outcome="no_answer")
    (need,) = card(dana, MINUTE)["open"]
    assert (need["says"], need["next_ms"]) == (
        "was called at 12:00, no answer",
        int((NOON + 2 * HOUR).timestamp() * 1000),
    )
    contact = contact_of(dana)
    hidden = contact.acts.status("hot", micros(NOON - 6 * MINUTE), micros(NOON - 6 * MINUTE))
    assert hidden is not None
    assert hidden.shown_from == micros(NOON + 2 * HOUR)
    dana.converse(at=NOON + 3 * MINUTE, direction="inbound", channel="sms", body="call me now")
    written = contact_of(dana).last_received
    assert written is not None
    back = contact.acts.status("hot", micros(NOON - 6 * MINUTE), micros(NOON - 6 * MINUTE), 0, written.at)
    assert back is not None
    assert back.shown_from == 0
    dana.act("hot:dana", "called", NOON + 9 * MINUTE, outcome="no_answer")
    assert card(dana, HOUR)["open"][0]["says"] == "was called twice, last at 12:09, no answer"


@pytest.mark.parametrize("action", ["reopened", "assigned", "writes"])
def test_what_was_put_off_is_so_no_more_once_it_is_opened_again_taken_or_she_writes(
    dana: LiveLocation, action: str
) -> None:
    dana.act("hot:dana", "snoozed", NOON, until=(NOON + 2 * HOUR).isoformat())
    assert card(dana, MINUTE)["open"][0]["next_ms"] == int((NOON + 2 * HOUR).timestamp() * 1000)
    if action == "writes":
        dana.converse(at=NOON + MINUTE, direction="inbound", channel="sms", body="call me now")
    else:
        dana.act("hot:dana", action, NOON + MINUTE)
    assert [(need["item"], need["next_ms"]) for need in card(dana, 2 * MINUTE)["open"]] == [("hot:dana", None)]


def test_a_wrong_number_is_struck_until_another_one_is_told(dana: LiveLocation) -> None:
    dana.act("hot:dana", "called", NOON, outcome="wrong_number")
    shown = card(dana, MINUTE)
    assert (shown["phone_state"], [way["kind"] for way in shown["ways"]]) == ("struck", ["mail"])
    assert [need["item"] for need in shown["open"]] == ["hot:dana"]  # by mail
    assert "Wrong number" not in [choice["label"] for choice in shown["choices"]]
    dana.publish(
        "contact_update", NOON + MINUTE, contact_id="dana", changed={"email": {"to": None}}, phone="512 555 0112"
    )
    assert card(dana, 2 * MINUTE)["open"] == []  # the number was told again, and no way is left
    dana.publish("contact_update", NOON + 3 * MINUTE, contact_id="dana", changed={}, phone="512 555 0113")
    shown = card(dana, 4 * MINUTE)
    assert (shown["phone_state"], [need["item"] for need in shown["open"]]) == ("ok", ["hot:dana"])


def test_who_is_not_interested_is_opted_out_of_everything_and_a_later_bot_is_a_breach(dana: LiveLocation) -> None:
    dana.act("hot:dana", "called", NOON, outcome="not_interested")
    shown = card(dana, MINUTE)
    assert (shown["phone_state"], shown["ways"], shown["open"]) == ("do_not_contact", [], [])
    assert [choice["label"] for choice in shown["choices"]] == ["Done", "Note"]
    dana.converse(at=NOON + HOUR, author="bot", direction="outbound", channel="sms", body="Still selling?")
    (need,) = card(dana, HOUR)["open"]
    assert (need["item"], need["says"]) == ("optout:dana", "was texted 1 h after opting out of everything")
    dana.act("hot:dana", "undone", NOON + 2 * HOUR)
    assert [need["item"] for need in card(dana, 3 * HOUR)["open"]] == ["hot:dana"]


def test_what_is_undone_is_the_newest_act_of_the_same_person(dana: LiveLocation) -> None:
    dana.act("hot:dana", "assigned", NOON)
    dana.publish(
        "attention_update", NOON + MINUTE, item="hot:dana", action="noted", by="ann", note="in a meeting until 2"
    )
    dana.act("hot:dana", "undone", NOON + 2 * MINUTE)
    shown = card(dana, 3 * MINUTE)
    assert (shown["open"][0]["owner"], shown["open"][0]["note"]) == (None, "in a meeting until 2")
    assert shown["notes"] == [
        {
            "at_ms": int((NOON + MINUTE).timestamp() * 1000),
            "by": {"id": "ann", "name": "ann", "initials": "AN"},
            "note": "in a meeting until 2",
        }
    ]


def test_a_contact_of_the_crms_agent_is_his_until_somebody_takes_it(dana: LiveLocation) -> None:
    dana.publish("contact_update", NOON - HOUR, contact_id="dana", changed={}, assigned_to="agent-7")
    first = card(dana)
    assert first["owner"] is not None
    assert (first["owner"]["id"], first["open"][0]["owner"]) == ("agent-7", first["owner"])
    dana.act("hot:dana", "assigned", NOON)
    taken = card(dana)["open"][0]["owner"]
    assert taken is not None
    assert taken["id"] == "jorge"


def test_a_card_knows_the_crms_agent_and_the_user_as_one_person(dana: LiveLocation) -> None:
    dana.publish("contact_update", NOON - HOUR, contact_id="dana", changed={}, assigned_to="agent-7")
    dana.act("hot:dana", "noted", NOON, note="in a meeting")
    contact, people = contact_of(dana), [Colleague("jorge", "jorge", "agent-7")]
    assert people_of(contact) == {"agent-7", "jorge"}
    shown = contact_card(contact, dana.events, TARGETS, micros(NOON), Colleagues(people, {"jorge": "Jorge Salas"}))
    one = {"id": "agent-7", "name": "Jorge Salas", "initials": "JS"}
    assert (shown["owner"], shown["open"][0]["owner"], shown["notes"][0]["by"]) == (one, one, one)


def test_what_she_told_us_is_the_crms_answer_or_the_words_before_each_step(location: LiveLocation) -> None:
    for n, words in enumerate(("new job in Denver", "30 to 45 days", "ready, new roof")):
        at = NOON + n * HOUR
        location.converse(at=at, direction="inbound", channel="sms", body=words)
        location.qualify("dana", at + MINUTE, questions_answered=n + 1, current_question=n)
    changed = {"price_expectation": {"from": None, "to": "$440,000"}}
    location.publish("contact_update", NOON + DAY, contact_id="dana", changed=changed)
    assert [(each["question"], each["answer"]) for each in card(location, DAY)["told"]] == [
        ("Motivation", "new job in Denver"),
        ("Timeline", "30 to 45 days"),
        ("Condition", "ready, new roof"),
        ("Price", "$440,000"),
    ]


def test_what_she_told_us_anew_counts_and_words_before_a_first_report_of_several_answers_do_not(
    location: LiveLocation,
) -> None:
    location.converse(at=NOON, direction="inbound", channel="sms", body="ok thanks, bye")
    location.qualify("dana", NOON + MINUTE, questions_answered=4, current_question=3)
    assert card(location, DAY)["told"] == []
    for n, words in enumerate(("the stairs", "a new job")):
        at = NOON + (n + 1) * HOUR
        location.qualify("dana", at, questions_answered=0, current_question=0)
        location.converse(at=at + MINUTE, direction="inbound", channel="sms", body=words)
        location.qualify("dana", at + 2 * MINUTE, questions_answered=1, current_question=1)
    assert [(each["question"], each["answer"]) for each in card(location, DAY)["told"]] == [("Motivation", "a new job")]


def test_an_act_on_a_card_is_on_the_dearest_item_that_is_not_put_off(dana: LiveLocation) -> None:
    dana.converse(at=NOON, direction="inbound", channel="email", kind="opted_out", author="contact")
    dana.converse(at=NOON + MINUTE, direction="outbound", channel="email", author="bot", body="still there?")
    assert {each["item"] for each in card(dana, DAY)["open"]} >= {"hot:dana", "optout:dana"}
    assert card(dana, DAY)["item"] == "hot:dana"


def test_a_reply_of_a_month_ago_still_stands_and_our_answer_ends_it(location: LiveLocation) -> None:
    location.converse(at=NOON - 31 * DAY, direction="inbound", channel="sms", body="maybe after New Year")
    (need,) = card(location)["open"]
    assert (need["item"], need["says"], need["detail"]) == (
        "reply:dana",
        "has not had a reply",
        "“maybe after New Year”",
    )
    location.converse(at=NOON, author="agent", direction="outbound", channel="sms")
    assert card(location)["open"] == []


def test_what_did_not_arrive_and_what_is_late_are_said_in_words(location: LiveLocation) -> None:
    sent = {"author": "bot", "direction": "outbound", "channel": "sms", "message_id": "m1"}
    location.converse(at=NOON - HOUR, delivery="failed", **sent)
    location.step("dana", NOON - DAY, sequence_day=3, next_action_date="2026-11-23T11:40:00-06:00")
    assert [(need["item"], need["says"], need["detail"]) for need in card(location)["open"]] == [
        ("overdue:dana", "day 7 call is overdue", "due 11:40"),
        ("send:dana", "did not get our text", ""),
    ]


def test_an_erased_contact_has_no_number_no_words_and_no_note(dana: LiveLocation) -> None:
    dana.converse(at=NOON - 5 * MINUTE, direction="inbound", channel="sms", body="call 512 555 0112")
    dana.act("hot:dana", "noted", NOON, note="her sister is Ann")
    contact = contact_of(dana)
    erase_contact(contact, Eraser(b"key", ["dana"]))
    row = contact_row(contact)
    assert [row[name] for name in ("phone", "email", "address", "url")] == [None] * 4
    for secret in (b"555", b"dana.w", b"Elm St", b"crm.example", b"sister", b"Whitfield"):
        assert secret not in contact.dump()
