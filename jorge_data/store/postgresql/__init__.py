"""The store on PostgreSQL: one server on it at a time, positions given under the log's lock, readers of one moment."""
