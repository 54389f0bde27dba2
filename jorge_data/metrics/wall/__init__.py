"""What is happening now: one location's events reduced to what the Command Center shows."""
