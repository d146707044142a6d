"""Numbers with their nouns, as sentences for people have them."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 second`, `2 seconds`, `1,204 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
