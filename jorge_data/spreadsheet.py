"""What a spreadsheet would run of a file of ours, and how it is written instead."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that the program which opens a CSV runs as a formula (OWASP, "CSV injection")."""


def as_text(text: str) -> str:
    """Return a cell of a CSV that no program runs: with an apostrophe before what one would."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
