"""Object stores: which objects are at an address, copies of them on disk, and back. What is in them does not belong here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import AzureStore, GCSStore, S3Store

from pipeline.errors import SourceShapeError
from pipeline.sources.patterns import WILDCARD, matches

if TYPE_CHECKING:
    from obstore import Bytes, GetOptions, ObjectMeta
    from obstore.store import RetryConfig

Store = S3Store | GCSStore | AzureStore

BYTES_PER_REQUEST = 16 << 20
# Short, so that a wrong address is told soon. Timeouts stay the store's own, 5 s to connect and 30 s for a request:
# client options given here would take the place of those in the environment.
RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
STORES: dict[str, type[Store]] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; for another server than Amazon's AWS_ENDPOINT_URL, "
    "without TLS AWS_ALLOW_HTTP=true",
    "gs": "GOOGLE_SERVICE_ACCOUNT or GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
UNREADABLE_KEY = re.compile(r'Path "(.*?)"(?: contained empty path segment|: Encountered illegal)')
"""What is said of a key that the client takes for no path, and then lists none beside it."""


@dataclass(frozen=True)
class RemoteFile:
    """One object."""

    address: str
    fingerprint: str
    """Another one is other content: the e-tag, or size and time where a store gives none."""
    modified_at: datetime
    """UTC."""


@dataclass(frozen=True)
class Prefix:
    """A prefix that is looked at again and again, over the same connections."""

    root: str
    store: Store
    key: str

    @classmethod
    def at(cls, address: str) -> "Prefix":
        """The prefix at an address that ends in `/`.

        Raises:
            SourceShapeError: it names no bucket.
        """
        return cls(*_open(address))

    def after(self, folder: str, name: str) -> list[RemoteFile]:
        """The objects of a folder below it, which ends in `/`, that come after a name in the order of names, sorted.

        Raises:
            SourceShapeError: as `put`.
        """
        below = f"{self.key}{folder}"
        with _told(f"{self.root}{below}"):
            found = [meta for page in obstore.list(self.store, below, offset=f"{below}{name}") for meta in page]
        return sorted((_remote_file(self.root, meta) for meta in found), key=lambda file: file.address)


def is_remote(place: str) -> bool:
    """Whether a place is in an object store."""
    return place.startswith(tuple(f"{scheme}://" for scheme in STORES))


def list_objects(place: str) -> list[RemoteFile]:
    """The objects at a place, sorted: one object, all right under a prefix that ends in `/`, or the matches of a glob.

    A glob means what it does on disk: `*` and `?` do not match `/`, `**` stands for all folders below, none of them matches a hidden name, and
    what is there as it is written is no pattern. There can be none under a prefix or of a glob.

    Raises:
        SourceShapeError: no such object or bucket, no right to it, or the store cannot be reached.
    """
    root, store, key = _open(place)
    with _told(place):
        folder, pattern = _plain_folder(store, key)
        if WILDCARD.search(pattern):
            metas = (meta for page in obstore.list(store, folder) for meta in page if meta["path"].startswith(folder))
            found = [meta for meta in metas if matches(meta["path"].removeprefix(folder), pattern)]
            found = [meta for meta in found if meta["path"] == key] or found
        elif not pattern:
            # Some tools make an empty object of the prefix itself.
            children = obstore.list_with_delimiter(store, key)["objects"]
            found = [meta for meta in children if meta["path"].startswith(key)]
        else:
            found = [obstore.head(store, key)]
    return sorted((_remote_file(root, meta) for meta in found), key=lambda file: file.address)


def fetch(address: str, target: Path) -> None:
    """Copy one object to disk, whole or not at all, in memory that does not grow with its size.

    Raises:
        SourceShapeError: as `list_objects`, or the object changes meanwhile.
    """
    _, store, key = _open(address)
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as file, _told(address):
            for chunk in _chunks(store, key):
                file.write(chunk)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def read_object(address: str) -> bytes | None:
    """The content of a small object; null where there is none.

    Raises:
        SourceShapeError: no right to it, or the store cannot be reached.
    """
    _, store, key = _open(address)
    with _told(address):
        try:
            return bytes(obstore.get(store, key).bytes())
        except FileNotFoundError:
            return None


def put(address: str, content: Path | bytes) -> None:
    """Write one object, whole or not at all.

    Raises:
        SourceShapeError: no such bucket, no right to it, or the store cannot be reached.
    """
    _, store, key = _open(address)
    with _told(address):
        obstore.put(store, key, content)


def folders_below(prefix: str) -> list[str]:
    """The names that stand right under a prefix that ends in `/`, with more under them.

    Raises:
        SourceShapeError: as `put`.
    """
    _, store, key = _open(prefix)
    with _told(prefix):
        return sorted(
            path.rstrip("/").rpartition("/")[2] for path in obstore.list_with_delimiter(store, key)["common_prefixes"]
        )


def names_below(prefix: str) -> set[str]:
    """The keys of all objects under a prefix that ends in `/`, from there on.

    Raises:
        SourceShapeError: as `put`.
    """
    _, store, key = _open(prefix)
    with _told(prefix):
        return {meta["path"].removeprefix(key) for page in obstore.list(store, key) for meta in page}


def delete_below(prefix: str) -> None:
    """Delete every object under a prefix that ends in `/`.

    Raises:
        SourceShapeError: as `put`.
    """
    _, store, key = _open(prefix)
    with _told(prefix):
        for page in obstore.list(store, key):
            if paths := [meta["path"] for meta in page if meta["path"].startswith(key)]:
                obstore.delete(store, paths)


def _chunks(store: Store, key: str) -> "Iterator[Bytes]":
    """The content, a request per chunk, so that none takes longer than a request may."""
    meta = obstore.head(store, key)
    for start in range(0, meta["size"], BYTES_PER_REQUEST):
        options: GetOptions = {"range": (start, min(start + BYTES_PER_REQUEST, meta["size"]))}
        if meta["e_tag"]:
            options["if_match"] = meta["e_tag"]
        yield obstore.get(store, key, options=options).bytes()


def _open(address: str) -> tuple[str, Store, str]:
    """The bucket's address, the bucket, and the key in it."""
    scheme, _, path = address.partition("://")
    bucket, _, key = path.partition("/")
    if not bucket:
        raise SourceShapeError(f"{address}: names no bucket; write {scheme}://bucket/folder/file")
    with _told(address):
        return f"{scheme}://{bucket}/", STORES[scheme](bucket, retry_config=RETRY), key


