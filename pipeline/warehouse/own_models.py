"""The user's own models beside ours: the dbt project that has both, made in the home. What dbt does with it does not belong here."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml

from pipeline.errors import ConfigError
from pipeline.settings import DbtSettings
from pipeline.warehouse.dbt import DBT_PROJECT, OURS, Project, parse, prepare_dbt
from pipeline.warehouse.editions import EXTENDED, EXTRA, OWN_SCHEMA

NAME = re.compile(r"[a-z][a-z0-9_]*")
KEPT_PROJECTS = 3
"""A run or a UI that is at work reads the project that it began with."""
NEWEST = "newest"
HOME_BY_HAND, HOME_FROM_WITHIN = "'../.loyalty'", "'../../..'"
"""The home that dbt reads when people run it: as our project names it, and as one in the home does."""
LEAVING_THE_FILE = "a table of the published file is a table in it"

COMMENTS = {"relation": True, "columns": True}
EXTENDED_SQL = """\
{{% set added = own_columns(ref('{extra}')) %}}
{{{{ config(
    materialized="table",
    persist_docs={docs},
    contract={{"enforced": false}},
    post_hook="{{{{ constrain_with_own_columns(this, ref('{extra}')) }}}}"
) }}}}
with ours as (
{sql}
)

select
    ours.*,
    {{%- for name, column in model.columns.items() if column.config.meta.former_name %}}
    ours.{{{{ name }}}} as {{{{ column.config.meta.former_name }}}},
    {{%- endfor %}}
    {{%- for name in added %}}
    extra.{{{{ name }}}},
    {{%- endfor %}}
