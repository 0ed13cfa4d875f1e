"""What a survey's question asks and how it is answered, by its wording and by the answers seen, in five languages.

All of it is a guess that a person reads and corrects. Where the wordings come from does not belong here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

Scale = tuple[int, int]

SCALES: tuple[Scale, ...] = ((1, 5), (1, 7), (0, 10))
"""The first that holds all answers seen is taken."""
TEN: Scale = (1, 10)
"""Taken where 1 and 10 have been answered and 0 has not; not for a Net Promoter question, which few answer with 0."""
FIVE: Scale = (0, 5)
"""Taken where 0 and 5 have been answered and nothing above; not for a Net Promoter question, which unhappy customers answer so."""
NPS_SCALE: Scale = (0, 10)

RECOMMEND = re.compile(
    r"\bnps\b|net promoter|^(recommendation|aanbeveling|empfehlung|recommandation|recomendaci[oó]n)s?$|"
    r"\brecommend(?!ation|ed)|likel\w* .*recommendation|"
    r"aanbevel(?!ing)|aanbeveelt|aan ?te ?(raden|bevelen)|\baanraden|\b(raadt?|raden)\b.*\baan\b|"
    r"weiterempf|\bempfehlen|\bempfiehl|"
    r"\brecommand(?!ation)|\bconseill(er|eri)|"
    r"\brecom(e|ie)nd(?!aci)"
)
SATISFACTION = re.compile(
    r"(?<!dis)(?<!un)(?<!in)satisf(?!actor)|(?<!on)tevreden|(?<!un)zufrieden|\bcsat\b|\bcontent[eo]?s? (de|con)\b"
)
BUYING = re.compile(
    r"\b(re)?(buy|purchas|order|shop)|\bkop(en|e)?\b|koopt?\b|\bbestel|aankoop|kauf|bestell|\b(r?ach[eèa]t|commander)|"
    r"\b(re)?compra|\bpedid|\bpedir"
)
AGAIN = re.compile(
    r"\bagain\b|\brepeat|\bcontinue|\bnext\b|\breturn|\brebuy|\brepurchas|\bre-?order|"
    r"\bopnieuw|\bweer\b|nogmaals|\bnog (een|eens)\b|\bvolgende|\bblijven|terugkom|\bherhaal|"
    r"\bwieder|\berneut|\bnochmal|\bnoch (ein)?mal|weiterhin|\bnächst|"
    r"nouveau|\bencore\b|\bprochain|\bcontinuer|\brach[eèa]t|"
    r"de nuevo|otra vez|\bvolver|\bvuelto|nuevamente|\bpróxim|\bseguir|\brecompra"
)
WHOLE = re.compile(
    r"\boverall\b|all in all|in general|as a whole|"
    r"alles bij elkaar|over het (geheel|algemeen)|al met al|in het algemeen|alles overziend|"
    r"insgesamt|alles in allem|im (großen und )?ganzen|im allgemeinen|"
    r"globalement|dans l'ensemble|en général|au total|"
    r"en general|en conjunto|globalmente|en términos generales"
)
"""Asked about the shop as a whole."""
PART = re.compile(
    r"deliver|shipping|packag|\bprice|quality|website|\bapp\b|support|customer service|\bhelp|checkout|payment|return|"
    r"lever|bezorg|verzend|verpakking|\bprijs|kwaliteit|klantenservice|betaal|betaling|assortiment|retour|"
    r"liefer|versand|verpackung|\bpreis|qualität|kundenservice|kundendienst|zahlung|sortiment|rückgabe|"
    r"livraison|emballage|\bprix|qualité|service client|paiement|"
    r"entrega|envío|embalaje|\bprecio|calidad|atención al cliente|\bpago"
)
"""Asked about a part of it."""
OPEN = re.compile(
    r"\bwhy\b|\bcomment|feedback|improve|suggest|tell us|anything|remark|"
    r"waarom|toelicht|opmerking|verbeter|\btips?\b|suggestie|vertel|"
    r"warum|kommentar|anmerkung|verbesser|vorschl|begründ|"
    r"pourquoi|amélior|remarque|"
    r"por ?qu[eé]|mejorar|sugerencia|comentario|observaci"
)

NO_ANSWER = frozenset(
    word
    for language in (
        "n/a|na|not applicable|don't know|i don't know|no opinion|no answer|prefer not to say",
        "n.v.t.|nvt|niet van toepassing|weet niet|weet ik niet|geen mening|geen antwoord",
        "k.a.|keine angabe|weiß nicht|weiß ich nicht|keine meinung",
        "ne sait pas|je ne sais pas|sans avis|sans opinion|non applicable|sans objet",
        "no sabe|no sé|no lo sé|no aplica|no procede|sin opinión|ns/nc",
    )
    for word in language.split("|")
)
"""What people choose who do not answer."""

LADDERS = tuple(
    tuple(tuple(rung.split("|")) for rung in ladder.split(" < "))
    for ladder in (
        # Satisfied
        "very dissatisfied|very unsatisfied < dissatisfied|unsatisfied < neutral|neither satisfied nor dissatisfied < "
        "satisfied < very satisfied",
        "very dissatisfied < somewhat dissatisfied < neutral|neither satisfied nor dissatisfied < somewhat satisfied < "
        "very satisfied",
        "very dissatisfied < dissatisfied < somewhat dissatisfied < neutral|neither satisfied nor dissatisfied < "
        "somewhat satisfied < satisfied < very satisfied",
        "zeer ontevreden|heel ontevreden|erg ontevreden < ontevreden < "
        "neutraal|niet tevreden en niet ontevreden|niet tevreden, niet ontevreden|niet ontevreden, niet tevreden < "
        "tevreden < zeer tevreden|heel tevreden|erg tevreden",
        "sehr unzufrieden < unzufrieden|eher unzufrieden < neutral|teils/teils|teils, teils|weder noch|"
        "weder zufrieden noch unzufrieden < zufrieden|eher zufrieden < sehr zufrieden",
        "très insatisfait|très insatisfaite|pas du tout satisfait < insatisfait|insatisfaite|peu satisfait < "
        "neutre|ni satisfait ni insatisfait < satisfait|satisfaite|plutôt satisfait < "
        "très satisfait|très satisfaite|tout à fait satisfait",
        "muy insatisfecho|muy insatisfecha < insatisfecho|insatisfecha|poco satisfecho < "
        "neutral|ni satisfecho ni insatisfecho < satisfecho|satisfecha < muy satisfecho|muy satisfecha",
        # Likely
        "very unlikely|extremely unlikely|not at all likely < unlikely|somewhat unlikely < "
        "neutral|neither likely nor unlikely < likely|somewhat likely < very likely|extremely likely",
        "definitely not < probably not < maybe|might or might not|not sure < probably|probably yes < "
        "definitely|definitely yes",
        "zeer onwaarschijnlijk < onwaarschijnlijk < neutraal|misschien < waarschijnlijk < zeer waarschijnlijk",
        "zeker niet|beslist niet < waarschijnlijk niet < misschien|neutraal < waarschijnlijk wel|waarschijnlijk < "
        "zeker wel|zeker|beslist wel",
        "sehr unwahrscheinlich < unwahrscheinlich|eher unwahrscheinlich < neutral|vielleicht|teils/teils < "
        "wahrscheinlich|eher wahrscheinlich < sehr wahrscheinlich",
        "bestimmt nicht|auf keinen fall|sicher nicht < wahrscheinlich nicht|eher nicht < vielleicht < "
        "wahrscheinlich|eher ja < bestimmt|auf jeden fall|ganz sicher|sicher",
        "très improbable|pas du tout probable < improbable|peu probable < neutre|peut-être < probable|assez probable < "
        "très probable",
        "certainement pas < probablement pas < peut-être < probablement < certainement",
        "muy improbable|nada probable < improbable|poco probable < neutral|quizás|tal vez < probable < muy probable",
        "seguro que no|definitivamente no < probablemente no < quizás|quizá|tal vez < probablemente|probablemente sí < "
        "seguro que sí|definitivamente sí|seguro",
        # Agreed
        "strongly disagree|completely disagree < disagree|somewhat disagree < neutral|neither agree nor disagree < "
        "agree|somewhat agree < strongly agree|completely agree",
        "helemaal mee oneens|helemaal oneens|zeer mee oneens|zeer oneens < mee oneens|oneens < "
        "neutraal|niet mee eens, niet mee oneens|niet eens, niet oneens < mee eens|eens < "
        "helemaal mee eens|helemaal eens|zeer mee eens|zeer eens",
        "stimme überhaupt nicht zu|stimme gar nicht zu < stimme nicht zu|stimme eher nicht zu < "
        "neutral|teils/teils|weder noch < stimme zu|stimme eher zu < "
        "stimme voll zu|stimme voll und ganz zu|stimme vollkommen zu",
        "trifft überhaupt nicht zu|trifft gar nicht zu < trifft eher nicht zu < teils/teils|neutral < trifft eher zu < "
        "trifft voll zu|trifft voll und ganz zu",
        "pas du tout d'accord < plutôt pas d'accord|pas d'accord < neutre|ni d'accord ni pas d'accord < "
        "plutôt d'accord|d'accord < tout à fait d'accord",
        "totalmente en desacuerdo|muy en desacuerdo < en desacuerdo < neutral|ni de acuerdo ni en desacuerdo < "
        "de acuerdo < totalmente de acuerdo|muy de acuerdo",
        # Good
        "very poor|very bad|terrible < poor|bad < fair|average|ok|okay < good < excellent|very good|great",
        "zeer slecht < slecht < matig|redelijk|neutraal|voldoende < goed < zeer goed|uitstekend",
        "sehr schlecht < schlecht < mittelmäßig|mittel|befriedigend < gut < sehr gut|ausgezeichnet",
        "très mauvais|très mauvaise < mauvais|mauvaise < moyen|moyenne|correct < bon|bonne < "
        "très bon|très bonne|excellent|excellente",
        "muy malo|muy mala < malo|mala < regular|normal < bueno|buena < muy bueno|muy buena|excelente",
    )
)
"""The answers in words of usual questions, from the lowest to the highest; each rung with its other spellings."""

LEADING = re.compile(r"(\d{1,2})\s*(?:[-\u2013\u2014:=.)(]\s*)?\D+")
TRAILING = re.compile(r"\D+[-\u2013\u2014:=(]\s*(\d{1,2})\)?")
"""An answer with words beside its number, as at the ends of a scale: `10 - Extremely likely`."""
GIVEN_SCALE = re.compile(r"\b([01])\b[^\d]{0,40}?(?:-|\u2013|\bto\b|\btot\b|\bbis\b|\bà\b|\ba\b|=.*?)\s*(5|7|10)\b")
"""`0-10`, `1 tot 5`, `1 = surely not, 5 = surely`."""
FEWEST_NAMED = 5
"""Numbers with words that make a scale by themselves."""


@dataclass(frozen=True)
class Labels:
    """What answers in words stand for on a scale; `missing` are those that are no answer."""

    values: dict[str, int]
    scale: Scale
    missing: list[str]


def normalised(text: str) -> str:
    """One spelling for equal texts: small letters, one blank, a straight apostrophe."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("_", " ").lower().split())


