"""The `thidua` command: the list of its sub-commands, each loaded only when it is called."""

import typer

from services.cli.commands import Commands

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def thidua() -> None:
    """Live monitoring of emulation campaigns (phong trào thi đua).

    Exit codes: 0 all is well, 1 checked and found wrong, 2 called wrongly, 3 something cannot be reached, 4 something could not be compared.
    """


if __name__ == "__main__":
    app()
