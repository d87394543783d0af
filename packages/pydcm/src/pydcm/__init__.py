"""DICOM for Python: read, change and write data sets, and reach every other part of the family.

>>> import pydcm
>>> ds = pydcm.dcmread(pydcm.examples.get_path("ct"))
>>> ds.Modality
'CT'

Names are loaded when they are first used, so importing this package costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pydcm import ann as ann
    from pydcm import charset as charset
    from pydcm import compat as compat
    from pydcm import config as config
    from pydcm import content as content
    from pydcm import data as data
    from pydcm import datadict as datadict
    from pydcm import dataelem as dataelem
    from pydcm import dataset as dataset
    from pydcm import dicomio as dicomio
    from pydcm import dicomweb as dicomweb
    from pydcm import diffusion as diffusion
    from pydcm import dimse as dimse
    from pydcm import encapdoc as encapdoc
    from pydcm import encaps as encaps
    from pydcm import encoders as encoders
    from pydcm import env_info as env_info
    from pydcm import errors as errors
    from pydcm import examples as examples
    from pydcm import fhir as fhir
    from pydcm import filebase as filebase
    from pydcm import filereader as filereader
    from pydcm import fileset as fileset
    from pydcm import fileutil as fileutil
    from pydcm import filewriter as filewriter
    from pydcm import hl7 as hl7
    from pydcm import hooks as hooks
    from pydcm import jsonrep as jsonrep
    from pydcm import ko as ko
    from pydcm import legacy_converted as legacy_converted
    from pydcm import limits as limits
    from pydcm import mcp as mcp
    from pydcm import misc as misc
    from pydcm import multival as multival
    from pydcm import overlays as overlays
    from pydcm import paramap as paramap
    from pydcm import pixel_data_handlers as pixel_data_handlers
    from pydcm import pixels as pixels
    from pydcm import plugins as plugins
    from pydcm import pm as pm
    from pydcm import pr as pr
    from pydcm import radiomics as radiomics
    from pydcm import rt as rt
    from pydcm import sc as sc
    from pydcm import seg as seg
    from pydcm import sequence as sequence
    from pydcm import sr as sr
    from pydcm import tag as tag
    from pydcm import torchdata as torchdata
    from pydcm import transforms as transforms
    from pydcm import uid as uid
    from pydcm import util as util
    from pydcm import valuerep as valuerep
    from pydcm import values as values
    from pydcm import volume as volume
    from pydcm import waveforms as waveforms
    from pydcm import wsi as wsi
    from pydcm._index import index as index
    from pydcm._version import __version__ as __version__
    from pydcm._version import __version_info__ as __version_info__
    from pydcm.config import logger as logger
    from pydcm.dataelem import DataElement as DataElement
    from pydcm.dataset import Dataset as Dataset
    from pydcm.dataset import FileDataset as FileDataset
    from pydcm.dataset import FileMetaDataset as FileMetaDataset
    from pydcm.dicomio import read_file as read_file
    from pydcm.dicomio import write_file as write_file
    from pydcm.filereader import dcmread as dcmread
    from pydcm.fileset import FileInstance as FileInstance
    from pydcm.fileset import FileSet as FileSet
    from pydcm.filewriter import dcmwrite as dcmwrite
    from pydcm.multival import MultiValue as MultiValue
    from pydcm.sequence import Sequence as Sequence
    from pydcm.tag import Tag as Tag
    from pydcm.uid import UID as UID
    from pydcm.uid import generate_uid as generate_uid
    from pydcm.valuerep import PersonName as PersonName
    from pydcm.volume import Volume as Volume  # type: ignore[attr-defined]
    from pydcm.volume import load_series as load_series  # type: ignore[attr-defined]

# Where a public object is defined, by name; the modules of the core are found by their own names.
_OBJECTS = {
    "DataElement": "dataelem",
    "Dataset": "dataset",
    "FileDataset": "dataset",
    "FileInstance": "fileset",
    "FileMetaDataset": "dataset",
    "FileSet": "fileset",
    "MultiValue": "multival",
    "PersonName": "valuerep",
    "Sequence": "sequence",
    "Tag": "tag",
    "UID": "uid",
    "__dicom_version__": "_version",
    "__version__": "_version",
    "__version_info__": "_version",
    "dcmread": "filereader",
    "dcmwrite": "filewriter",
    "debug": "config",
    "generate_uid": "uid",
    "index": "_index",
    "logger": "config",
    "read_file": "dicomio",
    "write_file": "dicomio",
}
_MODULES = frozenset(
    "charset cli compat config content data datadict dataelem dataset dicomio encaps env_info errors examples filebase "
    "filereader fileset fileutil filewriter hooks jsonrep limits misc multival plugins raw sequence tag uid util "
    "valuerep values".split()
)

__all__ = [
    "DataElement",
    "Dataset",
    "FileDataset",
    "Sequence",
    "__version__",
    "__version_info__",
    "config",
    "dataelem",
    "dcmread",
    "dcmwrite",
    "examples",
    "filereader",
    "filewriter",
    "logger",
    "valuerep",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    home = _OBJECTS.get(name)
    if home is not None:
        value = getattr(import_module(f"pydcm.{home}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(f"pydcm.{name}")
    if name.startswith("__"):
        raise AttributeError(f"module 'pydcm' has no attribute {name!r}")
    from pydcm._facade import get_attribute

    value = globals()[name] = get_attribute(name)
    return value


def __dir__() -> list[str]:
    from pydcm._facade import installed_names

    return sorted({*globals(), *_OBJECTS, *_MODULES, *installed_names()})
