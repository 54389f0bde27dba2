from dataclasses import replace
from datetime import timedelta
from typing import Any

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.events import Cursor
from jorge_data.feed import FeedStatus
from jorge_data.metrics import Targets
from jorge_data.metrics.wall.current_view import NO_NEEDS
from jorge_data.metrics.wall.view import Line
from jorge_data.permissions import FIGURES
from tests.dashboard.fake_feeds import HOME, NOON, FakeFeeds, event

CONVERSATIONS = {"active": 7, "waiting": 2}


def tile(feeds: FakeFeeds, key: str) -> str:
    return next(each["value"] for each in feeds.locations.get(HOME).view(feeds.now)["kpis"] if each["key"] == key)


def lines(feeds: FakeFeeds) -> list[Line]:
    return feeds.locations.get(HOME).view(feeds.now)["feed"]


def title(line: Line) -> str:
    return "".join(text for _, text in line["title"])


def test_every_event_has_a_line_and_counts_for_the_rate(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    assert [line["seq"] for line in lines(feeds)] == [2, 1]
    feeds.now += 2
    assert feeds.locations.get(HOME).view(feeds.now)["rate"] == 2


def test_the_figures_shown_are_those_that_were_told_last(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    assert tile(feeds, "conversations") == "no data", "an event alone is no figure"
    feeds.tell(1, conversations=CONVERSATIONS)
    assert tile(feeds, "conversations") == "7"
    feeds.tell(2, ml=None)
    assert tile(feeds, "conversations") == "7", "what was not told has not changed"


def test_a_log_that_begins_anew_has_none_of_the_figures_lines_and_names_of_the_old_one(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    feeds.tell(2, conversations=CONVERSATIONS, names={"c1": "Ann Lee"})
    before = feeds.locations.get(HOME).generation
    feeds.wipe()
    state = feeds.locations.get(HOME)
    assert (tile(feeds, "conversations"), lines(feeds), state.recent()) == ("no data", [], [])
    assert state.contact_name("c1") == "c1"
    assert (state.cursor, state.has_events) == (("e2", 0), False)
    assert state.generation > before
    assert state.dashboard(None)["position"] is None


def test_a_name_that_becomes_known_words_the_lines_that_are_shown_anew(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    assert ["c1" in title(line) for line in lines(feeds)] == [False, True]
    feeds.tell(2, names={"c1": "Ann Lee"})
    assert "Ann Lee" in title(lines(feeds)[1])
    assert "c2" in title(lines(feeds)[0])
    feeds.publish(4)
    assert "Ann Lee" in title(lines(feeds)[0]), "and those that come after"


def test_a_name_that_an_event_itself_says_needs_no_figures(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    renamed = {"contact_id": "c1", "name": "Ann Lee", "changed": {}}
    feeds.locations.get(HOME).deliver([event(2, HOME, "contact_update", **renamed)], feeds.now)
    assert "Ann Lee" in title(lines(feeds)[1])
    assert feeds.locations.get(HOME).contact_name("c1") == "Ann Lee"


def test_a_name_in_a_late_event_does_not_replace_the_one_that_the_server_told(feeds: FakeFeeds) -> None:
    feeds.tell(2, names={"c1": "Ann Lee"})
    late = {"contact_id": "c1", "name": "Ann Smith", "changed": {}}
    feeds.locations.get(HOME).deliver([event(3, HOME, "contact_update", **late)], feeds.now)
    assert feeds.locations.get(HOME).contact_name("c1") == "Ann Lee"
    feeds.tell(3, names={"c1": "Ann Smith"})
    assert feeds.locations.get(HOME).contact_name("c1") == "Ann Smith"


def test_whoever_waits_is_called_by_name_in_the_line_of_an_act_however_long_ago_he_was_heard_of(
    feeds: FakeFeeds,
) -> None:
    waiting = {"contact": "c1", "name": "Ann Lee"}
    done = {"contact": "c2", "name": "Ben Roe"}
    feeds.tell(1, needs={**NO_NEEDS, "items": [waiting], "done": {**NO_NEEDS["done"], "items": [done]}})
    acts = [{"item": f"reply:{each}", "action": "called", "by": "jorge", "outcome": "reached"} for each in ("c1", "c2")]
    state = feeds.locations.get(HOME)
    state.deliver([event(2 + at, HOME, "attention_update", **act) for at, act in enumerate(acts)], feeds.now)
    assert [title(line) for line in lines(feeds)] == [
        f"jorge called about unanswered reply · {name}" for name in ("Ben Roe", "Ann Lee")
    ]


def test_the_offices_people_are_called_by_name_once_the_server_tells_it(feeds: FakeFeeds) -> None:
    state = feeds.locations.get(HOME)
    label = {"analysis_id": "a", "actual_category": "buyer", "labelled_by": "ann"}
    state.deliver([event(1, HOME, "intent_feedback", **label)], feeds.now)
    assert (lines(feeds)[0]["detail"], state.person_name("ann")) == ("by ann", "ann")
    feeds.tell(1, people={"ann": "Ann Lee"})
    assert (lines(feeds)[0]["detail"], state.person_name("ann")) == ("by Ann Lee", "Ann Lee")


def test_an_office_that_is_being_counted_says_so_until_it_is(feeds: FakeFeeds) -> None:
    def counting() -> Any:
        return feeds.locations.get(HOME).view(feeds.now)["bar"]["counting"]

    feeds.tell(5, counting={"folded": 1200, "top": 48_000})
    assert counting() == "Counting the history: 1,200 of 48,000 events"
    feeds.tell(48_000, counting=None)
    assert counting() == ""


def test_a_past_that_is_brought_in_shows_how_much_of_it_is_there_and_asks_for_nobody(feeds: FakeFeeds) -> None:
    def view() -> Any:
        return feeds.locations.get(HOME).view(feeds.now)

    feeds.tell(5, counting={"folded": 600, "top": 1200, "loaded": 0.5}, needs={**NO_NEEDS, "count": 3})
    bar = view()["bar"]
    assert (bar["counting"], bar["loaded"], bar["alerts"]) == ("Loading the past, 25 %", 0.25, 0)
    assert {tile["tone"] for tile in view()["kpis"]} == {"mute"}
    feeds.tell(1200, counting=None)
    assert (view()["bar"]["counting"], view()["bar"]["loaded"], view()["bar"]["alerts"]) == ("", None, 3)


def test_what_is_brought_in_from_long_ago_is_no_news(feeds: FakeFeeds) -> None:
    state = feeds.locations.get(HOME)
    now = event(1, HOME, "bot_status_update", bot_type="jorge-seller", status="idle")
    long_ago = event(2, HOME, "bot_status_update", bot_type="jorge-seller", status="active")
    state.deliver([now, long_ago._replace(time=now.time - timedelta(days=90))], feeds.now)
    assert [line["seq"] for line in state.view(feeds.now)["feed"]] == [1]
    assert [each.seq for each in state.buffer.newest(10)] == [1]
    assert state.cursor == Cursor(now.epoch, 2)


def test_the_figures_say_how_this_process_hears_of_them(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    feeds.tell(1, conversations=CONVERSATIONS, sources={"ghl": "2026-11-23T18:00:01Z"})
    feeds.now = NOON.timestamp() + 3
    figures = feeds.locations.figures(HOME)
    assert figures["position"] == {"epoch": "e1", "seq": 1}
    assert (figures["conversations"], figures["revenue"]) == (CONVERSATIONS, None)
    assert set(figures["connection"]) == {"state", "since", "latency_ms_p50"}
    assert figures.keys() == FIGURES.keys() - {"names"}


def test_a_section_that_this_dashboard_does_not_know_is_not_passed_on(feeds: FakeFeeds) -> None:
    feeds.tell(1, weather="sunny")
    assert "weather" not in feeds.locations.figures(HOME)


def test_what_waits_to_be_shown_is_named_once(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    location_state = feeds.locations.get(HOME)
    assert location_state.take_oldest_unsent() == NOON.timestamp() + 1
    assert location_state.take_oldest_unsent() is None


def test_history_that_is_brought_in_is_not_on_its_way_to_a_screen(feeds: FakeFeeds) -> None:
    location_state = feeds.locations.get(HOME)
    location_state.deliver([event(1), event(2)], NOON.timestamp() + 90 * 86_400)
    assert location_state.take_oldest_unsent() is None
    assert location_state.latency.p50_p95("bot_server") is None
    location_state.deliver([event(3)], NOON.timestamp() + 3.5)
    assert location_state.take_oldest_unsent() == NOON.timestamp() + 3


def test_positions_go_on_from_where_the_feed_restarted(feeds: FakeFeeds) -> None:
    state = feeds.locations.get(HOME)
    state.restart(Cursor("e1", 40))
    assert (state.cursor, state.has_events) == (("e1", 40), True)


SYSTEM = {
    "overall": "healthy",
    "uptime_30d": 1.0,
    "not_reporting": 0,
    "components": {"redis": {"status": "healthy", "since": "2026-11-23T18:00:01Z"}},
}


def test_no_figure_says_that_anything_works_while_the_server_cannot_be_seen(feeds: FakeFeeds) -> None:
    feeds.tell(1, system=SYSTEM, bots={"jorge-seller": {"status": "processing"}}, sources={"g": "2026-11-23T18:00:00Z"})
    feeds.now = NOON.timestamp() + 60
    state = feeds.locations.get(HOME)
    live = FeedStatus(HOME, "connected", NOON, "live", reachable=True, silent_s=29.0)
    seen, unseen = state.dashboard(live), state.dashboard(replace(live, silent_s=36.0))
    assert (seen["system"], seen["connection"]["state"]) == (SYSTEM, "live")
    assert unseen["connection"]["state"] == "offline"
    system = unseen["system"]
    assert (system["overall"], system["uptime_30d"], system["not_reporting"]) == (None, None, 1)
    assert system["components"]["redis"]["status"] == "unknown"
    assert unseen["bots"]["jorge-seller"]["status"] == "unknown"
    assert (seen["freshness_s"], unseen["freshness_s"]) == (0.0, 60.0)
    assert unseen["as_of"] == seen["as_of"]


def test_what_was_caught_up_on_is_no_latency(feeds: FakeFeeds) -> None:
    state = feeds.locations.get(HOME)
    state.changed(FeedStatus(HOME, "connected", NOON + timedelta(seconds=10), "live"))
    feeds.publish(1)
    assert state.latency.newest("server_feed") is None
    feeds.publish(11)
    assert state.latency.newest("server_feed") is not None


def test_whoever_was_erased_is_in_no_line_name_or_event_any_more(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    feeds.tell(2, names={"c1": "Ann Lee", "c2": "Bo Ray"})
    state = feeds.locations.get(HOME)
    before = state.generation
    state.forget("c1")
    state.deliver([event(3, kind="contact_update", contact_id="c1", changed={}, erased=True)], feeds.now)
    assert next(title(line) for line in lines(feeds)).startswith("c1 was erased")
    assert "Ann Lee" not in str(lines(feeds))
    assert "Bo Ray" in str(lines(feeds))
    assert [each.seq for each in state.recent()] == [3, 2]
    assert state.contact_name("c1") == "c1"
    assert state.generation > before


def test_a_contact_that_must_be_forgotten_is_in_no_line_no_window_and_no_name(feeds: FakeFeeds) -> None:
    feeds.publish(1, 2)
    feeds.tell(2, names={"c1": "Ann Lee", "c2": "Bob"})
    state = feeds.locations.get(HOME)
    before = state.generation
    state.forget("c1")
    assert [line["contact"] for line in lines(feeds)] == ["c2"]
    assert [each.data["contact_id"] for each in state.recent()] == ["c2"]
    assert (state.contact_name("c1"), state.contact_name("c2")) == ("c1", "Bob")
    assert state.generation > before, "tabs get the whole view anew"


def test_a_state_that_begins_has_forgotten_what_was_answered_and_held_before() -> None:
    forgotten: list[str] = []
    state = LocationState(HOME, Targets(), lambda: None, lambda: 0.0, lambda: forgotten.append(HOME))
    state.restart(Cursor("e1", 0))
    assert forgotten == [HOME], "who was erased while no feed was open?"
    state.deliver([event(1)], 0.0)
    state.restart(Cursor("e1", 9))
    assert state.recent() == [], "of the same epoch too: what was skipped may have erased somebody"


def test_no_two_states_are_of_one_generation() -> None:
    first, second = (LocationState(HOME, Targets(), lambda: None, lambda: 0.0) for _ in range(2))
    seen = {first.generation, second.generation}
    first.restart(Cursor("e1", 0))
    second.restart(Cursor("e1", 0))
    assert len(seen | {first.generation, second.generation}) == 4


def test_what_names_a_contact_in_another_way_is_forgotten_with_it(feeds: FakeFeeds) -> None:
    state = feeds.locations.get(HOME)
    deal: dict[str, Any] = {"deal_id": "d1", "deal_value": 1.0, "status": "open"}
    others: dict[str, Any] = {"deal_id": "d2", "deal_value": 1.0, "status": "open", "contact_id": "c2"}
    act: dict[str, Any] = {"item": "hot:c1", "action": "acknowledged", "by": "ann"}
    state.deliver(
        [
            event(1, kind="commission_update", **deal, contact_id="c1"),
            event(2, kind="commission_update", **deal, name="House of Ann Lee"),
            event(3, kind="attention_update", **act),
            event(4, kind="commission_update", **others),
        ],
        feeds.now,
    )
    state.forget("c1")
    assert [each.seq for each in state.recent()] == [4]
    assert len(lines(feeds)) == 1
