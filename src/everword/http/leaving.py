"""Work that ends when whoever asked for it leaves: the connection is watched from before the first word on."""

from collections.abc import Awaitable, Callable

import anyio
from starlette.types import Receive


async def until_left(receive: Receive, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work`, and cancel it when the client disconnects."""
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        await work()
        tasks.cancel_scope.cancel()
