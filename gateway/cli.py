"""The command `peserta`: up, tour, schema, doctor. Everything it says goes through here; the rest never prints."""

import asyncio
import contextlib
import gc
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

# What only some commands need is imported by them: `up` is started again and again by tests, and `tour`'s HTTP client
# alone would take a tenth of its start.
if TYPE_CHECKING:
    from rich.console import Console

    from gateway.settings import Settings
    from gateway.tour import Step

app = typer.Typer(
    help="Peserta: a local twin of the member portal. Simulation, fictitious data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str | None, typer.Option(help="Address to listen on; anything but loopback needs a control token.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="HTTP port; 0 takes a free one.")]
SmtpPort = Annotated[int | None, typer.Option(min=0, max=65535, help="SMTP port; 0 takes a free one.")]
Data = Annotated[Path | None, typer.Option(help="Folder for the worlds' databases.")]


def _fail(sentence: str) -> NoReturn:
    """One sentence on stderr and exit code 2: a trouble of the surroundings, not of the program."""
    from rich.markup import escape

    _console(stderr=True).print(f"[red]✗[/red] {escape(sentence)}", soft_wrap=True)
    raise typer.Exit(2)


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _settings(**flags: Any) -> "Settings":  # Any: each flag has its own type, which pydantic checks
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from gateway.settings import Settings

    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        why = first["msg"].removeprefix("Value error, ")
        _fail(f"The setting {_variable(*first['loc'][:1])} cannot be used: {why[:1].lower()}{why[1:]}.")
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        _fail(f"The setting {_variable(field[1] if field else '')} cannot be used: it is a list, written as JSON.")


def _variable(*name: object) -> str:
    return "_".join(("PESERTA", *(str(part).upper() for part in name)))


@app.command()
def up(
    host: Host = None,
    port: Port = None,
    smtp_port: SmtpPort = None,
    data: Data = None,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Keep nothing: a temporary folder.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout when ready.")] = False,
) -> None:
    """Start everything: gateway, identity provider, SMTP sink and SMS gateway."""
    # Nothing that a start makes is garbage: looking for it would take a quarter of the start. `serve` enables it.
    gc.disable()
    settings = _settings(host=host, port=port, smtp_port=smtp_port, data=data)
    from gateway.sandbox.serve import CannotStart, serve

    def ready(line: dict[str, Any]) -> None:
        if as_json:
            print(json.dumps(line), flush=True)
        else:
            _banner(line)

    try:
        serve(settings, ephemeral=ephemeral, ready=ready)
    except CannotStart as trouble:
        _fail(str(trouble))


def _banner(line: dict[str, Any]) -> None:
    console = _console()
    console.print("[bold]Peserta[/bold]  simulasi, data fiktif · simulation, fictitious data\n")
    names = {
        "portal": "Portal",
        "graphql": "GraphQL (member)",
        "control": "GraphQL (control)",
        "inbox": "Inbox",
        "issuer": "OpenID issuer",
        "smtp": "SMTP",
        "sms": "SMS gateway",
    }
    for key, name in names.items():
        console.print(f"  {name:<18} [cyan]{line[key]}[/cyan]", soft_wrap=True)
    console.print(f"\n  ready in {line['startupMs']} ms · stop with Ctrl+C")


@app.command()
def tour(
    url: Annotated[str | None, typer.Option(help="A running server; without one, one is started for the tour.")] = None,
    control_token: Annotated[str | None, typer.Option(envvar="PESERTA_CONTROL_TOKEN")] = None,
) -> None:
    """Walk the whole sign-up in a world of its own and say how each step went."""
    import httpx

    from gateway.tour import StepFailed, walk

    console = _console()
    number = 0

    def report(step: "Step") -> None:
        nonlocal number
        number += 1
        console.print(
            f"[green]✓[/green] {number} {step.name:<23} {step.operation:<27} "
            f"{step.milliseconds:7.1f} ms  {step.outcome}",
            soft_wrap=True,
        )

    try:
        with _server(url) as base:
            walk(base, report, control_token)
    except StepFailed as failure:
        console.print(f"[red]✗[/red] {number + 1} {failure}", soft_wrap=True)
        raise typer.Exit(1) from None
    except httpx.HTTPError as error:
        _fail(f"No server answers at {url}: start one with `peserta up` ({type(error).__name__}).")


@contextlib.contextmanager
def _server(url: str | None) -> Iterator[str]:
    """The server at `url`, or one of our own for as long as it is needed."""
    if url is not None:
        yield url
        return
    command = [sys.executable, "-m", "gateway.cli", "up", "--ephemeral", "--json", "--port", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None, "the pipe was asked for"
            line = server.stdout.readline()
            if not line:
                _fail("The server for the tour did not start; `peserta doctor` says why.")
            yield json.loads(line)["portal"]
        finally:
            server.terminate()
            server.wait(10)


@app.command()
def schema(
    which: Annotated[str, typer.Argument(help="member or control")] = "member",
) -> None:
    """Print a schema as SDL."""
    if which not in ("member", "control"):
        _fail(f'There is no schema "{which}": choose member or control.')
    from schema.control import root as control
    from schema.member import root as member

    print((member if which == "member" else control).build().as_str())


@app.command()
def doctor(host: Host = None, port: Port = None, smtp_port: SmtpPort = None, data: Data = None) -> None:
    """Look whether Peserta can run here: ports, database, migrations, packages."""
    from gateway import doctor as doctors
    from gateway.sandbox.apps import simulator_apps

    settings = _settings(host=host, port=port, smtp_port=smtp_port, data=data)
    findings = doctors.check_ports(settings)
    findings += asyncio.run(doctors.check_database(settings, dict(simulator_apps())))
    findings.append(doctors.check_packages())
    console = _console()
    for finding in findings:
        mark = "[green]✓[/green]" if finding.good else "[red]✗[/red]"
        console.print(f"{mark} {finding.name:<11} {finding.text}", soft_wrap=True)
    if not all(finding.good for finding in findings):
        raise typer.Exit(2)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
