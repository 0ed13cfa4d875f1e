"""A folder for models of the user's own, with a first one to change. What is built from them belongs to `warehouse.own_models`."""

import shutil
from pathlib import Path

from pipeline.errors import ConfigError

TEMPLATE = Path(__file__).parents[1] / "templates" / "own_models"


def add_models(folder: Path) -> list[Path]:
    """Write a model and its test into a new or empty folder; returns the files.

    Raises:
        ConfigError: something is in the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"{folder} is not empty; name a new folder")
        return [Path(shutil.copyfile(file, folder / file.name)) for file in sorted(TEMPLATE.iterdir())]
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from None
