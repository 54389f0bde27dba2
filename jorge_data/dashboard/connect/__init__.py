"""What serves the page Connect alone."""
