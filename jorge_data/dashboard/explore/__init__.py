"""What serves the page Explore alone."""
