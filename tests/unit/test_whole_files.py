"""Files that stand whole or not at all."""

from pathlib import Path

import pytest

from pipeline.whole_files import FOR_ALL, write_whole


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
