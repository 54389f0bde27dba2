"""A clock that stands until a test moves it."""


class Clock:
    """Counts seconds from zero, like `time.monotonic`."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
