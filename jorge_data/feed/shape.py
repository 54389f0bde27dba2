"""The shape of what the server says, checked where it comes in."""

from typing import Any


def checked(value: Any, **expected: type) -> dict[str, Any]:
    """Return the object if it has these fields of these types; raise TypeError that names the one that is wrong."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__}, not an object")
    for name, kind in expected.items():
        if not isinstance(value.get(name), kind):
            raise TypeError(f"{name} is {value.get(name)!r:.40}, not {kind.__name__}")
    return value
