"""The location with a fixed name; others are named in the settings and by publishers."""

DEMO = "demo"
"""The location that the demo bots publish into."""
