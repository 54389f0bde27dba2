"""Every act of the audit log has its words, and so has what it was done to."""

from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.audit.words import (
    GROUPS,
    NEEDS,
    WAYS,
    WORDS,
    contact_of,
    role_words,
    state_words,
    subject_words,
    who_words,
)
from jorge_data.metrics.wall.needs import ItemKind
from jorge_data.server.auth.opened_transcripts import Way
from jorge_data.store import ActName


def test_every_act_has_words_and_stands_in_one_group() -> None:
    listed = [act for group in GROUPS.values() for act in group]
    assert sorted(listed) == sorted(get_args(ActName))
    assert len(set(WORDS.values())) == len(WORDS)


def test_every_way_of_reading_and_each_kind_of_need_has_words() -> None:
    assert WAYS.keys() == set(get_args(Way))
    assert NEEDS.keys() == set(get_args(ItemKind))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, ""),
        ({"assigned_to": None, "fields": ["phone", "email"]}, "assigned to: nobody · fields: phone, e-mail"),
        ({"fields": ["seller_temperature"]}, "fields: temperature"),
        ({"grants": [{"location": None, "role": "viewer", "agent_id": None}]}, "viewer at every office"),
        ({"grants": [{"location": "austin", "role": "agent", "agent_id": "u7"}]}, "agent at austin as u7"),
        ({"grants": []}, "nothing granted"),
        ({"may_log_in": False}, "may not log in"),
        ({"times": 1}, "1 time"),
        ({"rows": 1200}, "1,200 rows"),
        ({"keys": ["0a1b"]}, ""),
        ({"by": "a link"}, "by a link"),
        ({"login": "password"}, "by a password"),
        ({"action": "called", "outcome": "no_answer"}, "action: called · outcome: no answer"),
        ({"action": "snoozed", "until": "2026-12-01T09:00:00Z"}, "action: snoozed · until: 1 Dec 2026, 03:00"),
    ],
)
def test_what_was_before_and_after_is_told_in_words(state: dict[str, Any] | None, words: str) -> None:
    assert state_words(state, ZoneInfo("America/Chicago")) == words


@pytest.mark.parametrize(
    ("act", "what", "words"),
    [
        ("session.begin", "maria", ""),
        ("session.limit", "attempts were held back", ""),
        ("session.refuse", "maria", ""),
        ("session.refuse", "maria, by another account", "maria, by another account"),
        ("key.rotate", "0a1b2c3d", ""),
        ("token.make", "publisher a bot for austin: 5b0c-1", "of the publisher a bot for austin"),
        ("token.revoke", "5b0c-123456", "its id ends in 123456"),
        ("request.refuse", "GET /api/audit: the role agent may not read it", "The role agent may not read it"),
        ("request.refuse", "the socket: the token is bound", "The token is bound"),
        ("needs.act", "hot:c1", "a hot seller · contact c1"),
        ("needs.act", "bot:jorge-seller", "a bot · jorge-seller"),
        ("transcript.open", "c1", "contact c1"),
        ("transcript.open", "sha256-0a1b", "contact whose id is a number or an address"),
        ("location.read", "the socket, from 1199", "events as they come · from number 1,200 on"),
        ("location.read", "the dashboard", "on the dashboard"),
        ("export.download", "explore/numbers, csv", "Explore · numbers · CSV"),
        ("label.set", "0199e3b1-7cc2-7b02-a33c-5b2f0c9d1e44", "of a message, its id ends in 9d1e44"),
        ("view.share", "ml", "of ML confidence"),
        ("location.remove", "austin", "austin"),
    ],
)
def test_to_what_it_was_done_is_told_in_words(act: str, what: str, words: str) -> None:
    assert subject_words({"act": act, "what": what, "by": "maria"}) == words


LONG = "qR7tYxWv2LmNoPq9AbCd"


@pytest.mark.parametrize(
    ("act", "what", "words"),
    [
        ("needs.act", "hot:c1", "a hot seller · Dana Whitfield"),
        ("transcript.open", "c1", "Dana Whitfield"),
        ("transcript.open", LONG, "a contact, its id ends in q9AbCd"),
        ("needs.act", f"reply:{LONG}", "an answer that is owed · a contact, its id ends in q9AbCd"),
        ("needs.act", "bot:jorge-seller", "a bot · jorge-seller"),
    ],
)
def test_a_contact_is_called_by_name_or_by_the_end_of_a_long_id(act: str, what: str, words: str) -> None:
    names = {"c1": "Dana Whitfield"}
    assert subject_words({"act": act, "what": what, "by": "maria"}, lambda id_: names.get(id_, id_)) == words


def test_who_is_no_user_is_told_in_words() -> None:
    assert (who_words("maria"), who_words("event-server")) == ("maria", "the event server")


def test_what_a_token_did_is_told_apart_from_what_a_person_of_its_name_did() -> None:
    assert role_words("admin", "token 0199") == "admin, by a token"
    assert role_words("admin", "7f3a") == "admin"
    assert role_words("", "") == ""


@pytest.mark.parametrize(
    ("act", "what", "contact"),
    [
        ("transcript.open", "c-1", "c-1"),
        ("contact.change", "c-1", "c-1"),
        ("needs.act", "reply:c-1", "c-1"),
        ("needs.act", "bot:jorge-seller", None),
        ("contact.erase", "c-1", None),
        ("contact.export", "hmac-12ab", None),
        ("token.make", "c-1", None),
    ],
)
def test_an_entry_opens_the_contact_to_whom_it_was_done_where_the_page_is_left(
    act: str, what: str, contact: str | None
) -> None:
    assert contact_of({"act": act, "what": what}) == contact
