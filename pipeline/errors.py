"""Every error a user can cause: one clear line each. Errors of our own making are plain exceptions and do not belong here."""


class LoyaltyError(Exception):
    """Something the user can put right. Its text is one line: the thing, the value and the way out."""


class ConfigError(LoyaltyError):
    """The configuration or the environment is wrong; nothing has run."""


class SourceShapeError(LoyaltyError):
    """An input is missing, unreadable, or lacks a required column; nothing of its batch is merged."""


class NothingSurvivedError(LoyaltyError):
    """No row of a batch was valid; nothing of it is merged."""


class NightFailedError(LoyaltyError):
    """The job has run and failed; its record in Dagster says more."""


class AuditError(LoyaltyError):
    """The new warehouse cannot be built, or disagrees with the lake; the published one stays."""


class EditionError(LoyaltyError):
    """There is no edition to go back to, or the published file cannot be replaced."""


class TargetError(LoyaltyError):
    """A copy of the published file cannot be brought up to date; it stays as it was, and the next run tries again."""


class BusyError(LoyaltyError):
    """Another run or command is writing the home."""


class DiskFullError(LoyaltyError):
    """The disk of the home or its quota is full; half-written files are not read."""


class LakeError(LoyaltyError):
    """The object store of the lake cannot be reached, or refuses; or a table of the lake is lost or damaged."""


class EngineError(LoyaltyError):
    """The Spark Connect server that is to compute cannot be reached, is lost, or its executors lack something; nothing is written."""


class ExportError(LoyaltyError):
    """There is nothing to export, or the file cannot be written; nothing is recorded as exported."""
