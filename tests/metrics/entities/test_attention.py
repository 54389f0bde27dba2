from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from jorge_data.events.timestamps import HOUR, MINUTE, micros
from jorge_data.metrics.entities.attention import Acts, ItemStatus
from tests.metrics.live_location import NOON, make

AT = micros(NOON)


def acts(*told: tuple[str, int, dict[str, Any]]) -> Acts:
    """Return what (action, minutes after noon, further data) makes, read from its dump."""
    acts = Acts()
    for seq, (action, minutes, data) in enumerate(told, 1):
        at = NOON + timedelta(minutes=minutes)
        acts.apply(make("attention_update", at, seq, item="hot:dana", action=action, **{"by": "jorge"} | data))
    return Acts.load(acts.dump())


def after(minutes: int) -> int:
    return AT + minutes * MINUTE


def iso(moment: datetime) -> dict[str, str]:
    return {"until": moment.isoformat()}


def test_nobody_acted(location: object) -> None:
    assert acts().status("hot", AT, AT, 7) == ItemStatus(AT, 7, "")


def test_what_is_acknowledged_is_gone_until_it_happens_again() -> None:
    done = acts(("acknowledged", 5, {}))
    assert done.status("hot", AT, AT) is None
    assert done.status("hot", AT, after(5)) is None
    assert done.status("hot", AT, after(6)) == ItemStatus(after(6), 0, "")


def test_an_act_on_one_item_says_nothing_of_another() -> None:
    assert acts(("acknowledged", 5, {})).status("stall", AT, AT) == ItemStatus(AT, 0, "")


def test_a_snooze_lasts_an_hour_or_as_long_as_it_says() -> None:
    assert acts(("snoozed", 5, {})).status("hot", AT, AT) == ItemStatus(AT, after(5) + HOUR, "")
    told = acts(("snoozed", 5, iso(NOON + timedelta(minutes=9))))
    assert told.status("hot", AT, AT) == ItemStatus(AT, after(9), "")


def test_a_snooze_does_not_bring_forward_what_is_not_shown_yet() -> None:
    assert acts(("snoozed", 5, {})).status("hot", AT, AT, after(600)) == ItemStatus(AT, after(600), "")


def test_what_was_snoozed_before_it_began_is_shown() -> None:
    assert acts(("snoozed", 5, {})).status("hot", after(6), after(6)) == ItemStatus(after(6), 0, "")


def test_who_took_it_last_has_it_as_long_as_it_is_the_same_item() -> None:
    taken = acts(("assigned", 5, {}), ("assigned", 8, {"by": "ann"}), ("snoozed", 9, {}))
    assert taken.status("hot", AT, AT) == ItemStatus(AT, after(9) + HOUR, "ann")
    assert taken.status("hot", after(9), after(9)) == ItemStatus(after(9), after(9) + HOUR, "")


def test_what_is_assigned_to_another_is_his() -> None:
    given = acts(("assigned", 5, {}), ("assigned", 8, {"by": "boss", "to": "ann"}))
    assert given.status("hot", AT, AT) == ItemStatus(AT, 0, "ann")
    assert acts(("assigned", 5, {"to": None})).status("hot", AT, AT) == ItemStatus(AT, 0, "jorge")


def test_reopening_undoes_what_came_before_it() -> None:
    assert acts(("acknowledged", 5, {}), ("reopened", 6, {})).status("hot", AT, AT) == ItemStatus(AT, 0, "")
    assert acts(("reopened", 6, {}), ("acknowledged", 5, {})).status("hot", AT, AT) == ItemStatus(AT, 0, "")


def test_any_order_of_arrival_comes_to_the_same() -> None:
    told = [make("attention_update", NOON + timedelta(minutes=minutes), seq, item="hot:dana", action=action, by="jorge")
            for seq, (action, minutes) in enumerate([("assigned", 3), ("snoozed", 5), ("reopened", 5)], 1)]  # fmt: skip
    dumps = []
    for order in permutations(told):
        made = Acts()
        for event in order:
            made.apply(event)
        dumps.append(made.dump())
    assert all(dump == dumps[0] for dump in dumps)
