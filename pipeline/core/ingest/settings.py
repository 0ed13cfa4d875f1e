"""What the configuration says of the quality of batches."""

from typing import Annotated

from pydantic import (
    Field,
)

from pipeline.core.options import Section


class QualitySettings(Section):
    """How much rejection a batch may have."""

    max_reject_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Share of rejected and broken rows above which nothing of a batch is merged."""
    max_vanish_rate: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of a source's rows a full snapshot may lack before it is refused as cut off."""
