"""Properties: what was matched to whom, and how well?"""

from jorge_data.live.promise import coming

coming(
    "What was matched to whom, and how well?",
    "property alerts by type and score, by contact and by property",
    "what happened after each alert",
)
