"""What deserves a person now, and why: the morning's brief, its cards, and the one gate for interruptions."""
