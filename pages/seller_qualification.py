"""Seller qualification: where do sellers drop out, and what turns them hot?"""

from jorge_data.live.promise import coming

coming(
    "Where do sellers drop out, and what turns them hot?",
    "the funnel from Q1 to Q4, with counts, shares and the median time between",
    "temperature by day, and who moved",
    "effectiveness: its distribution, its trend, and by question",
    "stalls by question and by type, and the time to hot",
)
