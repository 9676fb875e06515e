"""Load by wrk: a list of paths, one after the other; medians are taken by the caller."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local n = 0
request = function()
  n = n % #paths + 1
  return wrk.format("GET", paths[n])
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second, and milliseconds at the 99th percentile."""

    rate: float
    p99: float


class LoadError(RuntimeError):
    pass


def wrk(base: str, paths: Path, *, headers: dict[str, str], seconds: int, connections: int = 16) -> Load:
    script = paths.with_suffix(".lua")
    script.write_text(SCRIPT)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    run = subprocess.run([*command, base], env={"PATHS": str(paths)}, capture_output=True, text=True, check=True)
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise LoadError(run.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", run.stdout)
    if rate is None or p99 is None:
        raise LoadError(run.stdout)
    return Load(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]])
