"""The look's colours; the same thing has the same colour on every page, as in `.streamlit/config.toml`."""

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
