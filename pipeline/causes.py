"""Why a step failed, in one line, from what Dagster keeps of an error. Who is told of it does not belong here."""

from dataclasses import dataclass

from dagster._core.execution.plan.objects import StepFailureData

from pipeline.errors import LoyaltyError


@dataclass(frozen=True)
class Cause:
    """A user's error in its own words (`is_ours`); any other by its innermost cause, whose words can hold a row's value."""

    words: str
    kind: str
    is_ours: bool

    @property
    def harmless(self) -> str:
        """Words that hold no value of a row, to be kept or sent."""
        return self.words if self.is_ours else f"{self.kind or 'an error'}, whose words may hold data"


def cause_of(failure: StepFailureData) -> Cause:
    """The cause of a step's failure."""
    users = _names_below(LoyaltyError)
    words, kind = "no reason given", ""
    error = failure.error
    while error is not None:
        words, kind = " ".join(error.message.split()), error.cls_name or ""
        if kind in users:
            return Cause(words.split(f"{kind}: ", 1)[-1], kind, is_ours=True)
        error = error.cause
    if "PanicException" in words:
        # This is how polars ends when it cannot read on.
        words = f"a file cannot be read; `loyalty check --lake` says which tables are damaged ({words})"
    return Cause(words, kind, is_ours=False)


def _names_below(kind: type[Exception]) -> set[str]:
    return {kind.__name__}.union(*(_names_below(one) for one in kind.__subclasses__()))
