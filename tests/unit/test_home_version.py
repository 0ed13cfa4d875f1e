"""Which program may write a home."""

import json
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.home_version import FORMAT, claim_home
from pipeline.run_lock import hold_lock


def note(home: Path, **content: object) -> Path:
    file = home / "home.json"
    file.write_text(json.dumps(content))
    return file


def test_a_home_without_a_note_gets_one_that_its_owner_alone_reads(tmp_path: Path) -> None:
    claim_home(tmp_path)
    file = tmp_path / "home.json"
    assert json.loads(file.read_text())["format"] == FORMAT
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_home_of_an_older_program_becomes_ours(tmp_path: Path) -> None:
    file = note(tmp_path, format=FORMAT - 1, program="0.0.1")
    claim_home(tmp_path)
    assert json.loads(file.read_text())["format"] == FORMAT
    before = file.stat().st_mtime_ns
    claim_home(tmp_path)
    assert file.stat().st_mtime_ns == before


def test_a_home_of_a_newer_program_is_refused_in_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    before = note(tmp_path, format=FORMAT + 1, program="9.1.0", more="whatever it needs").read_text()
    with pytest.raises(ConfigError) as told, hold_lock(tmp_path, "loyalty run"):
        pytest.fail("the home is written")
    words = str(told.value)
    assert "9.1.0" in words
    assert str(tmp_path) in words
    assert "\n" not in words
    assert (tmp_path / "home.json").read_text() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "new"}', '{"format": null, "program": "1"}'])
def test_a_damaged_note_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    file = tmp_path / "home.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"home\.json is damaged: delete it"):
        claim_home(tmp_path)
