"""What serves the page of properties alone."""
