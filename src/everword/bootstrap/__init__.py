"""The composition root: puts the house together, starts it and takes it down."""
