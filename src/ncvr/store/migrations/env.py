"""Run by alembic: migrates over the connection that :func:`ncvr.store.schema.upgrade` opened, inside its transaction."""

from alembic import context

from ncvr.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
