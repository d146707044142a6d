"""Forgetting: entries and all that came of them go, from every store; a receipt says so after looking again."""
