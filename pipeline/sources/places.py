"""What a place is before it is read: of what kind, and how large. What is read from it belongs to `parts`."""

from pathlib import Path

from pipeline.errors import SourceShapeError
from pipeline.sources.database_places import scheme_of
from pipeline.sources.object_stores import is_remote
from pipeline.sources.parts import file_format, find_files
from pipeline.sources.settings import ApiInput, DatabaseInput, FileInput, SourceSettings, as_file

FILES = "files"


def kind_of(place: ApiInput | DatabaseInput | FileInput | str) -> str:
    """The kind of a place in one word: the tool of an API, or the kind of database, of store, or of file."""
    if isinstance(place, ApiInput):
        return str(place.api)
    if isinstance(place, DatabaseInput):
        return scheme_of(place)
    path = as_file(place).path
    return path.partition("://")[0] if is_remote(path) else file_format(Path(path)) or FILES


def sizes_at(source: SourceSettings, name: str) -> dict[str, int]:
    """How many files and bytes there are at a place on this machine; nothing of any other place."""
    place = source.inputs[name]
    if isinstance(place, ApiInput | DatabaseInput) or is_remote(as_file(place).path):
        return {}
    try:
        sizes = [file.stat().st_size for file in find_files(source.name, name, as_file(place).path)]
    except (SourceShapeError, OSError):
        return {"files": 0, "bytes": 0}
    return {"files": len(sizes), "bytes": sum(sizes)}
