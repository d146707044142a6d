"""Draft the migration from the newest one to the schema: `python -m everword.storage.draft_migration "why"`."""

import re
import sys
import tempfile
from pathlib import Path

from alembic import command

from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.migrate import config, migrate


def main() -> None:
    """Write the draft into `migrations/versions`; read and correct it before it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'draft.db'}")
        settings = config()
        if any((Path(__file__).parent / "migrations" / "versions").glob("0*.py")):
            migrate(database)
        number = len(list((Path(__file__).parent / "migrations" / "versions").glob("0*.py"))) + 1
        with database.writing(Principal.system()) as connection:
            settings.attributes["connection"] = connection
            command.revision(settings, message=sys.argv[1], autogenerate=True, rev_id=f"{number:04}")
        database.close()
    _protect_new_tables(next((Path(__file__).parent / "migrations" / "versions").glob(f"{number:04}*.py")))


def _protect_new_tables(draft: Path) -> None:
    """End the draft with row security for each table it creates."""
    source = draft.read_text()
    tables = re.findall(r"op\.create_table\(\s*['\"](\w+)", source)
    column = {"space": ', column="id"'}
    calls = [f'    protect(op.get_bind(), "{table}"{column.get(table, "")})' for table in tables]
    draft.write_text(source.rstrip() + "\n" + "\n".join(calls) + "\n")


if __name__ == "__main__":
    main()
