"""Durable runs: a row before the work, true states, an engine that executes and whose ids are ours."""
