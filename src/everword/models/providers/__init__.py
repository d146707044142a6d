"""Providers' SDKs and wire formats: the only place that knows them. Nothing here is imported before it is needed."""
