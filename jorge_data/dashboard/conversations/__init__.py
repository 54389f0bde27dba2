"""What serves the page of conversations alone."""
