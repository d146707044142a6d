"""One database, SQLite or PostgreSQL: engine, transactions, dialect seam, schema, migrations, outbox."""
