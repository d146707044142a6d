"""Alembic's migrations: `upgrade` brings a database to the schema that this version speaks."""