def role_of(wording: str) -> str | None:
    """Which of the three questions of the Secure Customer Index it is."""
    text = normalised(wording)
    if RECOMMEND.search(text):
        return "recommend"
    if BUYING.search(text) and AGAIN.search(text):
        return "repurchase"
    if SATISFACTION.search(text):
        return "satisfaction"
    return None


def is_about_a_part(wording: str) -> bool:
    """Whether a question is about delivery, price, … and not about the shop as a whole."""
    text = normalised(wording)
    return PART.search(text) is not None and not is_about_the_whole(wording)


def is_about_the_whole(wording: str) -> bool:
    """Whether a question says that it is about the shop as a whole."""
    return WHOLE.search(normalised(wording)) is not None


def is_open(wording: str) -> bool:
    """Whether a question asks for a text."""
    return OPEN.search(normalised(wording)) is not None


def scale_of(lowest: int, highest: int, wording: str = "") -> Scale:
    """The scale of a question with these lowest and highest answers: what its wording says, else the smallest usual one."""
    if given := GIVEN_SCALE.search(normalised(wording)):
        scale = int(given[1]), int(given[2])
        if scale[0] <= lowest and highest <= scale[1]:
            return scale
    if (lowest, highest) in (FIVE, TEN) and role_of(wording) != "recommend":
        return lowest, highest
    return next(scale for scale in SCALES if scale[0] <= lowest and highest <= scale[1])


