"""The shipped themes: what customers of a web shop write about, in six languages. Their words stand in `lexicons`."""

from collections.abc import Mapping

from pipeline.core.attitude.lexicon import Construct, Pillar, Theme
from pipeline.core.attitude.lexicons.de import GERMAN
from pipeline.core.attitude.lexicons.en import ENGLISH
from pipeline.core.attitude.lexicons.es import SPANISH
from pipeline.core.attitude.lexicons.fr import FRENCH
from pipeline.core.attitude.lexicons.nl import DUTCH
from pipeline.core.attitude.lexicons.pt import PORTUGUESE
from pipeline.core.attitude.vocabulary import Vocabulary, listed

VOCABULARIES: Mapping[str, Vocabulary] = {
    "en": ENGLISH,
    "nl": DUTCH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "pt": PORTUGUESE,
}

LABELS: Mapping[str, tuple[Construct | None, Pillar | None]] = {
    "delivery": ("care", "reliability"),
    "delivery_options": ("convenience", "situation"),
    "packaging": ("care", "reliability"),
    "completeness": ("care", "availability"),
    "stock": ("choice", "availability"),
    "choice": ("choice", None),
    "quality": ("care", None),
    "fit": ("care", None),
    "price": (None, None),
    "payment": ("convenience", None),
    "website": ("convenience", None),
    "returns": ("care", "situation"),
    "service": ("care", "personal_attention"),
    "contact": ("contact_interactivity", "personal_attention"),
    "personalisation": ("customisation", "personal_attention"),
    "rewards": ("cultivation", None),
    "community": ("community", None),
    "character": ("character", None),
}
"""Theme -> its construct and its pillar of convenience."""


def _theme(name: str, construct: Construct | None, pillar: Pillar | None) -> Theme:
    return Theme(
        words=_words(name, {language: of.words for language, of in VOCABULARIES.items()}),
        unless_denied=_words(name, {language: of.unless_denied for language, of in VOCABULARIES.items()}),
        if_alone=_words(name, {language: of.if_alone for language, of in VOCABULARIES.items()}),
        construct=construct,
        pillar=pillar,
    )


def _words(theme: str, lists: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    return {language: listed(of[theme]) for language, of in lists.items() if theme in of}


SHIPPED_THEMES = {name: _theme(name, *labels) for name, labels in LABELS.items()}
