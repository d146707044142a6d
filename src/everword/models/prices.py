"""What calls to models cost: by the owner's own prices, else by the published ones that ship with a library."""

from collections.abc import Mapping

from everword.core.errors import Invalid
from everword.models.types import ProviderKind, Target

MICRODOLLARS = 1_000_000
"""In a dollar. Prices are in US dollars for a million tokens, so a token at 1 costs one millionth."""

_FREE = frozenset({ProviderKind.LOCAL, ProviderKind.SCRIPTED})


def read_prices(text: str) -> dict[str, tuple[float, float]]:
    """Prices by provider/model, as the owner writes them: one a line, with dollars a million tokens read and written.

    Raises Invalid, naming the line.
    """
    prices = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        model, *figures = line.split()
        try:
            asked, answered = (float(figure) for figure in figures)
        except ValueError:
            asked = answered = -1.0
        if not (0 <= asked < 1e6 and 0 <= answered < 1e6):
            why = "Write provider/model, then dollars a million tokens read and written, as in: openai/gpt-4o 2.5 10"
            raise Invalid(why=f"This is no price: {line[:100]}. {why}")
        prices[model] = (asked, answered)
    return prices


def cost_microdollars(
    target: Target, prompt_tokens: int | None, completion_tokens: int | None, own: Mapping[str, tuple[float, float]]
) -> int | None:
    """What a call cost, in millionths of a US dollar; None where nobody knows the price.

    What a provider gives cheaper, because it was cached there, is counted in full: an upper bound.
    """
    asked, answered = prompt_tokens or 0, completion_tokens or 0
    price = own.get(f"{target.provider}/{target.model}")
    if price is not None:
        return round(asked * price[0] + answered * price[1])
    if target.kind in _FREE or target.is_local:
        return 0
    from genai_prices import Usage, calc_price

    used = Usage(input_tokens=asked, output_tokens=answered)
    try:
        if target.kind is ProviderKind.OPENAI_COMPATIBLE:
            found = calc_price(used, target.model, provider_api_url=target.base_url)
        else:
            found = calc_price(used, target.model, provider_id=target.kind.value)
    except LookupError:
        return None
    return round(float(found.total_price) * MICRODOLLARS)
