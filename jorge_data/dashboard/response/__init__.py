"""The page of Response: its data, charts and tables."""
