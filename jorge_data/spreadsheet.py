"""What a spreadsheet would run of a file of ours, and how it is written instead."""

import re

_FORMULA = re.compile("'*[-=+@\\t\\r\\n＝＋－＠]")
"""What a spreadsheet runs as a formula, besides what is marked already: a text like `'=1` gets a second apostrophe."""


def mark_text(text: str) -> str:
    """Return a text as a CSV cell that no spreadsheet runs: what could be a formula gets an apostrophe (OWASP)."""
    return f"'{text}" if _FORMULA.match(text) else text


def unmark_text(text: str) -> str:
    """Return the text that was marked so, in our export or by hand; any other as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
