"""What recall knows of languages: which one a text is in, its small words, how it asks of oneself."""
