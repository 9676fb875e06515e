"""One bash for the commands of a document: what a block sets, the next one finds."""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SHOWN_PORT = "8080"


class Shell:
    """Runs in a folder of its own, with the environment a newcomer has and nothing of the tests'.

    Documents say port 8080; the commands run on a free one, and their output says 8080 again.
    """

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        home = folder / "home"
        home.mkdir()
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "TERM": "dumb",
            "TMPDIR": str(folder),
        }
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def run(self, command: str, seconds: float = 180) -> tuple[str, int]:
        """Output (both streams) and exit status; -1 when it did not end in time or bash is gone."""
        mark = f"end-{secrets.token_hex(8)}"
        command = command.replace(SHOWN_PORT, str(self.port))
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\nprintf '\\n%s %s\\n' {mark} $?\n".encode())
        self._process.stdin.flush()
        output, status = self._until(mark, time.monotonic() + seconds)
        return output.replace(str(self.port), SHOWN_PORT), status

    def _until(self, mark: str, deadline: float) -> tuple[str, int]:
        assert self._process.stdout is not None
        gathered = b""
        while (remaining := deadline - time.monotonic()) > 0:
            if not self._selector.select(remaining):
                break
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                break
            gathered += chunk
            head, found, tail = gathered.partition(f"\n{mark} ".encode())
            if found and tail.endswith(b"\n"):
                return head.decode(), int(tail)
        return gathered.decode(errors="replace"), -1

    def close(self) -> None:
        """End bash and whatever the document left running in the background."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
