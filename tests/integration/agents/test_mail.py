"""A mail server that accepted a letter and then died: nobody can tell whether it went, and it is never sent again."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from everword.agents import work
from everword.core.types import Effect, Permit, Principal
from everword.runs.types import RunState
from everword.storage.database import Database
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool
from tests.integration.agents.office import opened_office

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class MailServer:
    """Real SMTP on loopback: takes a letter, and where `dies` is set is gone before it says so."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.dies = True
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content.decode())
        if self.dies:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


def _send_mail(port: int) -> Tool:
    """A tool that sends mail as SMTP allows: no key, and nothing to ask afterwards."""

    def send(text: str) -> None:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "anna@home.example", "ivo@work.example", "A letter"
        letter.set_content(text)
        try:
            post = smtplib.SMTP("127.0.0.1", port, timeout=10)
        except OSError as error:
            raise NothingHappened(why="the mail server does not answer.") from error
        with post:
            post.send_message(letter)

    async def act(_asked: Asked, arguments: Arguments, _permit: Permit) -> Result:
        await asyncio.to_thread(send, arguments["text"])
        return Result("Sent.")

    return Tool(
        name="send_mail",
        description="Send a mail.",
        parameters={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        effect=Effect.SEND,
        reach=Reach.OUTSIDE,
        says=lambda arguments: f"Mail “{arguments['text']}” to Ivo",
        act=act,
    )


@pytest.mark.parametrize("dies", [True, False])
def test_a_mail_server_that_accepted_and_then_died(
    database: Database, anna: Principal, tmp_path: Path, mail: MailServer, dies: bool
) -> None:
    """Unknown, with a card, until the owner says what they see; taken once. One that lives to say so is delivered."""
    mail.dies = dies
    with opened_office(database, anna, tmp_path, [_send_mail(mail.port)]) as office:
        run = office.begin("send_mail", text="The train is late")
        office.agree(run)
        if dies:
            assert office.until(run, RunState.UNKNOWN).error_code == "effect_unknown"
            ((effect, of, call),) = office.waits().unknown
            assert (of.id, call.arguments) == (run.id, {"text": "The train is late"})
            settled = work.settle(database, anna, effect.id, happened=True)
            office.engine.launch(settled.id)
        office.until(run, RunState.DELIVERED)
    assert len(mail.taken) == 1
    assert "The train is late" in mail.taken[0]


def test_a_mail_server_that_is_away_is_no_unknown(database: Database, anna: Principal, tmp_path: Path) -> None:
    """Where nobody takes the call nothing happened: the run hears that, and there is no card."""
    away = MailServer()
    away.close()
    with opened_office(database, anna, tmp_path, [_send_mail(away.port)]) as office:
        run = office.begin("send_mail", text="The train is late")
        office.agree(run)
        office.until(run, RunState.DELIVERED)
        assert not office.waits().unknown
    assert not away.taken
