"""Where webhooks are delivered: no session and no key, but a signature; bounded in size before anything is read."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request

from everword.agents.webhooks import Delivery
from everword.http.services import Services, services_of

router = APIRouter(tags=["triggers"])

House = Annotated[Services, Depends(services_of)]


@router.post("/hooks/{trigger_id}", status_code=202)
async def receive(request: Request, house: House, trigger_id: str) -> None:
    """Take a delivery, signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature).

    Its body becomes an entry of a stranger's words, and sets the trigger off. 401 where there is no such webhook or the
    signature is another's, 409 where it came before or the trigger is paused, 429 with Retry-After where it is too
    much.
    """
    headers = request.headers
    delivery = Delivery(
        headers.get("webhook-id", ""),
        headers.get("webhook-timestamp", ""),
        headers.get("webhook-signature", ""),
        await request.body(),
    )
    await to_thread.run_sync(house.hooks.receive, trigger_id, delivery)
