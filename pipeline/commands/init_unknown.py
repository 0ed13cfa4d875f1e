"""Why `init` makes no source of a file, and the way out."""

from collections.abc import Iterator

from pipeline.commands.init_sources import INVITATIONS, InitSource
from pipeline.commands.init_texts import clean, quoted, some
from pipeline.sources.export_files import Export
from pipeline.sources.export_questions import ANSWER_SHARE, Question, find_questions
from pipeline.sources.preset import list_presets, load_preset
from pipeline.sources.recognise import inputs_of, nearest
from pipeline.sources.unreadable import UNKNOWN_KIND, why_unread

SURVEY_SHARE = 0.5
"""Share of columns with whole numbers up to 10 from which an unknown file could be a survey."""


def unknown_exports(exports: list[Export], sources: list[InitSource]) -> list[str]:
    """Why each file is read by no source."""
    used = {export.key for source in sources for export in source.exports}
    return [clean(f"{export.name}: {_why(export, exports)}") for export in exports if export.key not in used]


def unread_files(names: list[str]) -> Iterator[str]:
    """Why each file is not looked at: what it is and the way out, or that its kind is not known."""
    unknown = [name for name in names if why_unread(name) is None]
    yield from (clean(f"{name}: {why}") for name in names if (why := why_unread(name)))
    if unknown:
        yield clean(f"{some(unknown)}: {UNKNOWN_KIND if len(unknown) == 1 else UNKNOWN_KIND.replace('is', 'are', 1)}")


def _why(export: Export, exports: list[Export]) -> str:
    if export.fault is not None:
        return export.fault
    if export.matches:
        best = export.matches[0]
        system = load_preset(best.preset).system
        mapped = {entity: inputs_of(best.preset, entity) for entity in list_presets()[best.preset]}
        entities = mapped.values()
        if mapped.get(INVITATIONS) == (best.input,):
            return f"looks like {system}, {best.input}; give it a source of its own that names its survey"
        if (best.input,) in entities:
            worded = [one for one in find_questions([export], best.told) if one.unknown]
            if worded:
                return f"looks like {system}, but {in_words(worded[0], load_preset(best.preset).numeric)}"
            return f"looks like {system}, but has no column of whole numbers up to 10 that could be an item"
        there = {match.input for one in exports for match in one.matches if match.preset == best.preset}
        needed = dict.fromkeys(name for names in entities if best.input in names for name in names if name not in there)
        if needed:
            return f"looks like {system}, {best.input}; it also needs {', '.join(needed)}"
        return f"looks like another export of {system}, {best.input}; give it sources of its own"
    answered = [column for column in export.columns if column.n_answers >= max(ANSWER_SHARE * column.n, 1)]
    n_answers = sum((column.highest or 0) > 1 for column in answered)
    if n_answers >= SURVEY_SHARE * len(export.columns):
        return (
            f"could be a survey, {n_answers} of its {len(export.columns)} columns hold whole numbers up to 10; to have it read as one, "
            "name the column with the response's number response_id and the one with its time submitted_at"
        )
    if near := nearest(export):
        return f"is closest to {near[0]}, but lacks {', '.join(near[1])}"
    return f"is not a known export; it has {some([column.name for column in export.columns])}"


def in_words(question: Question, numeric: str | None) -> str:
    """That a question is answered in words whose meaning is unknown, and the way out."""
    way = f"export numeric values ({numeric})" if numeric else "say in its labels which numbers they stand for"
    return f"{quoted(question.name)} is answered in words that are not known, such as '{question.unknown[0]}'; {way}"
