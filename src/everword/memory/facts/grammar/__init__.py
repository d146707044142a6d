"""How sentences are built: words and their forms, clauses, whom they are about, and when they hold."""
