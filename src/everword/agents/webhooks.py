"""What comes in by a webhook: signed, recent, once; it becomes an entry of a stranger's words, never an instruction.

The signature is that of Standard Webhooks (standardwebhooks.com, version 1): HMAC-SHA256 over "id.timestamp.body" with
the secret's bytes, in base64 behind "v1,".
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from sqlalchemy import Connection

from everword.accounts.throttle import Throttle
from everword.agents.setting_off import WEBHOOK
from everword.core import clock
from everword.core.errors import EverwordError, Invalid
from everword.core.ids import TriggerId, is_id, random_bytes
from everword.core.types import Label, Principal
from everword.memory import store as ledger
from everword.memory.types import NewEntry
from everword.runs.triggers import store
from everword.runs.triggers.types import Trigger, TriggerKind, TriggerState
from everword.storage import events
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault

MOST_BYTES = 256 * 1024
WINDOW_S = 300
"""So far a delivery's timestamp may be from now, either way."""
_PREFIX = "whsec_"
_SYSTEM = Principal.system()


class HookRefused(EverwordError):
    """There is no such webhook, or the signature is not that of its secret. Nothing was kept."""

    code = "hook_refused"
    status = 401


class DeliveredBefore(EverwordError):
    """This delivery came before, and counts once."""

    code = "delivered_before"
    status = 409


class HookPaused(EverwordError):
    """This webhook's trigger is paused. Nothing was kept; send it again later."""

    code = "hook_paused"
    status = 409


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was sent: the headers that sign it, and the body as it came."""

    id: str
    timestamp: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where deliveries come in. How many a webhook takes is bounded: a burst passes, then one every ten seconds."""

    database: Database
    vault: Vault
    pace: Throttle = field(
        default_factory=lambda: Throttle(free=60, first_delay_s=1, longest_delay_s=10, forgive_after_s=60)
    )

    def receive(self, trigger_id: str, delivery: Delivery) -> None:
        """Keep a delivery as an entry, which sets its trigger off once that is committed.

        Raises Invalid, HookRefused, HookPaused, DeliveredBefore, TooManyAttempts; then nothing was kept.
        """
        text = _checked(delivery)
        trigger = self._signed(trigger_id, delivery)
        if trigger.state is not TriggerState.ACTIVE:
            raise HookPaused
        self.pace.admit(trigger.id)
        who = trigger.person
        with self.database.writing(who) as connection:
            events.hold_order(connection)
            if store.find(connection, who, trigger.id) is None:
                raise HookRefused
            key = f"{trigger.id}:{delivery.id}"
            if ledger.by_external_id(connection, who, who.own_space, WEBHOOK, key) is not None:
                raise DeliveredBefore
            entry = ledger.append(connection, who, _entry(trigger, text, key))
            events.append(connection, who, entry.space_id, "entry.added", {"entry_id": entry.id})

    def _signed(self, trigger_id: str, delivery: Delivery) -> Trigger:
        """The trigger whose secret has signed a delivery. Raises HookRefused, the same for all that is wrong."""
        if not is_id(trigger_id):
            raise HookRefused
        with self.database.reading(_SYSTEM) as connection:
            trigger = store.find(connection, _SYSTEM, TriggerId(trigger_id))
            if trigger is None:
                raise HookRefused
            secret = self.vault.get(connection, _SYSTEM, trigger.space_id, secret_name(trigger.id))
        if secret is None or not is_signed(secret, delivery):
            raise HookRefused
        return trigger


def renew_secret(connection: Connection, who: Principal, vault: Vault, trigger: Trigger) -> Secret:
    """Make a webhook's secret and seal it; one it had no longer holds. It is shown once, now. Raises Invalid."""
    if trigger.kind is not TriggerKind.WEBHOOK:
        raise Invalid(why="Only a webhook has a secret.")
    secret = Secret(_PREFIX + base64.b64encode(random_bytes(32)).decode())
    vault.put(connection, who, trigger.space_id, secret_name(trigger.id), secret)
    return secret


def drop_secret(connection: Connection, who: Principal, vault: Vault, trigger: Trigger) -> None:
    """Remove the secret of a webhook that is deleted."""
    vault.delete(connection, who, trigger.space_id, secret_name(trigger.id))


def drop_lost_secrets(connection: Connection, who: Principal, vault: Vault) -> int:
    """Remove the secrets of webhooks that are gone with their words. Returns how many."""
    there = {secret_name(trigger.id) for trigger in store.listed(connection, who)}
    lost = [(space, name) for space, name in vault.names(connection, who) if _is_hooks(name) and name not in there]
    return sum(vault.delete(connection, who, space, name) for space, name in lost)


def secret_name(trigger_id: str) -> str:
    """What the vault calls a webhook's secret."""
    return f"hook/{trigger_id}"


def is_signed(secret: Secret, delivery: Delivery) -> bool:
    """Whether one of the signatures is that of the secret, compared in constant time."""
    key = base64.b64decode(secret.reveal().removeprefix(_PREFIX))
    signed = f"{delivery.id}.{delivery.timestamp}.".encode() + delivery.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    given = [part.removeprefix("v1,").encode() for part in delivery.signature.split()[:8] if part.startswith("v1,")]
    return any(hmac.compare_digest(expected, each) for each in given)


def _is_hooks(name: str) -> bool:
    return name.startswith("hook/")


def _checked(delivery: Delivery) -> str:
    """The body as text. Raises Invalid for what is wrong whatever the secret is."""
    if not 1 <= len(delivery.id) <= 200 or not delivery.id.isascii() or not delivery.id.isprintable():
        raise Invalid(why="The header webhook-id must name the delivery, in at most 200 characters.")
    if not delivery.timestamp.isdecimal() or len(delivery.timestamp) > 12:
        raise Invalid(why="The header webhook-timestamp must be the seconds since 1970.")
    if abs(int(delivery.timestamp) - clock.now().timestamp()) > WINDOW_S:
        raise Invalid(why=f"The delivery's timestamp is more than {WINDOW_S // 60} minutes from now. Sign it anew.")
    try:
        text = delivery.body.decode()
    except UnicodeDecodeError as error:
        raise Invalid(why="The body must be text in UTF-8.") from error
    if not text.strip() or "\0" in text:
        raise Invalid(why="The body is empty, or holds a NUL character, which cannot be kept.")
    return text


def _entry(trigger: Trigger, text: str, key: str) -> NewEntry:
    return NewEntry(
        space_id=trigger.space_id,
        label=Label.STRANGER,
        text=text,
        said_at=clock.now(),
        source=WEBHOOK,
        external_id=key,
        speaker="A webhook",
        details={"trigger_id": trigger.id},
    )
