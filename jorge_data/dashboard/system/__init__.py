"""The page of the system: its data, its charts, the event server's own status, and tables of both."""
