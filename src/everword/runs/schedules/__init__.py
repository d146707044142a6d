"""Schedules: when they are due, and the scheduler that begins a run at each of those times, once."""
