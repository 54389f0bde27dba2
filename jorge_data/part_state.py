"""How a part of either process is, and how that is written as a number for Prometheus."""

from typing import Literal

PartState = Literal["ok", "degraded", "failed"]

STATES: dict[PartState, int] = {"ok": 0, "degraded": 1, "failed": 2}
"""A part's state as a number: the worst is the greatest."""

PART_STATE = ("jorge_part_state", "How a part is: 0 ok, 1 degraded, 2 failed.")
"""The metric's name and meaning, one for both processes: one alarm rings for the parts of each."""
