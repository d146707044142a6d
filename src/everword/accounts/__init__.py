"""People and their spaces, and the ways in: passwords, passkeys, sessions, API keys, one-time links."""
