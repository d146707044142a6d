"""The one rule: what may be done without asking, and what a yes permits. Every effect passes here."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from everword.core import clock
from everword.core.ids import ApprovalId, EffectId, RunId
from everword.core.types import Effect, Permit, Principal
from everword.guard import approval_store
from everword.guard.approval_store import Approval, ApprovalState
from everword.guard.errors import ApprovalChanged, ApprovalClosed
from everword.runs import effect_store
from everword.runs.effect_store import AllowedBy, EffectRecord, EffectState

EXPIRES_AFTER = timedelta(days=7)


class Decision(StrEnum):
    """What guard says to an effect: it may be done, a person is asked, or one was and it may not."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


def decide(
    connection: Connection, who: Principal, effect: EffectRecord, *, is_own: bool, is_named: bool
) -> tuple[Decision, Permit | None]:
    """Whether an effect may happen now; where it may, its permit, and its intent is recorded with it.

    Without asking: reading, changing what is the assistant's own (`is_own`: its notes and tasks), and asking an address
    that the owner typed in this request (`is_named`). Everything else asks. A yes counts once, for exactly these
    arguments, until it expires. Runs in the transaction that records the intent.
    """
    if effect.kind is Effect.READ or is_own or (effect.kind is Effect.QUERY and is_named):
        return Decision.ALLOW, _permit(connection, who, effect, AllowedBy.RULE)
    asked = approval_store.of_effect(connection, who, effect.id)
    if asked is None or asked.state in {ApprovalState.REPLACED, ApprovalState.USED}:
        approval_store.ask(
            connection,
            who,
            space_id=effect.space_id,
            effect_id=effect.id,
            run_id=effect.run_id,
            arguments_hash=effect.arguments_hash,
            expires_at=clock.now() + EXPIRES_AFTER,
        )
        return Decision.ASK, None
    if asked.expires_at <= clock.now() and asked.state in {ApprovalState.OPEN, ApprovalState.GRANTED}:
        approval_store.change(connection, who, asked.id, ApprovalState.EXPIRED)
        return Decision.DENY, None
    if asked.state is ApprovalState.OPEN:
        return Decision.ASK, None
    if asked.state is not ApprovalState.GRANTED or asked.arguments_hash != effect.arguments_hash:
        return Decision.DENY, None
    approval_store.change(connection, who, asked.id, ApprovalState.USED)
    return Decision.ALLOW, _permit(connection, who, effect, AllowedBy.YES)


def renewed(connection: Connection, who: Principal, effect_id: EffectId) -> Permit:
    """The permit of an effect whose intent is on record, for telling its target again; that is recorded with it.

    Raises ApprovalClosed.
    """
    effect = effect_store.get(connection, who, effect_id, for_change=True)
    if effect.state is not EffectState.INTENDED:
        raise ApprovalClosed(how=effect.state.value)
    return _made(effect_store.intend_again(connection, who, effect_id))


def answer(connection: Connection, who: Principal, approval_id: ApprovalId, *, yes: bool, seen_hash: str) -> Approval:
    """A person's yes or no to exactly what they saw. The same answer again changes nothing.

    Raises ApprovalChanged, ApprovalClosed.
    """
    asked = approval_store.get(connection, who, approval_id)
    if asked.arguments_hash != seen_hash:
        raise ApprovalChanged
    if asked.state is ApprovalState.OPEN and asked.expires_at <= clock.now():
        raise ApprovalClosed(how="expired")
    if asked.state is not ApprovalState.OPEN:
        said_before = {True: {ApprovalState.GRANTED, ApprovalState.USED}, False: {ApprovalState.REFUSED}}[yes]
        if asked.state in said_before:
            return asked
        raise ApprovalClosed(how="answered" if asked.answered_at else asked.state.value)
    state = ApprovalState.GRANTED if yes else ApprovalState.REFUSED
    return approval_store.change(connection, who, approval_id, state, answered_by=who.person_id)


def withdraw(connection: Connection, who: Principal, run_id: RunId) -> None:
    """Close what a run asks: it has ended, and nothing of it will be done."""
    approval_store.withdraw(connection, who, run_id)


def _permit(connection: Connection, who: Principal, effect: EffectRecord, by: AllowedBy) -> Permit:
    if effect.kind is not Effect.READ:
        effect_store.intend(connection, who, effect.id, by)
    return _made(effect)


def _made(effect: EffectRecord) -> Permit:
    return Permit(effect.id, effect.run_id, effect.tool, effect.arguments_hash)