def _plain_folder(store: Store, key: str) -> tuple[str, str]:
    """The part of a key up to a `/` that is no pattern, as a folder is there that is called so, and the rest."""
    *folders, last = key.split("/")
    plain = ""
    for number, name in enumerate(folders):
        if WILDCARD.search(name) and not any(obstore.list(store, f"{plain}{name}/")):
            return plain, "/".join([*folders[number:], last])
        plain += f"{name}/"
    return plain, last


def _remote_file(root: str, meta: "ObjectMeta") -> RemoteFile:
    modified_at = meta["last_modified"]
    return RemoteFile(
        address=root + meta["path"],
        fingerprint=meta["e_tag"] or f"{meta['size']} bytes of {modified_at.isoformat()}",
        modified_at=modified_at,
    )


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Tell what goes wrong in one line, without the parts of a request's address that can hold a key."""
    try:
        yield
    except FileNotFoundError:
        raise SourceShapeError(
            f"{address}: there is no such object or bucket; the address of a folder ends in /"
        ) from None
    except PreconditionError:
        raise SourceShapeError(f"{address}: changed while it was read; run again") from None
    except BaseError as error:
        if found := UNREADABLE_KEY.search(str(error)):
            raise SourceShapeError(
                f"{address}: the key {found[1]} has // or a part . or .. in it, which is no path; copy it under another one"
            ) from None
        line = re.sub(r"\?\S*| in [\d.]+\S.*?(?= - )|: <.*", "", str(error).splitlines()[0])
        code = re.search(r"<Code>(\w+)</Code>", str(error))
        scheme = address.partition("://")[0]
        raise SourceShapeError(
            f"{address}: {line}{f' ({code[1]})' if code else ''}; check the address, and set {VARIABLES[scheme]}"
        ) from None
