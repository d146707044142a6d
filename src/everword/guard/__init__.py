"""What may be done: one rule for every effect, approvals, permits. The one place that says allow, ask or deny."""
