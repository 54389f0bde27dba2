"""The page of conversations: its data, its charts, and parts of that page alone."""
