"""How an export writes what it says: decimal commas, days before months, words and headers of another language.

All of it is SQL around a column of text, so that a mapping reads every export as if it were written one way."""

import re
from collections.abc import Iterable, Mapping

from pipeline.core.ingest.personal import ADDRESS, HIDDEN
from pipeline.sources.inputs import Inputs, columns_of, literal, quoted
from pipeline.sources.preset import PresetInput
from pipeline.sources.settings import SourceSettings
from schemas.types import ORDER_STATUSES

TOLD = "told"
"""The schema with the inputs as a mapping reads them; those as they were delivered are in `main`."""
OWN = "own:"
"""What a status begins with whose meaning the configuration says: a mapping does not know it, and hands it on."""
SAME = str.maketrans("_-", "  ")
"""Systems write one status as `on-hold`, `on_hold` and `On hold`."""
BY_CONDITION = "exclude: "
"""What the reason begins with why the configuration leaves a row out."""
BLANKS = r"\s\x{A0}\x{202F}"
DAYS = {
    "day-first": ("%d{0}%m{0}%Y", "%-d{0}%-m{0}%Y"),
    "month-first": ("%m{0}%d{0}%Y", "%-m{0}%-d{0}%Y"),
}
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def tell_inputs(inputs: Inputs, told: Mapping[str, PresetInput], source: SourceSettings) -> None:
    """A view of each input, in the schema TOLD: headers and words of the preset's own language, plain amounts and times."""
    inputs.connection.execute(f"create schema {TOLD}")
    for name in inputs.names:
        if name in told:
            columns = _told_columns(columns_of(inputs.connection, quoted(name)), told[name], source)
            inputs.connection.execute(
                f"create view {TOLD}.{quoted(name)} as select {', '.join(columns)}, _file, _row from main.{quoted(name)}"
            )


def _told_columns(delivered: Mapping[str, str], told: PresetInput, source: SourceSettings) -> Iterable[str]:
    columns: dict[str, list[str]] = {}
    for name in delivered:
        columns.setdefault(told.column_of(name), []).append(name)
    for name, names in columns.items():
        value = f"coalesce({', '.join(map(quoted, names))})" if len(names) > 1 else quoted(names[0])
        if all(delivered[each] == "VARCHAR" for each in names):
            known = known_words(value, told.words.get(name, {}))
            own = [own_status(each, source.statuses) for each in (value, known)] if name in told.statuses else []
            value = f"coalesce({', '.join([*own, known])})" if source.statuses and own else known
            if told.is_amount(name):
                value = plain_amount(value, source.decimal)
            if told.is_packed(name):
                value = plain_pieces(value, source.decimal)
            if name in told.dates:
                value = plain_time(value, source.dates)
        yield f"{value} as {quoted(name)}"


def known_words(value: str, words: Mapping[str, Iterable[str]]) -> str:
    """A text with each of the `words` in place of what it is called elsewhere; case and blanks around it count for nothing."""
    cases = [
        f"when {literal(other.lower())} then {literal(word)}" for word, others in words.items() for other in others
    ]
    return f"case lower(trim({value})) {' '.join(cases)} else {value} end" if cases else value


def plain_amount(value: str, decimal: str) -> str:
    """An amount with a decimal comma (`1.234,50`, `€ 12,50`) as `1234.50`; of any other a text that is no amount.

    Before the comma, groups of three can be apart. `12.50` is refused: with a comma for decimals it could be either.
    """
    if decimal != ",":
        return value
    # A sign stands before a minus where a program guards spreadsheets against formulas: '-12,50.
    digits = f"regexp_replace({value}, '^[{BLANKS}€$£'']+|[{BLANKS}€$£]+$', '', 'g')"
    is_amount = rf"regexp_full_match({digits}, '-?([0-9]+|[0-9]{{1,3}}([.{BLANKS}][0-9]{{3}})+)(,[0-9]+)?')"
    plain = f"replace(regexp_replace({digits}, '[.{BLANKS}]', '', 'g'), ',', '.')"
    return f"case when {is_amount} then {plain} when {value} <> '' then concat({value}, ' with decimal: \",\"') end"


def unambiguous(number: str) -> str:
    """A number as a text that is no group of thousands beside texts with a decimal comma: to three decimals a zero is added."""
    return f"{number}0" if len(number.partition(".")[2]) == 3 else number


