"""The vocabulary: what happened, in one envelope, in one of twelve kinds, at one position."""

from jorge_data.events.cursor import Cursor
from jorge_data.events.encoding import Record, decode, decode_json, encode, from_json, place
from jorge_data.events.envelope import Event, new_id
from jorge_data.events.kinds import KINDS
from jorge_data.events.priority import Priority
from jorge_data.events.timestamps import parse_date, parse_moment
from jorge_data.events.validation import Candidate, Reception, admit, split

__all__ = [
    "KINDS",
    "Candidate",
    "Cursor",
    "Event",
    "Priority",
    "Reception",
    "Record",
    "admit",
    "decode",
    "decode_json",
    "encode",
    "from_json",
    "new_id",
    "parse_date",
    "parse_moment",
    "place",
    "split",
]
