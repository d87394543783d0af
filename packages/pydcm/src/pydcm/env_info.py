"""Print the versions that matter for a bug report: ``python -m pydcm.env_info``."""

from __future__ import annotations

import platform
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: Modules whose versions are reported, after pydcm's own, which stands in the row of pydicom.
_MODULES = ("gdcm", "jpeg_ls", "numpy", "PIL", "pylibjpeg", "openjpeg", "libjpeg")


def main() -> None:
    """Print the platform and the versions of Python, pydcm and what it can use as a Markdown table."""
    rows = [("platform", platform.platform()), ("Python", sys.version), ("pydicom", _own_version())]
    for name in _MODULES:
        try:
            module = import_module(name)
        except ImportError:
            rows.append((name, "_module not found_"))
        else:
            rows.append((name, extract_version(module) or "**cannot determine version**"))
    print_table(rows)


def _own_version() -> str:
    """Return what stands in for pydicom here, such as ``"pydcm 1.0.0"``."""
    name = __name__.partition(".")[0] if __name__ != "__main__" else str(__package__)
    return f"{name} {extract_version(import_module(name)) or '**cannot determine version**'}"


def print_table(version_rows: list[tuple[str, str]]) -> None:
    """Print a table of names and versions.

    Parameters
    ----------
    version_rows : list of tuple[str, str]
        Name and version; a version of several lines is put on one.
    """
    for name, version in [("module", "version"), ("------", "-------"), *version_rows]:
        print(f"{name:12} | {' '.join(version.splitlines())}")


def extract_version(module: ModuleType) -> str | None:
    """Return the version of a module, or ``None`` if it does not say.

    Parameters
    ----------
    module : types.ModuleType
        The module.
    """
    return getattr(module, "GDCM_VERSION" if module.__name__ == "gdcm" else "__version__", None)


if __name__ == "__main__":
    main()
