"""Files that stand whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from pipeline import whole_files
from pipeline.whole_files import FOR_ALL, copy_file, write_whole


@pytest.mark.parametrize("is_durable", [False, True])
def test_a_file_takes_the_place_of_the_one_before_with_its_mode_and_leaves_nothing_beside_it(
    tmp_path: Path, is_durable: bool
) -> None:
    file = tmp_path / "page.html"
    file.write_text("before")
    write_whole(file, "après", mode=FOR_ALL, is_durable=is_durable)
    assert file.read_text(encoding="utf-8") == "après"
    assert file.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_leaves_the_one_before_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "half \ud800")
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def cannot(*_: object) -> int:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


@pytest.mark.parametrize("system", ["copies", "cannot", "has no such call"])
def test_a_copy_has_all_of_the_file_and_takes_the_place_of_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(whole_files, "AT_ONCE", 7)
    if system == "cannot":
        monkeypatch.setattr(os, "copy_file_range", cannot)
    elif system == "has no such call":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    file, copy = tmp_path / "file", tmp_path / "copy"
    file.write_bytes(bytes(range(256)))
    copy.write_bytes(b"longer than the file that takes its place" * 10)
    copy_file(file, copy)
    assert copy.read_bytes() == bytes(range(256))
    copy.write_bytes(b"changed")
    assert file.read_bytes() == bytes(range(256))


def test_a_copy_that_fails_is_an_error_and_not_tried_in_another_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    with pytest.raises(IsADirectoryError):
        copy_file(tmp_path / "file", tmp_path)
    with pytest.raises(FileNotFoundError):
        copy_file(tmp_path / "none", tmp_path / "copy")
