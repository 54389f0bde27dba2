"""Mail as it is read: text out of HTML, and no longer than an event may hold."""

import re
from html.parser import HTMLParser

MAX_TEXT = 4000
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|table|tr"
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    """Collects what a reader of the mail would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _BLOCKS.fullmatch(tag):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_BLANKS.sub(" ", data.replace("\n", " ")))


def from_html(markup: str) -> str:
    """Return the text of an HTML mail, a line for each block; what is hidden, and every tag, is left out."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    text = _LINES.sub("\n", _BLANKS.sub(" ", "".join(reader.parts)))
    return _GAPS.sub("\n\n", text).strip()


def cut(text: str, length: int = MAX_TEXT) -> str:
    """Return text of at most this length; where it was cut, it says how long it was."""
    if len(text) <= length:
        return text
    note = f" … [cut: {len(text):,} characters]"
    return text[: length - len(note)] + note
