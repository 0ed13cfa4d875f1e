"""The contract of invitations to a survey, and how a source of them is configured and staged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.core.attitude.survey_settings import ItemSettings, SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.core.ingest.personal import pseudonyms
from pipeline.errors import SourceShapeError
from pipeline.sources.batches import Staged
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.faults import find_faults
from schemas.registry import ENTITIES
from schemas.surveys import SurveyInvitations
from tests.unit.lake import delivered

KEY = b"a key for the tests"
MAPPING = "select _file, _row, number as invitation_id, mail as email, sent as invited_at from invitations"
INVITATION = {"invitation_id": "i1", "invited_at": "2026-06-01"}


def reasons(*rows: dict[str, object]) -> list[str]:
    return find_faults(delivered("survey_invitations", list(rows)), SurveyInvitations)["reason"].to_list()


def stage(folder: Path, *lines: str, mapping: str = MAPPING) -> Staged:
    """Stage invitations to a transactional survey with an item, in a shop in Amsterdam."""
    (folder / "sent.csv").write_text("\n".join(["number,mail,sent", *lines]) + "\n")
    (folder / "own.sql").write_text(mapping)
    source = SourceSettings(
        name="mail",
        entity="survey_invitations",
        survey="parcel",
        mapping=folder / "own.sql",
        inputs={"invitations": str(folder / "sent.csv")},
    )
    staged = Staged(folder / "staged")
    (batch,) = stage_source(
        source,
        staged.folder,
        shop=ShopSettings(name="Test", time_zone="Europe/Amsterdam", currency="EUR"),
        survey=SurveySettings(type="transactional", items={"q1": ItemSettings(scale=(1, 5))}),
        key=KEY,
        started_at=datetime(2026, 7, 1, tzinfo=UTC),
    ).batches
    assert (batch.entity, batch.is_balanced) == ("survey_invitations", True)
    return staged


def test_an_invitation_needs_a_number_a_time_and_its_survey_only() -> None:
    required = {name for name, column in SurveyInvitations.to_schema().columns.items() if not column.nullable}
    assert required == {"invitation_id", "survey_id", "survey_type", "invited_at", "source", "batch_id"}
    assert reasons(INVITATION) == []
    assert reasons(INVITATION | {"survey_type": "both"}) == ["survey_type: is not one of relational, transactional"]


def test_invitations_are_delivered_and_the_newest_version_wins() -> None:
    table = ENTITIES["survey_invitations"]
    assert (table.key, table.is_delivered, table.month_of) == (("invitation_id",), True, None)


def test_an_invitation_has_the_survey_and_type_of_its_source_and_a_pseudonym_for_an_address(tmp_path: Path) -> None:
    staged = stage(tmp_path, "i1,Anna@example.com,2026-06-01 12:00:00", "i2,,2026-06-02")
    valid = staged.valid(ENTITIES["survey_invitations"]).collect().sort("invitation_id")
    (anna,) = pseudonyms(delivered("survey_invitations", [{"email_hash": "anna@example.com"}])["email_hash"], KEY)
    assert valid.select("invitation_id", "survey_id", "survey_type", "customer_id", "email_hash").rows() == [
        ("i1", "parcel", "transactional", anna, anna),
        ("i2", "parcel", "transactional", None, None),
    ]
    # Noon in Amsterdam in summer.
    assert valid["invited_at"][0] == datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_an_invitation_without_a_time_is_rejected(tmp_path: Path) -> None:
    staged = stage(tmp_path, "i1,anna@example.com,2026-06-01", "i2,anna@example.com,2026-06-31")
    assert staged.valid(ENTITIES["survey_invitations"]).collect()["invitation_id"].to_list() == ["i1"]
    (reason,) = staged.rejected().collect()["reasons"]
    assert reason.startswith("invited_at: ")


def test_a_mapping_that_names_the_survey_itself_is_refused(tmp_path: Path) -> None:
    mapping = MAPPING.replace("mail as email", "mail as email, 'parcel' as survey_id")
    with pytest.raises(SourceShapeError, match="returns column survey_id, which survey_invitations does not have"):
        stage(tmp_path, "i1,anna@example.com,2026-06-01", mapping=mapping)


def test_a_source_of_invitations_without_a_survey_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs survey with entity surveys or survey_invitations, and only there"):
        SourceSettings(
            name="mail", entity="survey_invitations", mapping=Path("own.sql"), inputs={"invitations": "sent.csv"}
        )
