"""The page of lead sequences: its data, its due steps and its charts."""
