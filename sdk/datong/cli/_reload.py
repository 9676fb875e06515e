from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from socket import socket

from uvicorn import Config
from uvicorn.supervisors.basereload import BaseReload


class Reload(BaseReload):
    """Starts the server again when adapter.yaml, or Python beside it, changes.

    uvicorn's own watcher sees other files than Python only with a further package installed.
    """

    def __init__(
        self, config: Config, target: Callable[[list[socket] | None], None], listener: socket, folder: Path
    ) -> None:
        super().__init__(config, target, [listener])
        self.reloader_name = "datong"
        self._folder = folder
        self._seen = self._times()

    def should_restart(self) -> list[Path] | None:
        self.pause()
        before, self._seen = self._seen, self._times()
        return sorted({path for path, _ in before.items() ^ self._seen.items()}) or None

    def _times(self) -> dict[Path, int]:
        files = [self._folder / "adapter.yaml", *self._folder.glob("*.py")]
        return {path: path.stat().st_mtime_ns for path in files if path.exists()}
