"""What can go wrong at the door, and what to do about it."""

from everword.core.errors import EverwordError


class NotSignedIn(EverwordError):
    """You are not signed in. Sign in, or send an API key as `Authorization: Bearer ew_...`."""

    code = "not_signed_in"
    status = 401


class WrongPassword(EverwordError):
    """{why} Try again, or run `everword reset-password` on the machine."""

    code = "wrong_password"
    status = 401


class TooManyAttempts(EverwordError):
    """Too many attempts. Wait {wait} and try again; a passkey works meanwhile."""

    code = "too_many_attempts"
    status = 429


class WeakPassword(EverwordError):
    """{why} A sentence that only you would say is best."""

    code = "weak_password"
    status = 422


class NameTaken(EverwordError):
    """Someone here is already called {name}. Choose another name."""

    code = "name_taken"
    status = 409


class NameInvalid(EverwordError):
    """A name has 1 to {most} characters, on one line."""

    code = "name_invalid"
    status = 422


class AlreadySetUp(EverwordError):
    """Everword already has an owner. Sign in; if the password is lost, run `everword reset-password` on the machine."""

    code = "already_set_up"
    status = 409


class NotSetUp(EverwordError):
    """Everword has no owner yet. Open the set-up link from the terminal, or run `everword setup`."""

    code = "not_set_up"
    status = 409


class LinkUsed(EverwordError):
    """This link was used or has run out. Ask for a new one in the terminal: `everword setup` or `everword
    reset-password`.
    """

    code = "link_used"
    status = 410


class LinkUnknown(EverwordError):
    """There is no such link. Open the newest one from the terminal, whole."""

    code = "link_unknown"
    status = 404


class WhichPerson(EverwordError):
    """Several people live here. Say who: `--person NAME` in the terminal, or the name when signing in."""

    code = "which_person"
    status = 422


class NeedsPerson(EverwordError):
    """An API key cannot do this. Sign in to change passwords, sessions, keys and passkeys."""

    code = "needs_person"
    status = 403


class OutOfScope(EverwordError):
    """This API key does not open that: it needs the scope "{scope}". Make another with `everword key create`."""

    code = "out_of_scope"
    status = 403


class NoPasskeyHere(EverwordError):
    """Passkeys are bound to a host name, and {host} is an IP address. Open Everword by name (http://localhost:8321, or
    the name your proxy serves), or use the password.
    """

    code = "no_passkey_here"
    status = 422


class PasskeyRefused(EverwordError):
    """The passkey was not accepted. Try again, or use the password."""

    code = "passkey_refused"
    status = 401


class OperatorStays(EverwordError):
    """You set this installation up, and it needs you. To delete all of it, everybody's words too, stop the server and
    run `everword delete-everything`; to be rid of your words alone, forget them.
    """

    code = "operator_stays"
    status = 409
