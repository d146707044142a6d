"""Secrets at rest: provider keys and tokens, sealed under one key that lives outside the database."""
