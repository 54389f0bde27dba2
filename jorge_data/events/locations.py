"""The location that has a name of its own."""

DEMO = "demo"
"""Where the demo bots publish."""
