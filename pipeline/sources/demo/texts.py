"""What the demo shop's customers write, Dutch and English, good and bad. Who writes what does not belong here."""

import numpy as np
from numpy.typing import NDArray

from pipeline.sources.demo.draws import Bools, Floats, Ints

LANGUAGES = ("nl", "en")

TITLES = {
    "nl": (
        ("Teleurgesteld", "Niet tevreden", "Helaas een tegenvaller"),
        ("Kan beter", "Redelijk", "Gaat wel"),
        ("Heel tevreden", "Aanrader!", "Prima winkel"),
    ),
    "en": (
        ("Disappointed", "Not happy", "Would not order again"),
        ("Could be better", "It is all right", "Mixed feelings"),
        ("Very happy", "Recommended!", "Great shop"),
    ),
}
"""Per language the titles of low (1-2), middling (3) and high (4-5) ratings."""

SENTENCES = {
    "nl": (
        (
            "De levering was te laat en niemand liet iets weten.",
            "Snelle levering, precies op de beloofde dag.",
        ),
        (
            "De verpakking was beschadigd en er zat een deuk in de doos.",
            "Alles zat netjes in een stevige verpakking.",
        ),
        (
            "De klantenservice reageert traag en lost niets op.",
            "De klantenservice dacht goed mee en belde meteen terug.",
        ),
        (
            "Weinig keuze, mijn maat was weer uitverkocht.",
            "Veel keuze en alles is duidelijk beschreven.",
        ),
        (
            "De prijs is te hoog voor deze kwaliteit.",
            "Goede prijs, elders betaal je meer.",
        ),
        (
            "De website is onhandig en het afrekenen liep vast.",
            "De website werkt fijn en bestellen is zo gebeurd.",
        ),
    ),
    "en": (
        (
            "The delivery was late and nobody told me.",
            "Fast delivery, exactly on the promised day.",
        ),
        (
            "The packaging was damaged and the box had a dent.",
            "Everything came neatly in sturdy packaging.",
        ),
        (
            "Customer service is slow and solves nothing.",
            "Customer service was helpful and called back at once.",
        ),
        (
            "Little choice, my size was sold out again.",
            "Plenty of choice and everything is described clearly.",
        ),
        (
            "The price is too high for this quality.",
            "Good price, you pay more elsewhere.",
        ),
        (
            "The website is awkward and the checkout got stuck.",
            "The website works well and ordering is quick.",
        ),
    ),
}
"""Per language and theme a bad and a good sentence. Themes: delivery, packaging, service, choice, price, website."""

DELIVERY = 0
N_THEMES = len(SENTENCES["nl"])

Texts = NDArray[np.object_]


def titles(is_english: Bools, rating: Ints, draw: Floats) -> Texts:
    """A title for each 1-5 rating."""
    table = np.array([TITLES[language] for language in LANGUAGES], dtype=object)
    level = np.clip(rating - 2, 0, 2)
    picked: Texts = table[is_english.astype(int), level, (draw * table.shape[2]).astype(int)]
    return picked


def sentences(is_english: Bools, theme: Ints, is_good: Bools) -> Texts:
    """The sentence about each theme."""
    table = np.array([SENTENCES[language] for language in LANGUAGES], dtype=object)
    picked: Texts = table[is_english.astype(int), theme, is_good.astype(int)]
    return picked


def themes(draw: Floats, is_late: Bools, late_draw: Floats) -> Ints:
    """A theme each; two of three customers whose parcel was late write about delivery."""
    return np.where(is_late & (late_draw < 2 / 3), DELIVERY, (draw * N_THEMES).astype(np.int64))
