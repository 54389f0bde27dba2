"""ML confidence: can we trust the intent decoder today?"""

from jorge_data.live.promise import coming

coming(
    "Can we trust the intent decoder today?",
    "latency p50, p95 and p99 against the target, and the share within it",
    "the distribution and trend of confidence, categories, urgency and features",
    "accuracy from labels, with how many there are and its interval; calibration where labels are",
    "drift against the period before",
)
