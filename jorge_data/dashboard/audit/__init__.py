"""The audit log's page: who did what, filtered, and taken along."""
