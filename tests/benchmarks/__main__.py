"""Run the benchmarks: `python -m tests.benchmarks` from the repository, or `make bench`.

Every figure is a ratio within one run: the candidates are started together, measured in turn,
round after round, and compared by their medians. `--write` puts the tables into
docs/reference/performance.md between their markers.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from tests.benchmarks import data, targets
from tests.benchmarks.load import Load, wrk

PAGE = Path(__file__).parents[2] / "docs/reference/performance.md"
GOALS = {  # ../shared/performance.md: (our row, peer, call) → least ratio
    ("Datong, PostgreSQL", "bare ASGI + psycopg", "lookup"): 0.6,
    ("Datong, PostgreSQL", "bare ASGI + psycopg", "page 100"): 0.7,
    ("Datong, PostgreSQL", "bare ASGI + psycopg", "page 1000"): 0.8,
    ("Datong, PostgreSQL", "bare ASGI + asyncpg", "lookup"): 0.6,
    ("Datong, PostgreSQL", "bare ASGI + asyncpg", "page 100"): 0.7,
    ("Datong, PostgreSQL", "bare ASGI + asyncpg", "page 1000"): 0.8,
    ("Datong, PostgreSQL", "FastAPI + ORM, PostgreSQL", "lookup"): 8,
    ("Datong, PostgreSQL", "FastAPI + ORM, PostgreSQL", "page 100"): 6,
    ("Datong, PostgreSQL", "FastAPI + ORM, PostgreSQL", "page 1000"): 7,
    ("Datong, SQLite", "Datasette", "lookup"): 4,
    ("Datong, SQLite", "Datasette", "page 100"): 4,
    ("Datong, SQLite", "Datasette", "page 1000"): 4,
}
Figures = dict[str, dict[str, list[Load]]]


def measure(found: list[targets.Target], rounds: int, seconds: int, folder: Path) -> Figures:
    figures: Figures = {target.name: {call: [] for call in targets.CALLS} for target in found}
    for number in range(rounds):
        for call in targets.CALLS:
            for target in found:
                paths = folder / f"{target.name.replace(' ', '-').replace(',', '')}-{call.replace(' ', '-')}.txt"
                paths.write_text("\n".join(target.paths[call]) + "\n")
                load = wrk(target.base, paths, headers=target.headers(), seconds=seconds)
                figures[target.name][call].append(load)
                print(f"round {number + 1}/{rounds}  {call:9}  {target.name:28} {load.rate:9.0f}/s", flush=True)
    return figures


def medians(figures: Figures) -> dict[str, dict[str, float]]:
    return {
        name: {call: statistics.median(load.rate for load in loads) for call, loads in calls.items()}
        for name, calls in figures.items()
    }


def serving_table(figures: Figures) -> str:
    middle = medians(figures)
    lines = ["| requests/s, one worker, 16 connections | lookup | page 100 | page 1000 |", "|---|---|---|---|"]
    for name, calls in middle.items():
        lines.append(f"| {name} | " + " | ".join(f"{calls[call]:.0f}" for call in targets.CALLS) + " |")
    lines += ["", "| ratio | against | call | goal | found | |", "|---|---|---|---|---|---|"]
    for (ours, other, call), goal in GOALS.items():
        ratio = middle[ours][call] / middle[other][call]
        lines.append(f"| {ours} | {other} | {call} | ≥ {goal} | {ratio:.2f} | {'met' if ratio >= goal else 'missed'} |")
    return "\n".join(lines)


def start_table(folder: Path, repeats: int) -> str:
    """Median seconds of `datong --help`, and from starting `datong serve` to its first answer."""
    helps, serves = [], []
    for _ in range(repeats):
        helps.append(_timed([str(Path(sys.executable).with_name("datong")), "--help"]))
        port = targets.free_port()
        command = targets.datong_command("serve", str(folder), "--port", str(port))
        with targets.running(command, f"http://127.0.0.1:{port}/v1/health/live") as seconds:
            serves.append(seconds)
    rows = [("`datong --help`", 0.15, helps), ("`datong serve` until the first answer", 1.0, serves)]
    lines = ["| start | goal, s | found, s | |", "|---|---|---|---|"]
    for name, goal, times in rows:
        found = statistics.median(times)
        lines.append(f"| {name} | ≤ {goal} | {found:.2f} | {'met' if found <= goal else 'missed'} |")
    return "\n".join(lines)


def _timed(command: list[str]) -> float:
    import time

    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def write(section: str, text: str) -> None:
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(begin)
    PAGE.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def machine(count: int, rounds: int, seconds: int) -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    return (
        f"Measured {date.today().isoformat()}, Python {platform.python_version()}, {model}, 2 cores shared by server, "
        f"database and load; {count:,} rows; medians of {rounds} interleaved rounds of {seconds} s."
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reference/performance.md")
    parser.add_argument("--only", choices=["postgresql", "sqlite", "start"], action="append")
    given = parser.parse_args()
    only = given.only or ["postgresql", "sqlite", "start"]
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        found: list[targets.Target] = []
        if "postgresql" in only:
            address = data.postgres(given.rows)
            for driver in ("psycopg", "asyncpg"):
                name = f"bare ASGI + {driver}"
                found.append(
                    stack.enter_context(targets.peer(name, "bare", given.rows, DRIVER=driver, ADDRESS=address))
                )
            found.append(stack.enter_context(targets.datong("Datong, PostgreSQL", folder / "pg", address, given.rows)))
            name = "FastAPI + ORM, PostgreSQL"
            found.append(stack.enter_context(targets.peer(name, "fastapi_orm", given.rows, ADDRESS=address)))
        if "sqlite" in only or "start" in only:
            path = data.sqlite(given.rows, Path(tempfile.gettempdir()))
        if "sqlite" in only:
            url = f"sqlite:///{path}"
            peers = [("bare ASGI + sqlite", "bare"), ("FastAPI + ORM, SQLite", "fastapi_orm")]
            for name, module in peers:
                env = {"DRIVER": "sqlite", "ADDRESS": str(path)}
                found.append(stack.enter_context(targets.peer(name, module, given.rows, **env)))
            found.append(stack.enter_context(targets.datong("Datong, SQLite", folder / "sqlite", url, given.rows)))
            found.append(stack.enter_context(targets.datasette(given.rows, path)))
        tables = {}
        if found:
            tables["serving"] = serving_table(measure(found, given.rounds, given.seconds, folder))
    if "start" in only:
        with tempfile.TemporaryDirectory() as scratch:
            tables["start"] = start_table(targets.adapter(Path(scratch), f"sqlite:///{path}"), 9)
    note = machine(given.rows, given.rounds, given.seconds)
    for section, table in tables.items():
        print(f"\n{note}\n\n{table}")
        if given.write:
            write(section, f"{note}\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
