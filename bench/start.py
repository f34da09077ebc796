"""How long a start takes and what it holds: from the start of the process to the ready line, and memory at rest."""

import argparse
import time
from collections.abc import Sequence

from bench.figures import print_table, spread
from bench.sandbox import started

REST_S = 1.5  # real seconds; what is loaded in the background after the ready line is counted, too


def measure(rounds: int) -> dict[str, list[float]]:
    """Start the sandbox again and again."""
    figures: dict[str, list[float]] = {
        "ready ms": [],
        "own count ms": [],
        "CPU ms": [],
        "MB ready": [],
        "MB at rest": [],
    }
    for _ in range(rounds):
        with started() as sandbox:
            figures["ready ms"].append(sandbox.ready_s * 1000)
            figures["own count ms"].append(float(sandbox.line["startupMs"]))
            figures["CPU ms"].append(sandbox.processor_s() * 1000)
            figures["MB ready"].append(sandbox.resident_mb())
            # A figure at rest is taken after a rest: no event says that a server has nothing left to do.
            time.sleep(REST_S)
            figures["MB at rest"].append(sandbox.resident_mb())
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    figures = measure(parser.parse_args(arguments).rounds)
    print_table("Cold start on SQLite", {name: spread(values) for name, values in figures.items()})


if __name__ == "__main__":
    main()
