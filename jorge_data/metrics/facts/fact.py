"""A fact: one countable thing at a moment."""

from typing import NamedTuple


class Fact(NamedTuple):
    """Say that something happened once: its kind, when, in which dimensions, with which measures.

    `at` is microseconds since 1970 in UTC; `dims` stand in the order of the kind's cube; `measures` are
    (name, scaled integer) of those measures that are known, in the order of the cube.
    """

    kind: str
    at: int
    dims: tuple[str, ...]
    measures: tuple[tuple[str, int], ...] = ()
