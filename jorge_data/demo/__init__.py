"""A year and a day in Jorge's office, played through the public publish API like any other bot's events."""

from jorge_data.demo.day import day
from jorge_data.demo.player import Player
from jorge_data.demo.run import run

__all__ = ["Player", "day", "run"]
