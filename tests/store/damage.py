"""Damage to a store's file, as a failing disk does it: to the page that has an event, to its bytes, or anywhere."""

import random
from itertools import count
from pathlib import Path

PAGE = 4096


def page_of(content: bytes | bytearray, name: str) -> int:
    """Return where the page begins that has the JSON of the event of this id."""
    found = content.index(f'"id":"{name}"'.encode())
    return found // PAGE * PAGE


def is_leaf(content: bytes | bytearray, page: int) -> bool:
    """Return whether a page holds events alone: one that leads to others takes them along when it is damaged."""
    return content[page] == 0x0A


def on_leaf(path: Path, number: int) -> str:
    """Return the name of the first event from this number on that stands on a page without others below it."""
    content = path.read_bytes()
    return next(name for n in count(number) if is_leaf(content, page_of(content, name := f"e{n}")))


def break_page(path: Path, name: str) -> None:
    """Overwrite the page of an event with noise."""
    content = bytearray(path.read_bytes())
    begin = page_of(content, name)
    content[begin : begin + PAGE] = random.Random(name).randbytes(PAGE)
    path.write_bytes(content)


def break_bytes(path: Path, name: str, noise: bytes) -> None:
    """Overwrite bytes of an event's JSON: its page stays whole, as SQLite sees it."""
    content = bytearray(path.read_bytes())
    begin = content.index(f'"id":"{name}"'.encode())
    content[begin : begin + len(noise)] = noise
    path.write_bytes(content)
