"""The loop: assemble the context, let a model speak, keep what it said."""
