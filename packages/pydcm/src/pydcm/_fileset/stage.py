"""What is planned for a File-set but not yet written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tempfile


class Stage(dict[str, Any]):
    """The staged changes of a File-set.

    The items are ``"+"`` and ``"-"``, the instances to be added and removed by SOP Instance UID; ``"~"``, whether files
    will move; ``"^"``, whether the DICOMDIR itself changes; and ``"path"``, a directory that only its owner can read,
    which is made when it is first asked for. Nothing of pydcm's own asks for it: instances are staged by reference.
    """

    def __init__(self) -> None:
        super().__init__()
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self.reset()

    def reset(self) -> None:
        """Forget all changes and delete the directory."""
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None
        self.clear()
        self.update({"+": {}, "-": {}, "~": False, "^": False})

    def __missing__(self, key: str) -> Path:
        if key != "path":
            raise KeyError(key)
        import tempfile

        self._directory = tempfile.TemporaryDirectory(prefix="pydcm-")
        self["path"] = Path(self._directory.name)
        return Path(self._directory.name)

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to write."""
        return any(self[kind] for kind in "+-^~")
