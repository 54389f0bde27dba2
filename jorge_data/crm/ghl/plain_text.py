"""Mail as it is read: text out of HTML, and no longer than an event may hold.

Mail is written by strangers. `html.parser` of Python 3.11 takes 100 seconds for 100 KB of `<a <a <a …`; this reader
looks at each character a bounded number of times, and what it returns is text, never markup.
"""

import re
from collections.abc import Iterator
from html import unescape

MAX_TEXT = 4000

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]*)|[!?/]")
_HIDDEN = {name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("head", "script", "style", "template", "title")}
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|table|tr"
)
_CELLS = re.compile(r"t[dh]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")


def from_html(markup: str) -> str:
    """Return the text of an HTML mail, a line for each block; what is hidden, and every tag, is left out."""
    text = "".join(_read(markup))
    return _GAPS.sub("\n\n", _LINES.sub("\n", _BLANKS.sub(" ", text))).strip()


def cut(text: str, length: int = MAX_TEXT) -> str:
    """Return text of at most this length; where it was cut, it says how long it was."""
    if len(text) <= length:
        return text
    note = f" … [cut: {len(text):,} characters]"
    return text[: length - len(note)] + note


def _read(markup: str) -> Iterator[str]:
    """Return what is to be seen, piece by piece; what is opened and never closed hides all that follows."""
    position = 0
    while (start := markup.find("<", position)) >= 0:
        yield _words(markup[position:start])
        name = _NAME.match(markup, start + 1)
        if name is None:  # a sign, not a tag
            yield "<"
            position = start + 1
            continue
        end = _end(markup, start, (name[1] or "").lower())
        if end is None:
            return
        yield _space(name[1] or "")
        position = end
    yield _words(markup[position:])


def _end(markup: str, start: int, name: str) -> int | None:
    """Return where to read on after the tag or the comment that starts here; None where it never ends."""
    if markup.startswith("<!--", start):
        closing = markup.find("-->", start + 4)
        return closing + 3 if closing >= 0 else None
    closing = markup.find(">", start)
    if closing < 0:
        return None
    if name in _HIDDEN and markup[start + 1] != "/":
        ending = _HIDDEN[name].search(markup, closing + 1)
        return ending.start() if ending else None
    return closing + 1


def _words(text: str) -> str:
    return _BLANKS.sub(" ", unescape(text).replace("\n", " "))


def _space(name: str) -> str:
    """Return what stands in the text for a tag."""
    if _BLOCKS.fullmatch(name.lower()):
        return "\n"
    return " " if _CELLS.fullmatch(name.lower()) else ""
