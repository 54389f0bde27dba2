"""What of an event is personal: whose number is searched for, and how ids are found in a body."""

import re
from random import Random

import pytest

from jorge_data.events.personal import Eraser, Identifiers, names_one_of


def test_an_id_is_found_where_it_stands_as_a_word_of_its_own() -> None:
    chance, alphabet, found = Random(7), 'ab1-_+@. é—"', 0
    for _ in range(3_000):
        ids = frozenset("".join(chance.choices(alphabet, k=chance.randrange(5))) for _ in range(4))
        text = "".join(chance.choices(alphabet, k=16))
        one_by_one = any(re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", text) for each in ids if each)
        assert names_one_of(text, ids) == one_by_one, (text, ids)
        found += one_by_one
    assert 300 < found < 2_700


@pytest.fixture
def couple() -> Identifiers:
    """What one of two is known by who have a number and an address together, and one of each alone."""
    known = Identifiers()
    known.read({"name": "Maria Lopez", "phone": "+1 512 555 0142", "email": "lopez@home.example"})
    known.read({"mobile": "512-555-0143", "email": "maria@work.example"})
    return known


def test_a_number_that_another_has_too_stays_in_what_others_say(couple: Identifiers) -> None:
    couple.share({"changed": {"phone": {"from": None, "to": "(512) 555-0142"}}, "email": "Lopez@home.example"})
    eraser = Eraser(b"key", {"c-1"}, known=couple)
    said = "call 512 555 0142 or 512 555 0143, lopez@home.example or maria@work.example, ask Maria Lopez"
    replaced = "call 512 555 0142 or [erased], lopez@home.example or [erased], ask [erased]"
    assert eraser.erased("conversation_event", "c-2", {"contact_id": "c-2", "body": said})["body"] == replaced


def test_a_number_that_another_has_too_goes_from_what_is_about_the_person(couple: Identifiers) -> None:
    couple.share({"phone": "5125550142"})
    failed = {"contact_id": "c-1", "failure_reason": "no route to 512-555-0142"}
    assert (
        Eraser(b"key", {"c-1"}, known=couple).about("lead_bot_sequence_update", failed)["failure_reason"]
        != (failed["failure_reason"])
    )


def test_a_line_of_the_office_is_nobodys_alone(couple: Identifiers) -> None:
    couple.share({"contact_id": "c-2", "agent_phone": "+15125550142"})
    assert couple.shared == {"15125550142"}


def test_what_another_says_of_the_person_makes_no_number_his(couple: Identifiers) -> None:
    couple.share({"contact_id": "c-2", "body": "her number is 512 555 0142", "referrer_phone": "512 555 0142"})
    assert couple.shared == set()


def test_what_is_known_comes_back_as_it_was_noted(couple: Identifiers) -> None:
    couple.share({"phone": "5125550142"})
    assert Identifiers.from_json(couple.as_json()) == couple
