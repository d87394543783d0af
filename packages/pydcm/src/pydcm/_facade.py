"""The public names that plugins provide.

A plugin distribution ``pydcm-seg`` holds the package ``pydcm_seg``. What people type is ``pydcm.seg``: a facade, a tiny
module of the core that *becomes* the plugin's module when it is imported, sub-modules included, or raises
:class:`~pydcm.errors.MissingPluginError` with the command that installs the plugin.

The public module ``pydcm.NAME`` is the plugin's module ``pydcm_<plugin>.NAME``; only ``pydcm.sr`` is a whole package of
its own, ``pydcm_sr``, whose parts (``coding``, ``codedict``) carry the names that pydicom gave them.
"""

from __future__ import annotations

import sys
from importlib import import_module

from ._alias import add_alias
from .errors import MissingPluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

__all__ = ["FACADES", "TOP_LEVEL", "distribution_of", "expose", "get_attribute", "installed_names"]

#: The plugin's module by public name.
FACADES: dict[str, str] = {
    "diffusion": "pydcm_pixels.diffusion",
    "encoders": "pydcm_pixels.encoders",
    "overlays": "pydcm_pixels.overlays",
    "pixel_data_handlers": "pydcm_pixels.pixel_data_handlers",
    "pixels": "pydcm_pixels.pixels",
    "radiomics": "pydcm_pixels.radiomics",
    "torchdata": "pydcm_pixels.torchdata",
    "transforms": "pydcm_pixels.transforms",
    "volume": "pydcm_pixels.volume",
    "legacy_converted": "pydcm_seg.legacy_converted",
    "paramap": "pydcm_seg.paramap",
    "pm": "pydcm_seg.pm",
    "sc": "pydcm_seg.sc",
    "seg": "pydcm_seg.seg",
    "encapdoc": "pydcm_sr.encapdoc",
    "ko": "pydcm_sr.ko",
    "pr": "pydcm_sr.pr",
    "sr": "pydcm_sr",
    "waveforms": "pydcm_sr.waveforms",
    "rt": "pydcm_rt.rt",
    "ann": "pydcm_wsi.ann",
    "wsi": "pydcm_wsi.wsi",
    "dicomweb": "pydcm_net.dicomweb",
    "dimse": "pydcm_net.dimse",
    "fhir": "pydcm_ehr.fhir",
    "hl7": "pydcm_ehr.hl7",
    "mcp": "pydcm_ehr.mcp",
}

#: Names of the package ``pydcm`` itself that a facade provides: the facade by name.
TOP_LEVEL: dict[str, str] = {
    name: facade
    for facade, names in {
        "pixels": ("decode", "iter_pixels", "pixel_array", "render", "show"),
        "volume": (
            "Volume",
            "bids_sidecar",
            "from_nifti",
            "list_series",
            "load_4d",
            "load_series",
            "map_series",
        ),
        "diffusion": ("diffusion_table", "load_dwi", "save_dwi"),
        "torchdata": ("DICOMDataset", "VolumeDataset"),
        "seg": ("read_seg", "seg_from_nifti", "write_seg", "write_seg_fractional"),
        "paramap": ("read_paramap", "write_paramap"),
        "sc": ("write_sc",),
        "legacy_converted": ("write_legacy_converted",),
        "sr": (
            "content_json",
            "read_measurement_report",
            "read_report",
            "sr_cid_has",
            "sr_code_meaning",
            "sr_validate",
            "sr_validate_code",
            "write_measurement_report",
            "write_report",
            "write_sr",
        ),
        "ko": ("read_ko", "write_ko"),
        "pr": ("read_pr", "write_pr"),
        "encapdoc": ("read_encapsulated", "write_encapsulated"),
        "waveforms": ("read_waveform", "write_waveform"),
        "rt": ("dvhcalc", "read_rtdose", "write_rtdose"),
        "wsi": ("open_slide", "open_slides"),
        "ann": ("read_ann", "write_ann"),
        "fhir": ("imaging_study",),
        "hl7": ("build_oru",),
    }.items()
    for name in names
}


def distribution_of(facade: str) -> str:
    """Return the distribution behind a facade, such as ``"pydcm-seg"`` for ``"seg"``."""
    return FACADES[facade].partition(".")[0].replace("_", "-")


def expose(name: str, spec: ModuleSpec) -> None:
    """Put the plugin's module in the place of the facade that calls this.

    Parameters
    ----------
    name : str
        The facade's ``__name__``; ``"__main__"`` runs the plugin's module as a program (``python -m pydcm.mcp``).
    spec : importlib.machinery.ModuleSpec
        The facade's ``__spec__``.

    Raises
    ------
    MissingPluginError
        If the plugin's distribution is not installed.
    """
    public = spec.name
    real = FACADES[public.rpartition(".")[2]]
    module = _import_plugin(public, real)
    if name == "__main__":
        from runpy import run_module

        run_module(real, run_name="__main__", alter_sys=True)
        return
    add_alias(public, real)
    # A thread that asked for the facade meanwhile waits for this import, and then goes on with the facade itself
    if facade := sys.modules.get(public):
        facade.__dict__["__getattr__"] = module.__getattribute__
    sys.modules[public] = module


def _import_plugin(public: str, real: str) -> ModuleType:
    package = real.partition(".")[0]
    try:
        return import_module(real)
    except ModuleNotFoundError as exc:
        # A plugin's own missing import must not look like a missing plugin
        distribution = package.replace("_", "-")
        if exc.name == package:
            raise MissingPluginError(distribution, feature=public) from None
        if exc.name == real:
            raise MissingPluginError(distribution, feature=public, installed=_version(distribution)) from None
        raise


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:  # on the path, but not installed
        return "of unknown version"


def get_attribute(name: str) -> Any:
    """Return the facade, or the object of a facade, that ``pydcm.<name>`` stands for.

    Raises
    ------
    AttributeError
        If ``pydcm`` promises no such name.
    MissingPluginError
        If it does, but the plugin's distribution is not installed.
    """
    if name in FACADES:
        return import_module(f"pydcm.{name}")
    facade = TOP_LEVEL.get(name)
    if facade is None:
        raise AttributeError(f"module 'pydcm' has no attribute {name!r}")
    return getattr(_import_plugin(f"pydcm.{name}", FACADES[facade]), name)


def installed_names() -> list[str]:
    """Return the facades and top-level names that can be imported here, without importing any plugin."""
    facades = [name for name, module in FACADES.items() if _exists(module)]
    return sorted(facades + [name for name, facade in TOP_LEVEL.items() if facade in facades])


def _exists(module: str) -> bool:
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    package, _, part = module.partition(".")
    spec = find_spec(package)
    if spec is None or not part:
        return spec is not None
    return PathFinder.find_spec(module, list(spec.submodule_search_locations or ())) is not None
