"""Explore: ask any question of the events."""

from jorge_data.live.promise import coming

coming(
    "What else would you like to know?",
    "any kind and measure, split, filtered and by any step, as a chart with its table",
    "export to CSV, XLSX, Parquet and PNG",
    "saved views, links that carry the whole question, and the same question as curl or pandas",
)
