"""What serves the Command Center alone."""
