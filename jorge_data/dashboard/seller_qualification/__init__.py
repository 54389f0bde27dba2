"""What serves the page of seller qualification alone."""
