"""The indexes: derived from the ledger, one per space, and rebuilt from it whenever they are doubted."""
