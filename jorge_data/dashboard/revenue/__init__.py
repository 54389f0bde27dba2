"""What serves the page of revenue alone."""
