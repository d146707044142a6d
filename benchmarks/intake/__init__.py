"""How fast imports are, and what they take."""
