"""What a text says: how words are found in it, in which language, and how well the shipped lexicon reads made-up comments."""

from pathlib import Path

import pytest

from pipeline.core.attitude.comments import languages_of, read_texts
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.attitude.shipped_themes import SHIPPED_THEMES
from schemas.types import LANGUAGES
from tests.unit.growth import assert_grows_in_step

COMMENTS = Path(__file__).parent / "comments"
"""Per language made-up comments with the themes that a reader finds in them."""


def themes_of(text: str, language: str = "en", **themes: Theme) -> list[str]:
    (found,) = read_texts([text], themes=themes or SHIPPED_THEMES, language=language)["themes"].to_list()
    return found


def is_found(word: str, text: str, language: str = "nl") -> bool:
    return themes_of(text, language, it=Theme(words={language: [word]})) == ["it"]


# Words


@pytest.mark.parametrize(
    ("word", "comment", "expected"),
    [
        ("prijs", "De prijs.", True),
        ("prijs", "PRIJS", True),
        ("prijs", "prijs-kwaliteit", True),
        ("prijs", "prijzen", True),
        ("prijzen", "prijs", True),
        ("=prijs", "prijzen", False),
        ("=prijs", "prijs", True),
        ("prijs", "een spotprijs", False),
        ("prijs", "prijséé", False),
        ("prijs", "prijs2", False),
        ("terugsturen", "heb het teruggestuurd", True),
        ("lever*", "de levering", True),
        ("lever*", "lever!", True),
        ("lever*", "afgeleverd", False),
        ("*kosten", "verzendkosten", True),
        ("*kosten", "kostenpost", False),
        ("*lever*", "afgeleverde", True),
        ("te laat", "veel te  laat\nbezorgd", True),
        ("te laat", "te heel laat", False),
        ("te ~ laat", "te heel laat", True),
        ("te ~ laat", "te laat", True),
        ("te ~ laat", "te een twee drie vier laat", False),
        ("te laat", "te, laat", False),
        ("cafe", "in het Café", True),
        ("café", "in het CAFE", True),
        ("café", "in het cafe\u0301", True),
        ("naïef", "naief", True),
        ("naïef", "nai\u0308ef", True),
        ("c++", "ik leer C++.", True),
        ("c++", "vitamine c", False),
        ("/prij[sz](en)?/", "goede prijzen", True),
        ("/prij[sz](en)?/", "prijst", False),
    ],
)
def test_a_word_is_found_whole_in_any_form_and_case_and_with_or_without_accents(
    word: str, comment: str, expected: bool
) -> None:
    assert is_found(word, comment) is expected


def test_a_german_umlaut_is_a_letter_of_its_own() -> None:
    assert is_found("Größe", "Die GRÖSSE stimmt", "de")
    assert not is_found("Größe", "Die große Tasse", "de")


@pytest.mark.parametrize("comment", ["It doesn't work", "It doesn\u2019t work", "it doesnt work", "It isn't working"])
def test_a_contraction_says_not(comment: str) -> None:
    assert themes_of(comment) == ["quality"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Un livre passionnant du début à la fin", []),
        ("fr", "Colis bien livré", ["delivery"]),
        ("es", "El servicio al cliente devolvió la llamada enseguida", ["contact", "service"]),
        ("es", "La web es incómoda", ["website"]),
        ("nl", "De klantenservice dacht goed mee en belde meteen terug", ["contact", "service"]),
        ("nl", "De verpakking was beschadigd en er zat een deuk in de doos", ["packaging"]),
        ("nl", "Veel keuze en alles is duidelijk beschreven", ["choice"]),
        ("en", "The website is awkward and the checkout got stuck", ["payment", "website"]),
    ],
)
def test_a_word_of_one_theme_is_no_mention_of_it_where_it_says_something_else(
    language: str, text: str, expected: list[str]
) -> None:
    assert sorted(themes_of(text, language)) == expected


def test_a_word_that_can_be_denied_does_not_count_behind_a_negation_in_its_clause() -> None:
    faults = Theme(words={}, unless_denied={"en": ["complaint"]})
    for text, expected in {
        "I have a complaint": ["it"],
        "No complaints": [],
        "There never was a complaint": [],
        "Not cheap, complaint heard": ["it"],
        "Not cheap but complaint heard": ["it"],
        "It isn't here, after all of this complaint": ["it"],
    }.items():
        assert themes_of(text, it=faults) == expected, text


