"""Services outside of Everword: how each is reached, and what it may cost at most."""
