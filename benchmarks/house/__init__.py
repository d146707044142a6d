"""How long it takes to have Everword, how large it is, and what it costs while nothing happens."""
