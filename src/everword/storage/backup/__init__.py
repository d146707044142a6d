"""Backups: every row at one moment as a compressed, encrypted stream that either database can be restored from."""
