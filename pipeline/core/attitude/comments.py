"""What a text says whatever the date: its language, and the themes it mentions. Who wrote it and when belongs to `themes`.

A text is read once, word by word in plain Python; each word is looked up once, however many texts have it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import polars as pl

from pipeline.core.attitude.lexicon import ANY, AS_WRITTEN, GAP, Theme, When, folded, is_plain
from pipeline.core.attitude.shipped_themes import SHIPPED_THEMES, VOCABULARIES
from pipeline.core.attitude.vocabulary import Vocabulary, listed
from pipeline.core.facts.names import fingerprint
from pipeline.core.frames import Frame
from schemas.types import LANGUAGES

WORD = re.compile(r"[^\W_]+(?:'t\b)?")
CLAUSE_END = re.compile(r"[.,;:!?()\[\]\n\r\u2026\u2013\u2014]+|\s-+\s")
JOINED = re.compile(r"(?<=[a-zß-öø-ÿ]{3})(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{4})")
"""Where a lost line break has joined two lines: good priceFast delivery. MasterCard and WhatsApp stay whole."""
GAP_WORDS = 3
"""How many other words a gap can hold."""
REACH = 3
"""How many words after a negation it still denies: nothing had to be returned."""
NO_THEME = ""
"""What a saying tells."""
QUALITY = "quality"
"""The theme of a verdict on a thing."""
MIN_WORDS = 2
"""Words from which a language is told from the text itself: of single words it is right in 71 of 100, of two in 96."""

TEXT_SCHEMA = pl.Schema(
    {"text": pl.String(), "letters": pl.String(), "language": pl.String(), "themes": pl.List(pl.String())}
)
"""What `read_texts` gives for each text."""


@dataclass(frozen=True)
class Part:
    """One word of an entry: what it is compared with, and how."""

    forms: frozenset[str]
    starts_open: bool = False
    ends_open: bool = False
    is_as_written: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it stands for more than one word."""
        return self.starts_open or self.ends_open

    def fits(self, keys: Sequence[str]) -> bool:
        """Whether it is the word that has these keys, the word as written first."""
        if not self.is_open:
            return not self.forms.isdisjoint(keys[:1] if self.is_as_written else keys)
        word = keys[0]
        if self.starts_open and self.ends_open:
            return any(stem in word for stem in self.forms)
        ends = word.endswith if self.starts_open else word.startswith
        return ends(tuple(self.forms))


ANY_WORD = Part(frozenset([""]), starts_open=True)


@dataclass(frozen=True)
class Entry:
    """One entry of the lexicon: the parts that follow each other (None: a gap), and the theme that they tell."""

    theme: str
    parts: tuple[Part | None, ...]
    when: When
    is_own: bool = False
    """Whether the shop gave it: no saying of the shipped lexicon hides it."""

    @property
    def n_letters(self) -> int:
        """How many letters it gives: an open word gives fewer than it finds."""
        return sum(min(map(len, part.forms)) for part in self.parts if part is not None)


