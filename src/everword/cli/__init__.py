"""Commands: clients of the running server; they open the folder themselves only where none runs."""
