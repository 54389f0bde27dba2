"""Tells server processes that there is something new."""

from jorge_data.bus.base import Announcement, Bus
from jorge_data.bus.memory import MemoryBus

__all__ = ["Announcement", "Bus", "MemoryBus"]
