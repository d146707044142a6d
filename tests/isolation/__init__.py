"""What the two-person tests are made of: a world of one person's rows, and arguments that reach for it."""
