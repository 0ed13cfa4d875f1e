"""How an export writes what it says: decimal commas, days before months, words and headers of another language.

All of it is SQL around a column of text, so that a mapping reads every export as if it were written one way."""

from collections.abc import Iterable, Mapping

from pipeline.sources.inputs import Inputs, columns_of, literal, quoted
from pipeline.sources.preset import PresetInput
from pipeline.sources.settings import SourceSettings

TOLD = "told"
"""The schema with the inputs as a mapping reads them; those as they were delivered are in `main`."""
BLANKS = r"\s\x{A0}\x{202F}"
DAYS = {
    "day-first": ("%d{0}%m{0}%Y", "%-d{0}%-m{0}%Y"),
    "month-first": ("%m{0}%d{0}%Y", "%-m{0}%-d{0}%Y"),
}
CLOCKS = ("", " %H:%M", " %H:%M:%S")


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
            value = known_words(value, told.words.get(name, {}))
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
    digits = f"regexp_replace({value}, '^[{BLANKS}€$£]+|[{BLANKS}€$£]+$', '', 'g')"
    is_amount = rf"regexp_full_match({digits}, '-?([0-9]+|[0-9]{{1,3}}([.{BLANKS}][0-9]{{3}})+)(,[0-9]+)?')"
    plain = f"replace(regexp_replace({digits}, '[.{BLANKS}]', '', 'g'), ',', '.')"
    return f"case when {is_amount} then {plain} when {value} <> '' then concat({value}, ' with decimal: \",\"') end"


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

    Statuses of the configuration take the place of the source's. Of a mapping of the shop's own, `amounts` and `times` are
    read as they are written there. `exclude` gives the reason of the rows that it leaves out.
    """
    values = {name: quoted(name) for name in columns}
    for name in values:
        if columns[name] != "VARCHAR":
            continue
        if name.lower() in amounts:
            values[name] = plain_amount(values[name], source.decimal)
        elif name.lower() in times:
            values[name] = plain_time(values[name], source.dates)
        elif name.lower() == "status":
            values[name] = _own_status(values[name], source.statuses)
    changed = [f"{value} as {quoted(name)}" for name, value in values.items() if value != quoted(name)]
    rows = f"select * replace ({', '.join(changed)}) from (\n{select}\n)" if changed else select
    if source.exclude is None:
        return rows
    reason = f"case when ({source.exclude}) then {literal(f'exclude: {source.exclude}')} end"
    if "exclude_reason" in columns:
        return f"select * replace (coalesce(exclude_reason, {reason}) as exclude_reason) from (\n{rows}\n)"
    return f"select *, {reason} as exclude_reason from (\n{rows}\n)"


def _own_status(value: str, statuses: Mapping[str, str]) -> str:
    """A status by the shop's own words: a preset hands on words that it does not know in small letters, some with `_`."""
    spelt = f"replace(lower(trim({value})), '_', ' ')"
    cases = [f"when {literal(word.lower().replace('_', ' '))} then {literal(own)}" for word, own in statuses.items()]
    return f"case {spelt} {' '.join(cases)} else {value} end" if cases else value
