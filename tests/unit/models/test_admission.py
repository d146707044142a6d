"""Who calls a model now and who waits."""

import asyncio

import pytest

from everword.core.types import Priority
from everword.models.admission import Admission


async def hold(admission: Admission, priority: Priority, order: list[str], name: str, release: asyncio.Event) -> None:
    """Take a slot, note who got it, and keep it until released."""
    async with admission.admitted(priority):
        order.append(name)
        await release.wait()


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_person_comes_before_a_program_before_background() -> None:
    """When a slot falls free it goes to the most urgent who waits, whoever asked first."""
    admission, order, release = Admission(1), list[str](), asyncio.Event()
    first = asyncio.ensure_future(hold(admission, Priority.PERSON, order, "first", release))
    await settle()
    waiting = [
        asyncio.ensure_future(hold(admission, priority, order, priority.value, release))
        for priority in (Priority.BACKGROUND, Priority.PROGRAM, Priority.PERSON)
    ]
    await settle()
    assert order == ["first"]
    release.set()
    await asyncio.gather(first, *waiting)
    assert order == ["first", "person", "program", "background"]


async def test_a_slot_is_kept_for_a_person() -> None:
    """Programs and background work never fill all slots: a person who comes then does not wait."""
    admission, order, release = Admission(4), list[str](), asyncio.Event()
    tasks = [
        asyncio.ensure_future(hold(admission, priority, order, priority.value, release))
        for priority in [Priority.BACKGROUND] * 4 + [Priority.PROGRAM] * 4
    ]
    await settle()
    assert (order.count("background"), order.count("program")) == (2, 1)
    tasks.append(asyncio.ensure_future(hold(admission, Priority.PERSON, order, "person", release)))
    await settle()
    assert order[-1] == "person"
    release.set()
    await asyncio.gather(*tasks)
    assert len(order) == 9


async def test_whoever_gives_up_leaves_the_queue_and_frees_nothing_twice() -> None:
    """Cancelling a call that waits, or one that holds a slot, leaves the count of slots right."""
    admission, order, release = Admission(1), list[str](), asyncio.Event()
    holder = asyncio.ensure_future(hold(admission, Priority.PERSON, order, "holder", release))
    await settle()
    waiter = asyncio.ensure_future(hold(admission, Priority.PERSON, order, "waiter", release))
    await settle()
    waiter.cancel()
    holder.cancel()
    await asyncio.gather(waiter, holder, return_exceptions=True)
    for name in ("next", "and the next"):
        release.set()
        await asyncio.wait_for(hold(admission, Priority.BACKGROUND, order, name, release), 5)
    assert order == ["holder", "next", "and the next"]


async def test_the_place_in_the_queue_is_told() -> None:
    """Who waits hears of each place, falling to 1, with about how long it takes."""
    admission, order, release = Admission(1), list[str](), asyncio.Event()
    told: list[tuple[int, float]] = []

    async def wait_in_line() -> None:
        async with admission.admitted(Priority.PERSON, lambda place, wait_s: told.append((place, wait_s))):
            order.append("me")

    holders = [asyncio.ensure_future(hold(admission, Priority.PERSON, order, "other", release)) for _ in range(2)]
    await settle()
    mine = asyncio.ensure_future(wait_in_line())
    await settle()
    holders[0].cancel()
    await settle()
    release.set()
    await asyncio.gather(mine, *holders, return_exceptions=True)
    assert [place for place, _ in told] == [2, 1]
    assert all(wait_s > 0 for _, wait_s in told)


async def test_an_error_frees_the_slot() -> None:
    """A call that fails gives its slot back."""
    admission = Admission(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            async with admission.admitted(Priority.PERSON):
                raise ValueError("broken")