from ours
left join {{{{ ref('{extra}') }}}} as extra on ours.customer_id = extra.customer_id
"""
ONE_ROW_EACH = """\
select customer_id
from {{{{ ref('{extra}') }}}}
group by customer_id
having count(*) > 1 or customer_id is null
"""


def prepare_project(own: DbtSettings, home: Path) -> Project:
    """The parsed dbt project of a configuration: ours, or where there are models of the user's own one with both.

    Raises:
        ConfigError: a model of theirs cannot be one.
    """
    prepare_dbt()
    if own.models is None:
        return OURS
    place = home / "work" / "dbt_projects"
    project = Project(place / _fingerprint(own.models, own.files))
    if not project.parsed.is_file():
        _make(project, own.models, own.files)
    os.utime(project.folder)
    _drop_old(place)
    _point(place / NEWEST, project.folder)
    return project


def _make(project: Project, models: Path, files: list[Path]) -> None:
    _refuse_names(models, files)
    project.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project.folder.parent, prefix=".") as folder:
        new = Project(Path(folder) / "project")
        _write(new.folder, models, files)
        try:
            parse(new)
        except RuntimeError as error:
            raise ConfigError(f"dbt.models {models}: {_in_one_line(error)}") from None
        _refuse_circles(new, models)
        _refuse_places(new, models)
        if not project.folder.exists():
            new.folder.rename(project.folder)


def _write(folder: Path, models: Path, files: list[Path]) -> None:
    """Our project with the user's models in a folder of their own: tables beside our marts, where a contract is no duty."""
    shutil.copytree(DBT_PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    for file in files:
        relative = file.relative_to(models)
        is_test = relative.parts[0] == "tests" and file.suffix == ".sql"
        copy = folder / ("tests" if is_test else f"models/{OWN_SCHEMA}") / relative
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    if any(file.stem == EXTRA for file in files if file.suffix == ".sql"):
        extended = folder / "models" / "marts" / f"{EXTENDED}.sql"
        extended.write_text(EXTENDED_SQL.format(extra=EXTRA, docs=COMMENTS, sql=extended.read_text(encoding="utf-8")))
        # Its unit tests do not know the columns.
        (extended.parent / "tests" / f"{EXTENDED}.yml").unlink()
        (folder / "tests").mkdir(exist_ok=True)
        (folder / "tests" / f"{EXTRA}_has_one_row_per_customer.sql").write_text(ONE_ROW_EACH.format(extra=EXTRA))
    profiles = folder / "profiles.yml"
    profiles.write_text(profiles.read_text(encoding="utf-8").replace(HOME_BY_HAND, HOME_FROM_WITHIN))
    settings = folder / "dbt_project.yml"
    tree = yaml.safe_load(settings.read_text(encoding="utf-8"))
    configured = tree["models"]["loyalty"]
    configured[OWN_SCHEMA] = {
        "+database": configured["marts"]["+database"],
        "+schema": OWN_SCHEMA,
        "+materialized": "table",
        "+persist_docs": COMMENTS,
    }
    settings.write_text(yaml.safe_dump(tree, sort_keys=False))


def _fingerprint(models: Path, files: Iterable[Path]) -> str:
    """Of both projects' files, so that another content is another project."""
    found = hashlib.sha256()
    for file in OURS.files():
        known = file.stat()
        found.update(f"{file.relative_to(DBT_PROJECT)} {known.st_size} {known.st_mtime_ns}\n".encode())
    for file in files:
        found.update(f"{file.relative_to(models)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    found.update(EXTENDED_SQL.encode())
    return found.hexdigest()[:16]


def _refuse_names(models: Path, files: Iterable[Path]) -> None:
    ours = {file.stem for file in OURS.files() if file.suffix == ".sql"}
    theirs = [file for file in files if file.suffix == ".sql"]
    if not theirs:
        raise ConfigError(f"dbt.models {models}: no model is there, a file that ends in .sql")
    for file in theirs:
        if file.stem in ours:
            raise ConfigError(f"dbt.models: {file} is named like a model of ours; give it another name")
        if not NAME.fullmatch(file.stem):
            raise ConfigError(
                f"dbt.models: {file} is not named like a table: use lower-case letters, digits and _, a letter first"
            )


def _refuse_circles(project: Project, models: Path) -> None:
    """Refuse models that read each other, which dbt sees when it builds them.

    Raises:
        ConfigError: some do.
    """
    nodes = project.nodes().by_id
    read = {name: node.get("depends_on", {}).get("nodes", []) for name, node in nodes.items()}
    try:
        TopologicalSorter(read).prepare()
    except CycleError as error:
        # Each reads the one before it.
        circle = " reads ".join(nodes[name]["name"] for name in reversed(error.args[1]))
        raise ConfigError(f"dbt.models {models}: models read each other in a circle: {circle}") from None


def _refuse_places(project: Project, models: Path) -> None:
    """Refuse models that would stand elsewhere than the others, or lead out of the published file.

    Raises:
        ConfigError: one would.
    """
    for fault in faults_of_places(project):
        raise ConfigError(f"dbt.models {models}: {fault}")


def faults_of_places(project: Project) -> Iterator[str]:
    """Which of the user's models would not be a table of their schema, and why."""
    for node in project.models(OWN_SCHEMA):
        kind = node["config"]["materialized"]
        if node["name"] == EXTRA and kind == "ephemeral":
            yield f"model {EXTRA} is ephemeral, and {EXTENDED} takes its columns from its table: leave the setting out"
        if kind not in ("table", "ephemeral"):
            yield f"model {node['name']} is materialized as {kind}; {LEAVING_THE_FILE}: leave the setting out"
        for name, wanted in {"schema": OWN_SCHEMA, "database": "edition", "alias": node["name"]}.items():
            if node[name] != wanted:
                yield f"model {node['name']} sets its {name} to {node[name]}; leave the setting out"


def _in_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _drop_old(place: Path) -> None:
    projects = [folder for folder in place.iterdir() if folder.is_dir() and not folder.is_symlink()]
    for folder in sorted(projects, key=lambda folder: folder.stat().st_mtime)[:-KEPT_PROJECTS]:
        shutil.rmtree(folder, ignore_errors=True)


def _point(link: Path, folder: Path) -> None:
    """Where people find the newest project, to run dbt in it."""
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.symlink_to(folder.name)
    new.replace(link)
