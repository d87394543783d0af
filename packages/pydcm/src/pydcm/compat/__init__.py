"""Run programs written for pydicom on pydcm.

``import pydcm as pydicom`` is all that one's own code needs. For code that cannot be edited, a library that imports
pydicom itself, call :func:`install_as_pydicom` before anything imports it::

    import pydcm.compat
    pydcm.compat.install_as_pydicom()
    import highdicom          # its `import pydicom` now gets pydcm

or run a whole program: ``python -m pydcm.compat program.py arguments`` or ``python -m pydcm.compat -m module arguments``.

The modules handed out are pydcm's own, not copies: ``pydicom.dataset.Dataset is pydcm.dataset.Dataset``.
"""

from __future__ import annotations

import sys

from .._alias import add_alias, remove_alias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution, DistributionFinder

__all__ = ["PYDICOM_VERSION", "install_as_pydicom", "uninstall"]

#: The version of pydicom that pydcm stands in for.
PYDICOM_VERSION = "3.0.2"


def install_as_pydicom() -> None:
    """Make ``import pydicom`` and everything below it import pydcm, for the rest of the process.

    Installed-distribution checks (``importlib.metadata.version("pydicom")``) are answered with
    :data:`PYDICOM_VERSION`. Calling it again changes nothing.

    Raises
    ------
    ImportError
        If pydicom itself has been imported before: its classes are in use already.
    """
    import pydcm

    present = sys.modules.get("pydicom")
    if present is not None and present is not pydcm:
        raise ImportError(
            "pydicom is imported already, so pydcm cannot take its place: call pydcm.compat.install_as_pydicom() "
            "before anything imports pydicom",
            name="pydicom",
            path=getattr(present, "__file__", None),
        )
    add_alias("pydicom", "pydcm")
    if _metadata not in sys.meta_path:
        sys.meta_path.insert(0, _metadata)  # type: ignore[arg-type]  # duck-typed, as pydcm._alias is


def uninstall() -> None:
    """Undo :func:`install_as_pydicom`; what was imported meanwhile keeps pydcm."""
    remove_alias("pydicom")
    if _metadata in sys.meta_path:
        sys.meta_path.remove(_metadata)  # type: ignore[arg-type]


class _MetadataFinder:
    """Answers :mod:`importlib.metadata` for the distribution ``pydicom``."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Find no module: those are the alias finder's."""

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Yield the stand-in's metadata when pydicom, or everything, is asked for."""
        if context.name is None or context.name.lower() == "pydicom":
            from ._metadata import PydicomDistribution

            yield PydicomDistribution()


_metadata = _MetadataFinder()