def test_the_longer_one_of_two_overlapping_entries_counts() -> None:
    themes = {"returns": Theme(words={"en": ["refund"]}), "payment": Theme(words={"en": ["refund of ~ postage"]})}
    assert themes_of("The refund came", **themes) == ["returns"]
    assert themes_of("A refund of all postage", **themes) == ["payment"]
    assert themes_of("A refund of all postage and a refund of the rest", **themes) == ["payment", "returns"]


def test_a_long_text_without_a_comma_takes_no_more_time_than_its_length() -> None:
    def read(n: int) -> list[str]:
        return themes_of("good quality great price no complaints " * n)

    # "no complaints" is none of the themes of what was bought; the two others are named each time.
    assert read(1) == ["price", "quality"]
    assert read(400) == read(1)
    assert_grows_in_step(read, few=200, many=1_600)


def test_of_one_word_the_entry_with_more_letters_counts() -> None:
    themes = {"slot": Theme(words={"nl": ["bezorgmoment*"]}), "delivery": Theme(words={"nl": ["bezorg*"]})}
    assert themes_of("Fijn bezorgmoment gekozen", "nl", **themes) == ["slot"]
    assert themes_of("Netjes bezorgd gekregen", "nl", **themes) == ["delivery"]


def test_a_word_that_counts_alone_gives_way_to_another_theme_of_its_clause() -> None:
    themes = {
        "quality": Theme(words={}, if_alone={"en": ["not work"]}),
        "rewards": Theme(words={"en": ["voucher"]}),
    }
    assert themes_of("It does not work", **themes) == ["quality"]
    assert themes_of("The voucher did not work", **themes) == ["rewards"]
    assert themes_of("The voucher came, the lamp did not work", **themes) == ["quality", "rewards"]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Avoid at all costs", "en", []),
        ("The costs are high", "en", ["price"]),
        ("Give me a break", "en", []),
        ("It broke after a week", "en", ["quality"]),
        ("Ropa de cara al verano", "es", []),
        ("La camiseta es cara", "es", ["price"]),
    ],
)
def test_a_saying_names_no_theme_and_hides_the_words_it_is_made_of(
    text: str, language: str, expected: list[str]
) -> None:
    assert themes_of(text, language) == expected


def test_lines_that_were_joined_are_two_clauses() -> None:
    # Alone in its clause: working well counts for quality only where the clause names no other theme.
    assert themes_of("Good priceWorks perfectly") == ["price", "quality"]
    assert themes_of("Paid with MasterCard") == ["payment"]


def test_a_saying_hides_no_word_that_the_shop_gave() -> None:
    assert themes_of("Avoid at all costs", it=Theme(words={"en": ["cost"]})) == ["it"]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Great backpack", "en", ["quality"]),
        ("The jacket is really excellent", "en", ["quality"]),
        ("Great service", "en", ["service"]),
        ("A jacket at an excellent price", "en", ["price"]),
        ("Prima schooltas", "nl", ["quality"]),
        ("Toller leichter Rucksack", "de", ["quality"]),
        ("La mochila es excelente", "es", ["quality"]),
        ("Très bonne perceuse", "fr", ["quality"]),
        ("Boneco muito ruim", "pt", ["quality"]),
    ],
)
def test_a_verdict_on_a_thing_is_about_quality(text: str, language: str, expected: list[str]) -> None:
    assert themes_of(text, language) == expected


def test_a_theme_of_the_shop_in_place_of_quality_has_its_own_words_only() -> None:
    assert themes_of("Great backpack", quality=Theme(words={"en": ["robust"]})) == []


def test_words_of_a_language_that_is_not_read_are_found_as_written_in_every_comment() -> None:
    gifts = Theme(words={"it": ["regalo"]})
    assert themes_of("Un regalo per la mamma", "nl", it=gifts) == ["it"]
    assert themes_of("I regali sono arrivati", "nl", it=gifts) == []


# Languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The parcel arrived late", "en"),
        ("Het pakket kwam te laat aan", "nl"),
        ("Das Paket kam zu spät an", "de"),
        ("Le colis est arrivé en retard", "fr"),
        ("El paquete llegó tarde", "es"),
        ("A encomenda chegou atrasada", "pt"),
    ],
)
def test_the_language_of_a_text_is_told_from_its_words(text: str, language: str) -> None:
    assert languages_of([text], "nl" if language == "en" else "en") == [language]


