"""What serves the page of the system alone."""