def labels_of(answers: Iterable[str], wording: str = "") -> Labels | None:
    """What answers stand for that are, all or some, given in words; null when nothing tells it or there are none in words."""
    spelt: dict[str, str] = {}
    given = list(answers)
    missing = [answer for answer in given if normalised(answer) in NO_ANSWER]
    for answer in given:
        if answer not in missing and not _is_number(answer):
            spelt.setdefault(normalised(answer), answer)
    worded = list(spelt.values())
    if not worded:
        return None
    numbers = [int(answer) for answer in given if _is_number(answer)]
    return _with_numbers(worded, numbers, missing, wording) or (None if numbers else _on_a_ladder(worded, missing))


def _with_numbers(worded: list[str], numbers: list[int], missing: list[str], wording: str) -> Labels | None:
    """Answers that have their number beside the words."""
    values = {answer: number for answer in worded if (number := _number_in(answer)) is not None}
    seen = {*numbers, *values.values()}
    is_scale = numbers or len(set(values.values())) >= FEWEST_NAMED
    if len(values) < len(worded) or len(set(values.values())) < len(values) or not is_scale or max(seen) > NPS_SCALE[1]:
        return None
    return Labels(values, scale_of(min(seen), max(seen), wording), missing)


def _on_a_ladder(worded: list[str], missing: list[str]) -> Labels | None:
    """Answers that are rungs of a usual question; the rungs not seen yet are there too, as they are usually written."""
    for ladder in LADDERS:
        rungs = [next((n for n, rung in enumerate(ladder, 1) if normalised(answer) in rung), None) for answer in worded]
        if None not in rungs and len(set(rungs)) == len(rungs):
            spelt = dict(zip(rungs, worded, strict=True))
            values = {spelt.get(n, rung[0].capitalize()): n for n, rung in enumerate(ladder, 1)}
            return Labels(values, (1, len(ladder)), missing)
    return None


def _number_in(answer: str) -> int | None:
    match = LEADING.fullmatch(normalised(answer)) or TRAILING.fullmatch(normalised(answer))
    return int(match[1]) if match else None


def _is_number(answer: str) -> bool:
    try:
        return float(answer).is_integer()
    except ValueError:
        return False
