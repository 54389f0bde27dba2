"""One location's log in memory: its tail, its followers, its retention."""
