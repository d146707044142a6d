"""One module for each format: bytes in, plain records out, no database."""
