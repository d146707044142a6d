"""Everword: an assistant that remembers every word, works while its owner doesn't, and speaks up when it matters."""
