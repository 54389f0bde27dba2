"""The page of seller qualification: its data and its charts."""