def plain_pieces(value: str, decimal: str) -> str:
    """Pieces `name:1,50` of a packed text as `name:1.50`, where the piece ends behind the amount."""
    return rf"regexp_replace({value}, '(:-?[0-9]+),([0-9]+)([|;]|$)', '\1.\2\3', 'g')" if decimal == "," else value


def plain_time(value: str, dates: str) -> str:
    """A time that begins with day or month (`31-12-2026 14:30`, `31/12/2026`) as `2026-12-31 14:30:00`; any other as it is."""
    if dates not in DAYS:
        return value
    forms = [form.format(mark) + clock for mark in "-/." for clock in CLOCKS for form in DAYS[dates]]
    listed = ", ".join(literal(form) for form in forms)
    # A year of two digits would be read as one of the first century.
    is_whole = f"regexp_matches({value}, '[-/.][0-9]{{4}}([ T]|$)')"
    read = f"if({is_whole}, try_strptime(trim({value}), [{listed}]), null)"
    return f"coalesce(strftime({read}, '%Y-%m-%d %H:%M:%S'), {value})"


def told_rows(
    select: str, columns: Mapping[str, str], source: SourceSettings, *, amounts: Iterable[str], times: Iterable[str]
) -> str:
    """The SELECT of a mapping with its rows as the configuration has them read; `columns`: what it returns, and their types.

    Of a mapping of the shop's own, `amounts` and `times` are read as they are written there.
    """
    values = {name: quoted(name) for name in columns}
    for name in values:
        if columns[name] != "VARCHAR":
            continue
        if name.lower() in amounts:
            values[name] = plain_amount(values[name], source.decimal)
        elif name.lower() in times:
            values[name] = plain_time(values[name], source.dates)
        elif name.lower() == "status" and source.statuses:
            values[name] = _final_status(values[name], source)
    changed = [f"{value} as {quoted(name)}" for name, value in values.items() if value != quoted(name)]
    return f"select * replace ({', '.join(changed)}) from (\n{select}\n)" if changed else select


def own_status(value: str, statuses: Mapping[str, str]) -> str:
    """What the configuration says that a status means, marked as such; null where it says nothing."""
    spelt = f"translate(lower(trim({value})), '_-', '  ')"
    cases = [
        f"when {literal(word.strip().lower().translate(SAME))} then {literal(OWN + own)}"
        for word, own in statuses.items()
    ]
    return f"case {spelt} {' '.join(cases)} end"


def _final_status(value: str, source: SourceSettings) -> str:
    """A status without its mark. What a preset has made of a word it knows is no word of the export any more."""
    own = f"substr({own_status(value, source.statuses)}, {len(OWN) + 1})"
    if source.preset is None:
        return f"coalesce({own}, {value})"
    known = ", ".join(map(literal, ORDER_STATUSES))
    return (
        f"case when starts_with({value}, {literal(OWN)}) then substr({value}, {len(OWN) + 1}) "
        f"when {value} in ({known}) then {value} else coalesce({own}, {value}) end"
    )


def rows_with_exclusion(rows: str, columns: Mapping[str, str], condition: str, numbers: Mapping[str, str]) -> str:
    """The SELECT `rows` with the reason of those that the configuration leaves out.

    The condition sees `numbers`, column -> type, as numbers: of text `'9.00' > '10.00'`. What is none is null there.
    """
    texts = [name for name in columns if name.lower() in numbers and columns[name] == "VARCHAR"]
    seen = [f"try_cast({quoted(name)} as {numbers[name.lower()]}) as {quoted(name)}" for name in texts]
    kept = {name: quoted(f"{name} as text") for name in texts}
    # The reason is published, and a condition can name the shop's own people.
    words = re.sub(ADDRESS, HIDDEN, " ".join(f"{BY_CONDITION}{condition}".split()))
    reason = f"case when (\n{condition}\n) then {literal(words)} end"
    has_reason = "exclude_reason" in columns
    replaced = [f"{text} as {quoted(name)}" for name, text in kept.items()]
    replaced += [f"coalesce(exclude_reason, {reason}) as exclude_reason"] if has_reason else []
    star = f"* exclude ({', '.join(kept.values())})" if kept else "*"
    star += f" replace ({', '.join(replaced)})" if replaced else ""
    more = "" if has_reason else f", {reason} as exclude_reason"
    texts_kept = "".join(f", {quoted(name)} as {text}" for name, text in kept.items())
    inner = f"select * replace ({', '.join(seen)}){texts_kept} from (\n{rows}\n)" if seen else rows
    return f"select {star}{more} from (\n{inner}\n)"
