"""The page Explore: its controls and their question, saved views, and the question as code."""
