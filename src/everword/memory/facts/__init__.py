"""Facts: statements distilled from entries, with their quotes, the time they hold and the time they were learned.

`grammar` takes sentences apart, `reading` draws claims from them; what is beside them keeps the claims and puts them
together.
"""
