"""The Connect page: setup guides, the status of sources, tokens, and the settings in force."""
