"""Questions over the history: read, planned, and answered from rollups and, at their edges, from events."""
