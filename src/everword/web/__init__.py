"""The browser UI as it is served: the files that `web/` is built into."""
