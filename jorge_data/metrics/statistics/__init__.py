"""Statistics behind the figures: pure functions from counts, bins and series to what the pages show.

A frame is the table of one `/api/series` response: columns t, the splits, value and n; each function names the request
whose frame it takes ("of kind=…"). What cannot be computed is None, never 0.
"""
