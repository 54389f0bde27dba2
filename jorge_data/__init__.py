"""Jorge's Command Center: what a real-estate team's AI bots do now, whom a human must call, and what it will earn."""

__version__ = "0.2.0"
"""The version, defined here alone; `CHANGELOG.md` says what it promises."""
