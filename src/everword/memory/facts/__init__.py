"""Facts: statements distilled from entries, with their quotes, the time they hold and the time they were learned."""
