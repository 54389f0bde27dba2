"""The names by which people come in: one spelling each, whatever they type."""

import unicodedata

from jorge_data.errors import Invalid
from jorge_data.events.encoding import show

MOST = 128
UNKNOWN = "an unknown name"
"""Whoever tried to log in as nobody's name, in the audit log: what was typed may be a password."""
NOBODY = "nobody"
"""Whoever was held back before it was looked at as whom he tries."""
RESERVED = frozenset({"anonymous", "command-line", "dashboard", "event-server", NOBODY, "demo-bots", "redis", UNKNOWN})
"""Subjects of tokens that are no person's, and words of the audit log."""


def read_name(name: str) -> str:
    """Return a name as it is kept: in small letters, in one form of Unicode, without space around it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def check_name(name: str) -> str:
    """Return a name as it is kept; raise Invalid where it is none."""
    kept = read_name(name)
    if not 1 <= len(kept) <= MOST or not kept.isprintable():
        raise Invalid(f"name is {show(name)}: allowed are 1–{MOST} printable characters")
    if kept in RESERVED:
        raise Invalid(f"name is {show(name)}: allowed is any but {', '.join(sorted(RESERVED))}")
    return kept
