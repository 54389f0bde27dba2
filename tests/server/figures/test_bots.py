import pytest

from jorge_data.metrics.wall.bot_cards import MAX_CARDS
from jorge_data.metrics.wall.view import BotCard
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def card(followed: FollowedLocation, name: str) -> BotCard:
    return next(card for card in followed.view(NOON)["bots"] if card["name"] == name)


def figures(followed: FollowedLocation, name: str) -> list[str]:
    return [value for value, _ in card(followed, name)["figures"]]


def test_the_team_has_cards_before_anything_was_heard(followed: FollowedLocation) -> None:
    cards = followed.view(NOON)["bots"]
    assert [card["label"] for card in cards] == ["Seller bot", "Lead bot", "Intent decoder"]
    assert cards[0]["step"] == [("t", "no data yet")]
    assert cards[0]["figures"] == []


def test_a_bot_of_any_name_gets_its_own_card(followed: FollowedLocation) -> None:
    followed.bot("night-bot", "idle")
    assert card(followed, "night-bot")["label"] == "night-bot"


def test_a_bot_works_since_it_began_not_since_its_last_step(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "active", NOON - 3 * MINUTE)
    followed.bot("jorge-seller", "processing", NOON - MINUTE, current_step="generate", contact_id="dana")
    assert card(followed, "jorge-seller")["state"] == "working"
    assert card(followed, "jorge-seller")["since_ms"] == (NOON - 3 * MINUTE).timestamp() * 1000
    assert card(followed, "jorge-seller")["step"] == [("b", "generate"), ("t", " · dana")]


def test_a_late_report_changes_no_newer_status_but_counts_in_its_minute(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "idle", NOON)
    followed.bot("jorge-seller", "error", NOON - 30 * MINUTE, error_message="timeout")
    assert card(followed, "jorge-seller")["state"] == "idle"
    assert card(followed, "jorge-seller")["spark"][14] == 1
    assert figures(followed, "jorge-seller") == ["2", "0 %", "no data"]


def test_the_hour_counts_events_of_every_kind_that_the_bot_made(followed: FollowedLocation) -> None:
    followed.qualify(at=NOON - 2 * HOUR)
    followed.qualify(at=NOON - 10 * MINUTE)
    followed.bot("jorge-seller", "completed", processing_time_ms=400.0)
    followed.bot("jorge-seller", "completed", processing_time_ms=100.0)
    followed.bot("jorge-seller", "completed", processing_time_ms=412.0)
    followed.bot("jorge-seller", "error", error_message="no answer")
    assert figures(followed, "jorge-seller")[:2] == ["5", "75 %"]
    median = followed.figures(NOON)["bots"]["jorge-seller"]["processing_ms_p50"]
    assert median == pytest.approx(400, rel=0.01)
    assert card(followed, "jorge-seller")["error"] == "no answer"


def test_the_lead_bot_is_judged_by_its_steps(followed: FollowedLocation) -> None:
    followed.step(success=True)
    followed.step(success=True)
    followed.step(success=False)
    followed.bot("lead-bot", "completed")
    assert figures(followed, "lead-bot")[:2] == ["4", "66.7 %"]


def test_the_decoders_successes_are_its_analyses(followed: FollowedLocation) -> None:
    followed.analyse(34)
    followed.bot("intent-decoder", "completed")
    followed.bot("intent-decoder", "error")
    assert figures(followed, "intent-decoder")[1] == "50 %"


def test_a_bot_unheard_for_long_keeps_its_card(followed: FollowedLocation) -> None:
    followed.bot("old-bot", "idle", NOON - 31 * DAY)
    followed.bot("lead-bot", "idle", NOON)
    assert list(followed.figures()["bots"]) == ["lead-bot", "old-bot"]
    assert figures(followed, "old-bot") == ["0", "no data", "no data"]


def test_of_more_bots_than_are_told_those_last_heard_of_are(
    followed: FollowedLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jorge_data.server.figures.reader.MOST_LISTED", 2)
    for minute, name in enumerate(("one", "two", "three", "one")):
        followed.bot(name, "idle", NOON - HOUR + minute * MINUTE)
    assert list(followed.figures()["bots"]) == ["one", "three"]
    assert set(followed.figures()["sparks"]) == {"one", "three"}
    assert followed.figures()["unlisted"] == {"bots": 1, "components": 0, "sources": 0}
    assert followed.view(NOON)["more_bots"] == 1


def test_bots_without_a_card_are_told_as_a_number(followed: FollowedLocation) -> None:
    for number in range(30):
        followed.bot(f"bot-{number}", "idle")
    view = followed.view(NOON)
    assert (len(view["bots"]), view["more_bots"]) == (MAX_CARDS, 3 + 30 - MAX_CARDS)


def test_a_bars_two_minutes_are_those_of_the_clock(followed: FollowedLocation) -> None:
    followed.bot("jorge-seller", "idle", NOON - MINUTE)
    followed.bot("jorge-seller", "idle", NOON)
    followed.bot("jorge-seller", "idle", NOON + MINUTE)
    for now in (NOON + MINUTE, NOON + MINUTE + MINUTE / 2):
        assert followed.figures(now)["sparks"]["jorge-seller"][-2:] == [1, 2]
    assert followed.figures(NOON + 2 * MINUTE)["sparks"]["jorge-seller"][-3:] == [1, 2, 0]


def test_a_bots_contact_is_named(followed: FollowedLocation) -> None:
    followed.publish("contact_update", contact_id="dana", changed={}, name="Dana Whitfield")
    followed.bot("jorge-seller", "processing", contact_id="dana")
    assert card(followed, "jorge-seller")["step"] == [("t", "Dana Whitfield")]
