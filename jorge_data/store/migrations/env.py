"""Alembic's entry: migrates the connection that the store passes in."""

from alembic import context

from jorge_data.store.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
