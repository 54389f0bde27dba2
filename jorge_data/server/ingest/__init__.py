"""From what a publisher sent to what the store has committed, and what was refused."""