@dataclass(frozen=True)
class Starting:
    """The entries that begin with one word. Of most of them the next word follows nowhere, so they are not even tried."""

    by_second: dict[str, list[Entry]]
    """Those whose second part is a word, by each key of it."""
    others: list[tuple[Entry, frozenset[str]]]
    """Those of one part, and those whose second part can be many words or a gap: with the keys of the last part, one of which must be
    in the clause; with none where the clause need not have any."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Starting":
        """The same entries, told apart."""
        by_second: dict[str, list[Entry]] = {}
        others = []
        for entry in entries:
            rest = [part.forms if part is not None and not part.is_open else frozenset() for part in entry.parts[1:]]
            for key in rest[0] if rest else ():
                by_second.setdefault(key, []).append(entry)
            if not rest or not rest[0]:
                others.append((entry, rest[-1] if rest else frozenset()))
        return cls(by_second, others)

    def followed_by(self, keys: Iterable[str], present: frozenset[str]) -> Iterable[Entry]:
        """Those that can be here, before a word with these keys in a clause with `present`."""
        found = {id(entry): entry for key in keys for entry in self.by_second.get(key, ())}
        yield from found.values()
        for entry, last in self.others:
            if not last or not last.isdisjoint(present):
                yield entry


@dataclass(frozen=True)
class Match:
    """An entry found in a clause, and the places of its words."""

    entry: Entry
    places: frozenset[int]

    def gives_way_to(self, other: "Match") -> bool:
        """Whether the other one says more of the same words."""
        if self.entry.is_own and other.entry.theme == NO_THEME:
            return False
        if self.places != other.places:
            return self.places < other.places
        first = self.entry.parts[0]
        return first is not None and first.is_open and self.entry.n_letters < other.entry.n_letters


class Lemmas:
    """The keys that words of a language are compared by: the word as written, its lemma, and the lemma of that.

    Where the lemmatiser is inconsistent (received -> receive, but another form -> received), the second lemma mends it.
    """

    def __init__(self, language: str, exceptions: Mapping[str, str]) -> None:
        self._language, self._exceptions = language, exceptions
        self._known: dict[str, tuple[str, ...]] = {}

    def keys(self, word: str) -> tuple[str, ...]:
        """The keys of a word in lower case, without accents."""
        known = self._known.get(word)
        if known is None:
            lemma = self._lemma(word)
            forms = (word, lemma, self._lemma(lemma))
            known = tuple(dict.fromkeys(folded(form, self._language) for form in forms))
            self._known[word] = known
        return known

    def _lemma(self, word: str) -> str:
        exception = self._exceptions.get(word) or self._exceptions.get(folded(word))
        return exception or _lemmatised(word, self._language)


@lru_cache(maxsize=100_000)
def _lemmatised(word: str, language: str) -> str:
    """What the lemmatiser makes of a word: kept, as every reader of a language asks for all words of the lexicon."""
    # Slow to import, and only needed where there are comments.
    from simplemma import lemmatize

    return lemmatize(word, lang=language).lower()


@cache
def _lemmas_of(language: str) -> Lemmas:
    return Lemmas(language, VOCABULARIES[language].lemmas)


@lru_cache(maxsize=100_000)
def _parts_of(given: str, language: str, *, is_foreign: bool) -> tuple[Part | None, ...]:
    """The parts of what the lexicon gives: kept, as most of it is the same for every reader of a language."""
    parts: list[Part | None] = []
    for piece in normal(given).split():
        words = WORD.findall(piece)
        for word in words:
            starts, ends = piece.startswith(ANY) and word == words[0], piece.endswith(ANY) and word == words[-1]
            as_written = is_foreign or piece.startswith(AS_WRITTEN)
            keys = _lemmas_of(language).keys(word)[: 1 if starts or ends or as_written else 2]
            parts.append(Part(frozenset(keys), starts, ends, as_written))
        if piece == GAP:
            parts.append(None)
    return tuple(parts)


class Reader:
    """Finds themes in texts of one language."""

    def __init__(self, language: str, themes: Mapping[str, Theme]) -> None:
        vocabulary = VOCABULARIES[language]
        self._lemmas = _lemmas_of(language)
        self._negations = {folded(word) for word in listed(vocabulary.negations)}
        self._conjunctions = {folded(word) for word in listed(vocabulary.conjunctions)}
        self._entries = [
            Entry(
                name,
                _parts_of(word, language, is_foreign=of not in LANGUAGES),
                when,
                is_own=theme is not SHIPPED_THEMES.get(name),
            )
            for name, theme in themes.items()
            for of, word, when in theme.given
            if (of == language or of not in LANGUAGES) and is_plain(word)
        ]
        self._entries += [
            Entry(NO_THEME, _parts_of(word, language, is_foreign=False), "always")
            for word in listed(vocabulary.sayings)
        ]
        if themes.get(QUALITY) is SHIPPED_THEMES[QUALITY]:
            self._entries += self._verdicts(vocabulary)
        self._starting: dict[str, Starting] = {}

    def themes_in(self, text: str) -> set[str]:
        """The themes that a text mentions."""
        return {theme for clause in self._clauses(text) for theme in self._themes_of(clause)}

    def _themes_of(self, clause: Sequence[str]) -> set[str]:
        """Of overlapping entries the longer one counts, of one word that with more letters given."""
        matches = [match for match in self._matches(clause) if not self._is_denied(match, clause)]
        # One that says more has all of its places, so the first of them too: nothing is compared with the rest of a long clause.
        at_place: dict[int, list[Match]] = {}
        for match in matches:
            for place in match.places:
                at_place.setdefault(place, []).append(match)
        longest = [match for match in matches if not any(map(match.gives_way_to, at_place[min(match.places)]))]
        surely = {match.entry.theme for match in longest if match.entry.when != "if_alone"} - {NO_THEME}
        return surely or {match.entry.theme for match in longest} - {NO_THEME}

    def _matches(self, clause: Sequence[str]) -> Iterator[Match]:
        keys = [self._lemmas.keys(word) for word in clause]
        present = frozenset(key for of_word in keys for key in of_word)
        for at, word in enumerate(clause):
            following = keys[at + 1] if at + 1 < len(keys) else ()
            for entry in self._starting_with(word, keys[at]).followed_by(following, present):
                places = _places(entry.parts[1:], keys, at + 1)
                if places is not None:
                    yield Match(entry, places | {at})

    def _is_denied(self, match: Match, clause: Sequence[str]) -> bool:
        if match.entry.when != "unless_denied":
            return False
        first = min(match.places)
        before = clause[max(first - REACH, 0) : first]
        return any(folded(word) in self._negations or word.endswith("n't") for word in before)

    def _clauses(self, text: str) -> Iterable[list[str]]:
        for part in CLAUSE_END.split(text):
            clause: list[str] = []
            for word in WORD.findall(part):
                if folded(word) in self._conjunctions:
                    yield clause
                    clause = []
                clause.append(word)
            yield clause

    def _starting_with(self, word: str, keys: tuple[str, ...]) -> "Starting":
        if word not in self._starting:
            candidates = {id(entry): entry for key in keys for entry in self._by_first_key.get(key, ())}
            candidates |= {id(entry): entry for entry in self._open}
            fitting = [entry for entry in candidates.values() if _fits(entry.parts[0], keys)]
            self._starting[word] = Starting.of(fitting)
        return self._starting[word]

    @cached_property
    def _by_first_key(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._entries:
            first = entry.parts[0]
            if first is not None and not first.is_open:
                for key in first.forms:
                    found.setdefault(key, []).append(entry)
        return found

    @cached_property
    def _open(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.parts[0] is not None and entry.parts[0].is_open]

    def _verdicts(self, vocabulary: Vocabulary) -> Iterator[Entry]:
        """A thing judged: a good bag, a good large bag, the bag is very good."""
        verdict = self._any_of(word for word in listed(vocabulary.verdicts))
        things = listed(vocabulary.things)
        for thing in (
            self._any_of(word for word in things if not word.startswith(ANY)),
            self._any_of((word.strip(ANY) for word in things if word.startswith(ANY)), starts_open=True),
        ):
            if verdict.forms and thing.forms:
                yield Entry(QUALITY, (verdict, thing), "always")
                yield Entry(QUALITY, (verdict, ANY_WORD, thing), "if_alone")
                yield Entry(QUALITY, (thing, None, verdict), "if_alone")

    def _any_of(self, words: Iterable[str], *, starts_open: bool = False) -> Part:
        """One word that is any of these."""
        n_keys = 1 if starts_open else 2
        return Part(frozenset(key for word in words for key in self._lemmas.keys(normal(word))[:n_keys]), starts_open)


def read_texts(texts: Sequence[str], *, themes: Mapping[str, Theme], language: str) -> pl.DataFrame:
    """One row per text: its `letters`, its language, `language` where it is too short to tell, and the themes that it mentions.

    A text that mentions nothing in its own language is searched in that of the shop too: short texts in it are taken for
    another one at times.
    """
    plain = [normal(text) for text in texts]
    told = languages_of(plain, language)
    readers = {name: Reader(name, themes) for name in sorted({*told, language})} if plain else {}
    found = [
        readers[of].themes_in(text) or (readers[language].themes_in(text) if of != language else set())
        for text, of in zip(plain, told, strict=True)
    ]
    frame = pl.DataFrame({"text": texts, "plain": plain}, schema={"text": pl.String, "plain": pl.String})
    for name, theme in themes.items():
        if (pattern := theme.pattern) is not None:
            for mentions, is_found in zip(found, frame["plain"].str.contains(pattern), strict=True):
                if is_found:
                    mentions.add(name)
    return frame.select("text", letters=letters_of(pl.col("text"))).with_columns(
        pl.Series("language", told, pl.String),
        pl.Series("themes", [sorted(mentions) for mentions in found], pl.List(pl.String)),
    )


def with_themes(rows: Frame, text: pl.Expr, texts: Frame) -> Frame:
    """The rows with what `read_texts` tells of their text, null where a row has none: `letters`, `language`, `themes`."""
    told = texts.with_columns(print=fingerprint("text")).drop("text")
    return (
        rows.with_columns(text=text)
        .with_columns(print=fingerprint("text"))
        .join(told, on="print", how="left")
        .drop("text", "print")
    )


def letters_of(text: pl.Expr) -> pl.Expr:
    """The letters and digits of a text, in lower case, words apart by one blank: what copies of it share."""
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def languages_of(texts: Sequence[str], default: str) -> list[str]:
    """The language of each text: one of LANGUAGES, `default` where it has fewer than MIN_WORDS words."""
    long_enough = [at for at, text in enumerate(texts) if len(WORD.findall(text)) >= MIN_WORDS]
    told = [default] * len(texts)
    if long_enough:
        # Slow to import, and only needed where there are comments.
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [getattr(IsoCode639_1, name.upper()) for name in LANGUAGES]
        detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
        found = detector.detect_languages_in_parallel_of([texts[at] for at in long_enough])
        for at, language in zip(long_enough, found, strict=True):
            if language is not None:
                told[at] = language.iso_code_639_1.name.lower()
    return told


def normal(text: str) -> str:
    """The text in lower case, accents within their letters, one kind of apostrophe, and joined lines apart."""
    return JOINED.sub("\n", unicodedata.normalize("NFC", text)).lower().replace("\u2019", "'")


def _fits(part: Part | None, keys: Sequence[str]) -> bool:
    return part is not None and part.fits(keys)


def _places(parts: Sequence[Part | None], keys: Sequence[tuple[str, ...]], at: int) -> frozenset[int] | None:
    """The places of the words that are these parts, from a place on; None where they do not follow."""
    if not parts:
        return frozenset()
    first, rest = parts[0], parts[1:]
    if first is None:
        tries = (_places(rest, keys, at + step) for step in range(GAP_WORDS + 1))
        return next((places for places in tries if places is not None), None)
    if at >= len(keys) or not first.fits(keys[at]):
        return None
    places = _places(rest, keys, at + 1)
    return None if places is None else places | {at}
