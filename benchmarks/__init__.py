"""What is measured rather than tested: each against a peer in the same run, with the command that repeats it."""
