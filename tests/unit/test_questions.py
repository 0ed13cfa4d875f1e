"""What questions ask, by wordings as shops and survey tools write them."""

import pytest

from pipeline.sources.questions import (
    LADDERS,
    Labels,
    is_about_a_part,
    is_about_the_whole,
    is_open,
    labels_of,
    normalised,
    role_of,
    scale_of,
)

RECOMMEND = [
    "How likely are you to recommend us to a friend or colleague?",
    "Hoe waarschijnlijk is het dat u onze webshop aanbeveelt bij vrienden of collega's?",
    "Zou je ons aanraden aan een vriend?",
    "In hoeverre raadt u ons aan bij anderen?",
    "aanbevelen",
    "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
    "Würden Sie unseren Shop einem Freund empfehlen?",
    "Wahrscheinlichkeit einer Weiterempfehlung",
    "Quelle est la probabilité que vous nous recommandiez à un ami ?",
    "Conseilleriez-vous notre boutique à vos proches ?",
    "¿Con qué probabilidad nos recomendaría a un amigo?",
    "¿Nos recomienda a sus amigos?",
    "NPS",
    "Net Promoter Score",
    "Recommendation",
]
REPURCHASE = [
    "Will you buy from us again?",
    "How likely are you to purchase from us again?",
    "I intend to continue shopping here",
    "Zult u opnieuw bij ons bestellen?",
    "Koopt u nog eens bij ons?",
    "opnieuw_kopen",
    "Würden Sie wieder bei uns kaufen?",
    "Werden Sie erneut bei uns bestellen?",
    "Allez-vous commander à nouveau chez nous ?",
    "Achèteriez-vous encore chez nous ?",
    "¿Volvería a comprar en nuestra tienda?",
    "¿Comprará otra vez con nosotros?",
]
SATISFACTION = [
    "All in all, how satisfied are you with our shop?",
    "How satisfied or dissatisfied are you with our company?",
    "Hoe tevreden bent u over onze winkel?",
    "tevredenheid",
    "Wie zufrieden sind Sie insgesamt mit uns?",
    "Quel est votre niveau de satisfaction ?",
    "Globalement, êtes-vous satisfait de notre boutique ?",
    "¿Qué tan satisfecho está con nuestra tienda?",
    "CSAT",
]
NONE = [
    "The product recommendations suit me",
    "De aanbevelingen passen bij mij",
    "Ihre Empfehlungen gefallen mir",
    "Les recommandations sont utiles",
    "Las recomendaciones me gustan",
    "How dissatisfied were you?",
    "Bent u ontevreden geweest?",
    "Waren Sie unzufrieden?",
    "Was it easy to order?",
    "Hoe vaak bestelt u?",
    "c1",
    "How old are you?",
]


@pytest.mark.parametrize(
    ("role", "wording"),
    [
        *(("recommend", wording) for wording in RECOMMEND),
        *(("repurchase", wording) for wording in REPURCHASE),
        *(("satisfaction", wording) for wording in SATISFACTION),
        *((None, wording) for wording in NONE),
    ],
)
def test_the_wording_tells_which_question_of_the_index_it_is(role: str | None, wording: str) -> None:
    assert role_of(wording) == role


@pytest.mark.parametrize(
    "wording",
    [
        "How satisfied are you with the delivery?",
        "Hoe tevreden bent u over de bezorging?",
        "Wie zufrieden sind Sie mit dem Preis?",
        "Êtes-vous satisfait de la livraison ?",
        "¿Está satisfecho con la entrega?",
    ],
)
def test_a_question_about_delivery_or_price_is_about_a_part(wording: str) -> None:
    assert is_about_a_part(wording)
    assert not is_about_the_whole(wording)


def test_a_question_about_the_whole_may_name_parts() -> None:
    wording = "Overall, price and delivery included, how satisfied are you?"
    assert is_about_the_whole(wording)
    assert not is_about_a_part(wording)


@pytest.mark.parametrize(
    "wording",
    ["Why did you give this score?", "Waarom geeft u dit cijfer?", "Warum?", "Pourquoi cette note ?", "¿Por qué?"],
)
def test_a_question_for_reasons_is_open(wording: str) -> None:
    assert is_open(wording)
    assert not is_open("How satisfied are you?")


# Scales


