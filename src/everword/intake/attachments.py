"""Attachments: what came with a message is kept, and its text read out in a child process so that it can be found."""

from everword.core.types import Principal
from everword.intake.extract import extract_text
from everword.memory import attachment_store
from everword.memory.types import Attachment
from everword.storage.database import Database


def keep(database: Database, who: Principal, name: str, media_type: str, content: bytes) -> Attachment:
    """Keep a file of the person's. Text that can be read out of it is kept with it; that it cannot is no error."""
    state, text = "none", None
    if not media_type.startswith("image/"):
        extracted = extract_text(content, media_type, name)
        text = extracted.text or None
        state = "extracted" if text else "failed"
    with database.writing(who) as connection:
        return attachment_store.create(
            connection,
            who,
            who.own_space,
            name=name,
            media_type=media_type,
            content=content,
            text_state=state,
            text=text,
        )
