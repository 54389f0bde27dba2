"""The page of ML confidence: its data, its charts, and parts of that page alone."""
