"""What serves the page of ML confidence alone."""
