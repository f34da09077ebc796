"""A started sandbox as a process of its own, with what it costs: time to ready, memory, processor time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running server: its ready line, and how long it took from the start of the process to that line."""

    line: Mapping[str, Any]  # Any: JSON
    process: psutil.Process
    ready_s: float

    @property
    def port(self) -> int:
        """The HTTP port."""
        return urlsplit(self.line["portal"]).port or 80

    def resident_mb(self) -> float:
        """Resident memory in MB (2**20 bytes)."""
        return float(self.process.memory_info().rss) / 2**20

    def processor_s(self) -> float:
        """Processor time so far in seconds, all threads."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def started(**settings: object) -> Iterator[Sandbox]:
    """`peserta up` with these settings, on free ports and with nothing kept; ended on the way out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PESERTA_")}
    given = {f"PESERTA_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "gateway.cli", "up", "--json", "--ephemeral", "--port", "0", "--smtp-port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept | given) as process:
        try:
            assert process.stdout is not None, "the pipe was asked for"
            line = process.stdout.readline()
            ready_s = time.perf_counter() - began
            if not line:
                raise SystemExit("The sandbox did not start; what it said is above.")
            yield Sandbox(json.loads(line), psutil.Process(process.pid), ready_s)
        finally:
            process.terminate()
            process.wait(10)
