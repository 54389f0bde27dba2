"""Logs for tests of the server's parts, without a server."""

from jorge_data.events import Cursor, Record, place
from jorge_data.server.log.tail import Types
from jorge_data.store import Page

EPOCH = "cafe0001"
KINDS = ("bot_status_update", "conversation_event")


def record(seq: int, epoch: str = EPOCH, size: int = 0) -> Record:
    """Return the record of a position; odd positions are of one kind, even ones of another."""
    body = b'{"type":"%b","data":"%b"}' % (KINDS[seq % 2].encode(), b"x" * size)
    return Record(seq, KINDS[seq % 2], place(body, Cursor(epoch, seq)))


def records(first: int, last: int, size: int = 0) -> tuple[Record, ...]:
    return tuple(record(seq, size=size) for seq in range(first, last + 1))


class MemoryStore:
    """The part of a Store that a follower reads, in memory, with its records and how often it was read."""

    def __init__(self, *records: Record) -> None:
        self.records = list(records)
        self.reads = 0

    def read(self, location: str, after: int, limit: int, types: Types = None) -> Page:
        self.reads += 1
        later = [r for r in self.records if r.seq > after and (types is None or r.type in types)][:limit]
        full = len(later) == limit
        return Page(later, later[-1].seq if full else max(after, self.records[-1].seq if self.records else 0))
