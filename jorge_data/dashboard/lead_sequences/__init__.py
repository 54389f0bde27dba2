"""What serves the page of lead sequences alone."""
