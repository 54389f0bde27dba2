"""Which colour means what: the same thing has the same one on every page, and what is not named takes the rest."""

from collections.abc import Iterable

from jorge_data.charts.palette import Palette

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
_REST = ("accent", "cold", "warm", "mute", "ok", "hot")


def shade(name: str, colours: Palette, otherwise: str) -> str:
    """Return the colour of what a name means, of `otherwise` where it means nothing in particular."""
    return str(getattr(colours, _meaning(name) or otherwise))


def shades(names: Iterable[str], colours: Palette) -> dict[str, str]:
    """Return a colour for each name, in the order of the names."""
    found: dict[str, str] = {}
    rest = 0
    for name in names:
        meaning = _meaning(name)
        if meaning is None:
            meaning, rest = _REST[rest % len(_REST)], rest + 1
        found[name] = getattr(colours, meaning)
    return found


def _meaning(name: str) -> str | None:
    """Look a name up as the events write it or as a page does: "in_progress", "In progress"."""
    return _MEANINGS.get(name.replace(" ", "_").lower())
