"""A part of Dagster in a container: `python -m pipeline.ui.container COMMAND …` makes the home ready and becomes the command."""

import os
import sys

from pipeline.configuration import load_settings
from pipeline.dagster_home import prepare_dagster_home
from pipeline.errors import LoyaltyError
from pipeline.private_files import keep_private


def main() -> None:
    """Make the home of the configuration that the environment names ready, and start the command in it."""
    try:
        settings = load_settings()
        keep_private(settings.home, settings.lake_root)
        prepare_dagster_home(settings.home)
    except LoyaltyError as error:
        sys.exit(f"error: {error}")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