@pytest.mark.parametrize(
    ("lowest", "highest", "wording", "scale"),
    [
        (2, 5, "", (1, 5)),
        (1, 6, "", (1, 7)),
        (3, 8, "", (0, 10)),
        (0, 3, "", (0, 10)),
        (0, 5, "", (0, 5)),
        (0, 5, "Would you recommend us?", (0, 10)),
        (0, 4, "", (0, 10)),
        (1, 10, "", (1, 10)),
        # Few answer a Net Promoter question with 0.
        (1, 10, "Would you recommend us?", (0, 10)),
        (2, 4, "Would you recommend us (0-10)?", (0, 10)),
        (2, 4, "Zou u ons aanbevelen, van 0 tot 10?", (0, 10)),
        (2, 4, "Will you buy again? (1 = surely not, 7 = surely)", (1, 7)),
        # What the wording says cannot be when an answer is off it.
        (0, 9, "Rate us from 1 to 5", (0, 10)),
    ],
)
def test_the_wording_tells_the_scale_or_the_answers_do(
    lowest: int, highest: int, wording: str, scale: tuple[int, int]
) -> None:
    assert scale_of(lowest, highest, wording) == scale


# Answers in words


def test_answers_on_a_usual_ladder_have_their_place_and_the_rungs_not_seen_are_added() -> None:
    found = labels_of(["Zeer tevreden", "tevreden ", "ZEER ONTEVREDEN"])
    assert found == Labels(
        {"ZEER ONTEVREDEN": 1, "Ontevreden": 2, "Neutraal": 3, "tevreden ": 4, "Zeer tevreden": 5}, (1, 5), []
    )


@pytest.mark.parametrize(
    ("answers", "values"),
    [
        (["Probably", "Definitely not"], [4, 1]),
        (["Very dissatisfied", "Somewhat dissatisfied", "Dissatisfied"], [1, 3, 2]),
        (["Stimme voll und ganz zu", "Teils/teils"], [5, 3]),
        (["Plutôt d'accord", "Tout à fait d\u2019accord"], [4, 5]),
        (["Muy improbable", "Probable"], [1, 4]),
    ],
)
def test_ladders_of_five_languages_are_known(answers: list[str], values: list[int]) -> None:
    found = labels_of(answers)
    assert found is not None
    assert [found.values[answer] for answer in answers] == values


def test_numbers_with_words_at_the_ends_of_a_scale_keep_their_number() -> None:
    found = labels_of(["9", "10 - Extremely likely", "0 (not at all likely)", "4"])
    assert found == Labels({"10 - Extremely likely": 10, "0 (not at all likely)": 0}, (0, 10), [])
    found = labels_of(["3", "Very satisfied - 5"])
    assert found == Labels({"Very satisfied - 5": 5}, (1, 5), [])


def test_answers_that_differ_in_case_only_are_one() -> None:
    found = labels_of(["Tevreden", "tevreden", "NEUTRAAL", "N.v.t.", "n.v.t."])
    assert found is not None
    assert list(found.values) == ["Zeer ontevreden", "Ontevreden", "NEUTRAAL", "Tevreden", "Zeer tevreden"]
    assert found.missing == ["N.v.t.", "n.v.t."]


def test_who_does_not_know_gives_no_answer() -> None:
    found = labels_of(["Tevreden", "Weet ik niet", "n.v.t."])
    assert found is not None
    assert found.missing == ["Weet ik niet", "n.v.t."]
    assert "Weet ik niet" not in found.values


@pytest.mark.parametrize(
    "answers",
    [
        ["1", "5", "3.0"],
        [],
        ["Yes", "No"],
        ["Tevreden", "Soms"],
        # Of two ladders at once.
        ["Tevreden", "Very satisfied"],
        # No scale, though a number leads.
        ["2-3 times a month", "4 times a year"],
        ["18 - 24", "25 - 34"],
        # Words and bare numbers: which number a word is nothing tells.
        ["1", "2", "Tevreden"],
    ],
)
def test_other_answers_say_nothing(answers: list[str]) -> None:
    assert labels_of(answers) is None


def test_every_rung_of_a_ladder_is_written_as_it_is_compared() -> None:
    for ladder in LADDERS:
        rungs = [word for rung in ladder for word in rung]
        assert [normalised(word) for word in rungs] == rungs
        assert len(set(rungs)) == len(rungs)
