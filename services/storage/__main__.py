"""`python -m services.storage run | migrate`."""

import argparse
import sys

from clickhouse_connect.driver.exceptions import ClickHouseError

from services.contracts.settings import read_settings
from services.storage.errors import BrokenMigration
from services.storage.main import apply_migrations, run
from services.storage.settings import StorageSettings


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.storage", description="Every topic into ClickHouse."
    )
    parser.add_argument("command", nargs="?", default="run", choices=["run", "migrate"])
    settings = read_settings(StorageSettings)
    if parser.parse_args().command == "run":
        run(settings)
        return
    try:
        apply_migrations(settings)
    except (BrokenMigration, ClickHouseError, ValueError) as error:
        sys.exit(f"not migrated: {error}")


if __name__ == "__main__":
    main()
