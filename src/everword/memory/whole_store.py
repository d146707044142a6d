"""Reading everything, page by page: what an export needs."""

from sqlalchemy import Connection, select

from everword.core.ids import ConversationId
from everword.core.types import Principal
from everword.memory.types import Conversation
from everword.storage.schema.ledger import conversation
from everword.storage.scope import visible


def conversations_after(
    connection: Connection, who: Principal, after: ConversationId | None, limit: int
) -> list[Conversation]:
    """Conversations in the order of their ids, from behind `after`, archived ones too."""
    query = select(conversation).where(visible(conversation, who))
    if after is not None:
        query = query.where(conversation.c.id > after)
    rows = connection.execute(query.order_by(conversation.c.id).limit(limit))
    return [Conversation(**row._mapping) for row in rows]
