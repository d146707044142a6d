"""Everword: a self-hosted assistant that remembers every word, works while its owner doesn't, and speaks up only when it matters."""
