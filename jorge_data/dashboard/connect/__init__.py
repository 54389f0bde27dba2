"""The Connect page: setup guides, the status of sources, tokens, the settings in force, and the audit log."""
