"""What background work costs."""
