"""How every sub-command is built: plain help, plain tracebacks, no shell completion."""

import typer


def sub_command(help: str | None = None) -> typer.Typer:
    """A `typer.Typer` in the manner of `thidua`."""
    return typer.Typer(
        help=help,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