def test_a_text_of_one_word_or_none_is_in_the_language_of_the_shop() -> None:
    # "Prima" alone is taken for Spanish.
    assert languages_of(["Prima", "👍 10/10", "!"], "nl") == ["nl", "nl", "nl"]


def test_a_text_is_searched_in_its_own_language() -> None:
    themes = {"it": Theme(words={"de": ["Lager"]})}
    assert themes_of("Leider nicht auf Lager gewesen", "en", **themes) == ["it"]
    assert themes_of("A pint of lager in the evening", "en", **themes) == []


def test_without_texts_there_is_nothing_to_read() -> None:
    assert read_texts([], themes=SHIPPED_THEMES, language="nl").is_empty()


# The shipped lexicon


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I had to return it", ["returns"]),
        ("These are going back", ["returns"]),
        ("Will be going back for more", []),
        ("No complaints", []),
        ("A friend told me about it", []),
        ("Nobody told me a thing", ["contact"]),
        ("Not worth paying full price", ["price"]),
        ("They never have my size in stock", ["stock"]),
        ("My size is always sold out", ["stock"]),
        ("The colour is off and it fits badly", ["fit"]),
        ("It was worn out within a month", ["quality"]),
        ("The left one was defective", ["quality"]),
        ("Nothing was broken", []),
    ],
)
def test_the_shipped_lexicon_reads_what_customers_mean(text: str, expected: list[str]) -> None:
    assert themes_of(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The table was easy to assemble", ["quality"]),
        ("en", "Dimensions are not what they say", ["fit"]),
        ("en", "A wonderful evening from start to finish", []),
        ("nl", "De kast is makkelijk in elkaar te zetten", ["quality"]),
        ("nl", "Er zaten gaten in", ["quality"]),
        ("nl", "Er zaten geen gaten in", []),
        ("nl", "Het formaat is kleiner dan ik dacht", ["fit"]),
        ("nl", "Grote verscheidenheid aan thee", ["choice"]),
        ("nl", "Een aardig boek", []),
        ("nl", "Fijne support, ik kreeg eerlijk advies", ["service"]),
        ("nl", "Handig dat je achteraf kunt betalen", ["payment"]),
        ("de", "Sehr gute Passgenauigkeit", ["fit"]),
        ("de", "Leider die falsche Größe bestellt", ["fit"]),
        ("de", "Die falsche Größe geliefert", ["completeness"]),
        ("de", "Top Artikel, gerne wieder", ["quality"]),
        ("de", "Es war kein Loch drin", []),
        ("de", "Toller Onlineshop, danke", []),
        ("de", "Der Onlineshop ist abgestürzt", ["website"]),
        ("fr", "La table est facile à monter", ["quality"]),
        ("fr", "Très pratique au quotidien", ["quality"]),
        ("fr", "Le paiement est pratique", ["payment"]),
        ("fr", "Je recommande cette marque à mes amies", []),
        ("fr", "Ils ont perdu mon colis", ["delivery"]),
        ("fr", "Ce n'est pas le bon modèle", ["completeness"]),
        ("es", "El tamaño es perfecto", ["fit"]),
        ("es", "No corresponde a las especificaciones", ["fit"]),
        ("es", "La mesa es fácil de armar", ["quality"]),
        ("es", "Un vendedor muy servicial", ["service"]),
        ("es", "Me encantó", []),
        ("es", "Una tienda con encanto", ["character"]),
        ("es", "Tengo todo en un solo sitio", []),
        ("es", "El sitio es muy práctico", ["website"]),
    ],
)
def test_the_shipped_lexicon_knows_general_words_and_passes_near_ones_by(
    language: str, text: str, expected: list[str]
) -> None:
    assert themes_of(text, language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_lexicon_agrees_with_a_reader(language: str) -> None:
    rows = [line.split("|") for line in (COMMENTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()]
    labels = [set(themes.split()) for _, themes in rows]
    assert set().union(*labels) <= set(SHIPPED_THEMES)
    read = read_texts([text for text, _ in rows], themes=SHIPPED_THEMES, language=language)["themes"].to_list()
    agreed = sum(len(told & set(found)) for told, found in zip(labels, read, strict=True))
    assert agreed >= 0.85 * sum(len(found) for found in read)
    assert agreed >= 0.75 * sum(len(told) for told in labels)
