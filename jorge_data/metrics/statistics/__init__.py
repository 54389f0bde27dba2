"""Answers to figures: pure functions from counts, bins and series to what the pages show.

A frame is an answer of `/api/series`: columns t, the splits, value and n; each function says which question it
answers for. What cannot be computed is None, never 0.
"""
