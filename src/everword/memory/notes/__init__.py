"""Notes and tasks: what the assistant wrote down for itself, and what the owner has to do."""
