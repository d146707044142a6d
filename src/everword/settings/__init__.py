"""Settings: one table of what can be set, the only reader of the environment; above the domains, which get values."""
