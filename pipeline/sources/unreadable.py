"""Kinds of files that people have exports in and that are not read: what each is, and the way out."""

from pathlib import PurePath

SAVE_AS = "save it as .xlsx or CSV"
UNREADABLE = {
    ".xls": f"is an Excel file of the old kind; {SAVE_AS}",
    ".xlsb": f"is a binary Excel file; {SAVE_AS}",
    ".ods": f"is a LibreOffice sheet; {SAVE_AS}",
    ".numbers": "is a Numbers sheet; export it as Excel or CSV",
    ".gsheet": "is a link to a Google sheet; download the sheet as .xlsx or CSV",
    ".pdf": "is a PDF, which holds no table; export the data as CSV or Excel",
    ".doc": "is a text document; export the data as CSV or Excel",
    ".docx": "is a text document; export the data as CSV or Excel",
    ".html": "is a web page; export the data as CSV or Excel",
    ".htm": "is a web page; export the data as CSV or Excel",
    ".xml": "is XML; export the data as CSV or Excel",
    ".json": "is JSON; write it as JSON lines, one object a line, and call it .jsonl",
    ".sav": "is an SPSS file; export the survey as CSV or Excel",
    ".rar": "is a .rar archive; unpack it, or make a .zip",
    ".7z": "is a .7z archive; unpack it, or make a .zip",
    ".tar": "is a .tar archive; unpack it, or make a .zip",
    ".tgz": "is a .tar archive; unpack it, or make a .zip",
    ".sql": "is a dump of a database; load it into one and name the database as an input",
    ".sqlite": "is a database; name it as an input: {database: sqlite:///file, table: …}",
    ".db": "is a database; name it as an input: {database: sqlite:///file, table: …}",
    ".duckdb": "is a database; name it as an input: {database: duckdb:///file, table: …}",
}
"""Ending -> what such a file is, and what to do."""
UNKNOWN_KIND = "is neither CSV, JSON lines, Parquet nor Excel"


def why_unread(name: str) -> str | None:
    """What a file is by its name, and what to do; null when its kind is not known."""
    return next(
        (UNREADABLE[suffix] for one in PurePath(name).suffixes[::-1] if (suffix := one.lower()) in UNREADABLE), None
    )
