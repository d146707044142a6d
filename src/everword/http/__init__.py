"""HTTP: our JSON API, the event stream, the OpenAI-compatible API. What it says and does is in the rooms below."""
