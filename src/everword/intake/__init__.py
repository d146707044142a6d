"""Bringing a past in and taking everything out: imports, exports, and reading the text of attachments."""
