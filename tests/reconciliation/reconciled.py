"""The figures that a test reconciles, so that none is forgotten."""

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

RECONCILED: set[str] = set()


def reconciles(*figures: str) -> Callable[[Test], Test]:
    """Note that a test recounts these figures, named as `page.figure` in the definitions."""

    def note(test: Test) -> Test:
        RECONCILED.update(figures)
        return test

    return note
