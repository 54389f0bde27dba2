"""The page of properties: its data and its charts."""
