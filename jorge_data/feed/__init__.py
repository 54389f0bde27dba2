"""The dashboard's end of the wire: one thread a location, one cursor, nothing lost and nothing twice."""

from jorge_data.feed.buffer import Buffer
from jorge_data.feed.consumer import Consumer
from jorge_data.feed.endpoint import Clock, Endpoint, Timing, TokenSource
from jorge_data.feed.feed import Feed
from jorge_data.feed.status import LATE, LOST, FeedStatus, State, Transition

__all__ = [
    "LATE",
    "LOST",
    "Buffer",
    "Clock",
    "Consumer",
    "Endpoint",
    "Feed",
    "FeedStatus",
    "State",
    "Timing",
    "TokenSource",
    "Transition",
]
