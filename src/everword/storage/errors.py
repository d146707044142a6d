"""What can be wrong with the database, and what to do about it."""

from everword.core.errors import EverwordError


class FolderInUse(EverwordError):
    """Another Everword (process {pid}) has the folder {folder} open. Stop it, or set EVERWORD_HOME to another one."""

    code = "folder_in_use"
    status = 503


class DatabaseUnreachable(EverwordError):
    """The database does not answer: {why}. Check EVERWORD_DATABASE_URL and that the server runs."""

    code = "database_unreachable"
    status = 503


class DatabaseBusy(DatabaseUnreachable):
    """The database was busy with something else for {seconds} seconds, so nothing was saved. Try again."""

    code = "database_busy"


class RoleTooPowerful(EverwordError):
    """The database role {role} is a superuser or bypasses row security, which keeps people's words apart.

    Create one that does neither (CREATE ROLE everword LOGIN NOSUPERUSER NOBYPASSRLS) and let it own the database.
    """

    code = "role_too_powerful"
    status = 503


class SchemaTooNew(EverwordError):
    """A newer Everword wrote the database (schema {found}). Install that version, or restore the copy made before."""

    code = "schema_too_new"
    status = 503


class StorageFull(EverwordError):
    """There is no room left where the database is kept, so nothing was saved. Free some space and try again."""

    code = "storage_full"
    status = 507
