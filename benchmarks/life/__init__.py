"""A life's worth of entries: made up, with needles planted, and what recall of it costs."""
