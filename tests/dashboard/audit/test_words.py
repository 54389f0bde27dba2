"""Every act of the audit log has its words."""

from typing import get_args

from jorge_data.dashboard.audit.words import GROUPS, WORDS, role_words, state_words
from jorge_data.store import ActName


def test_every_act_has_words_and_stands_in_one_group() -> None:
    listed = [act for group in GROUPS.values() for act in group]
    assert sorted(listed) == sorted(get_args(ActName))
    assert len(set(WORDS.values())) == len(WORDS)


def test_what_was_before_and_after_is_told_in_words() -> None:
    assert state_words(None) == ""
    assert (
        state_words({"assigned_to": None, "fields": ["phone", "email"]}) == "assigned to: nobody · fields: phone, email"
    )


def test_what_a_token_did_is_told_apart_from_what_a_person_of_its_name_did() -> None:
    assert role_words("admin", "token 0199") == "admin, by a token"
    assert role_words("admin", "7f3a") == "admin"
    assert role_words("", "") == ""
