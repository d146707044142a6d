"""Every word: the ledger of what was said, and finding it again."""
