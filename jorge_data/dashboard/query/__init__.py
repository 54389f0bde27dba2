"""Questions to the event server and their answers, kept for as long as they hold good."""
