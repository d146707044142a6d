"""Triggers: a new entry that fits begins a run, once; the ledger is read on from where each trigger stands."""
