"""Chaos: a real server under load, faults by a seeded schedule, and a model of what must be true all the same."""
