"""The colours, and what each means: the same thing has the same colour on every page."""

from collections.abc import Iterable
from itertools import cycle
from typing import NamedTuple


class Palette(NamedTuple):
    """One colour for each meaning."""

    ground: str
    line: str
    text: str
    mute: str
    accent: str
    hot: str
    warm: str
    cold: str
    ok: str
    bad: str
    track: str


LIGHT = Palette(
    ground="#ffffff",
    line="#e8e5de",
    text="#1d1c1a",
    mute="#6b675f",
    accent="#0d6b6b",
    hot="#c4412a",
    warm="#946008",
    cold="#3a6ab0",
    ok="#24794b",
    bad="#b3261e",
    track="#efece5",
)

DARK = Palette(
    ground="#1a1b19",
    line="#2c2d2a",
    text="#eceae4",
    mute="#a5a197",
    accent="#55b8b2",
    hot="#f07a60",
    warm="#e4b252",
    cold="#82aae2",
    ok="#5fc28d",
    bad="#f2695f",
    track="#262724",
)


_MEANINGS = {
    "hot": "hot",
    "warm": "warm",
    "cold": "cold",
    "immediate": "hot",
    "active": "warm",
    "passive": "cold",
    "future": "mute",
    "seller": "accent",
    "buyer": "cold",
    "investor": "warm",
    "curious": "mute",
    "true": "accent",
    "done": "accent",
    "yes": "accent",
    "won": "ok",
    "healthy": "ok",
    "success": "ok",
    "degraded": "warm",
    "recovering": "warm",
    "late": "warm",
    "down": "bad",
    "lost": "bad",
    "failed": "bad",
    "false": "bad",
    "open": "mute",
    "no": "mute",
    "abandoned": "mute",
    "overdue": "bad",
    "appointment": "ok",
    "replied": "accent",
    "finished": "cold",
    "in_progress": "mute",
    "opted_out": "bad",
    "unknown": "track",
}
_WITHOUT_MEANING = ("accent", "cold", "warm", "mute", "ok", "hot")


def pale(colour: str) -> str:
    """Return a colour of a palette through which half of the ground shows."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.55)"


def shade(name: str, colours: Palette, otherwise: str) -> str:
    """Return the colour of what a name means, of `otherwise` where it means nothing in particular."""
    return str(getattr(colours, _meaning(name) or otherwise))


def shades(names: Iterable[str], colours: Palette) -> dict[str, str]:
    """Return a colour for each name: of what it means, or else the next of those without a meaning."""
    others = cycle(_WITHOUT_MEANING)
    return {name: getattr(colours, _meaning(name) or next(others)) for name in names}


def _meaning(name: str) -> str | None:
    """Look a name up as the events write it or as a page does: "in_progress", "In progress"."""
    return _MEANINGS.get(name.replace(" ", "_").lower())
