"""The web: one page asked for, at a public address, within bounds."""
