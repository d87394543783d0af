"""Series as public reference sets have them: scouts and maps of Siemens XA, labeling, images without excitation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm import dcmread
from pydcm.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from . import ge, grids, others
from .branches import mosaic
from .made import COLUMNS, ROWS, SAGITTAL, classic, pixels, private, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydcm.dataset import Dataset

_TYPES = ["DERIVED", "PRIMARY", "MPR", "NORM", "DIS3D", "MFSPLIT"]
_FREE = "sWipMemBlock.a{}Free[{}]"
#: Settings of research sequences for labeling, by the names in the protocol.
_LABELS: dict[str, Any] = {
    **{
        _FREE.format("l", at): value
        for at, value in (
            *((4, 20), (5, 600), (6, 1000), (7, 500), (8, 1000), (9, 1400), (10, 1400), (11, 250)),
            *((12, 500), (13, 750), (30, 250), (31, 500), (32, 750)),
        )
    },
    **{
        _FREE.format("d", at): value
        for at, value in (
            *((0, 0.8), (1, 90.0), (2, 1800000.0), (3, 80.0), (4, 360.0), (5, 25.0), (6, 25.0), (7, -25.0)),
            *((8, -25.0), (9, 25.0), (10, 6.0), (11, 0.0), (12, 1650000.0)),
        )
    },
    "alTI[0]": 700000,
    "alTI[2]": 1800000,
    "sRSatArray.asElm[1].dThickness": 5.0,
    "sRSatArray.asElm[1].ulShape": 1,
    "sRSatArray.asElm[1].sPosition.dTra": -79.2603,
    "sRSatArray.asElm[1].sNormal.dTra": 0.999999,
    "sAsl.ulLabelingDuration": 1800000,
    "sAsl.sPostLabelingDelay[0]": 1800000,
}
#: VB12's protocol, from which the times of slices are worked out: they are not in the images.
_OLD: dict[str, Any] = {
    "sSliceArray.ucMode": 1,
    "lDelayTimeInTR": 10000,
    "sProtConsistencyInfo.tMeasuredBaselineString": None,
    "sProtConsistencyInfo.tBaselineString": "N4_VB12T_LATEST_20050804",
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID": None,
    "sCOIL_SELECT_MEAS.asList[0].sCoilElementID.tCoilID": "HeadMatrix",
    "sCoilSelectMeas.sCoilStringForConversion": None,
    **{f"sGRADSPEC.asGPAData[0].lOffset{axis}": None for axis in "XYZ"},
    **{f"sGRADSPEC.lOffset{axis}": 1000 for axis in "XYZ"},
}


def _coloured(ds: Dataset, number: int) -> None:
    """Make an image a coloured map of no place, as some computed maps are."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit = 7
    ds.PixelData = pixels(number, ROWS, COLUMNS * 3).astype(np.uint8).tobytes()
    del ds.ImagePositionPatient, ds.ImageOrientationPatient, ds.PixelSpacing


def interoperable(
    folder: Path,
    *,
    volumes: int = 1,
    slices: int = 4,
    types: list[str] | None = None,
    text: str = "ORIGINAL\\PRIMARY\\M\\NONE",
    turned: bool = False,
    colour: int = -1,
) -> Path:
    """Siemens XA's files of one image: all in one plane or `turned` about an axis, one volume in `colour`."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType, ds.SoftwareVersions = types or _TYPES, "syngo MR XA30"
        ds.SeriesNumber, ds.SeriesTime, ds.SequenceName = 2001, "101112.25", "*fl3d1_ns"
        ds.AcquisitionNumber = volume + 1
        private(ds, 0x0021, "SIEMENS MR SDS 01", {0x5A: ("CS", ["GR", "EP"]), 0x5B: ("CS", "SK")})
        private(ds, 0x0021, "SIEMENS MR SDI 02", {0x75: ("CS", text.split("\\"))}, block=0x11)
        if volume == colour:
            _coloured(ds, ds.InstanceNumber)

    classic(folder, "SIEMENS", fill, volumes=volumes, slices=slices, orientation=SAGITTAL, step=17.0)
    for at, path in enumerate(sorted(folder.iterdir()) if turned else ()):
        ds = dcmread(path)
        angle = 0.2 * at
        ds.ImageOrientationPatient = [0, 1, 0, round(np.sin(angle), 6), 0, round(-np.cos(angle), 6)]
        save(ds, path)
    return folder


def field_map(
    folder: Path,
    *,
    name: str = "B0map",
    internal: str = "B0map",
    images: int | None = 8,
    encoding: str = "0",
    components: tuple[int, int] = (2, 0),
    **values: Any,
) -> Path:
    """GE's field maps: the images that come first are frequencies, the others magnitudes."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant, ds.ImagesInAcquisition = "RM", "NONE", images
        ds.SoftwareVersions = ["28", "LX", "MR29.1_EA_2036.a"]
        own = {0x9C: ("LO", name), 0x9E: ("LO", internal), 0xE2: ("DS", encoding)}
        private(ds, 0x0019, "GEMS_ACQU_01", own)
        private(ds, 0x0021, "GEMS_RELA_01", {0x4F: ("SS", 4)})
        private(ds, 0x0025, "GEMS_SERS_01", {0x1B: ("OB", ge.block({**ge.BLOCK, "IOPT": "EPI, FMRI"}))})
        private(ds, 0x0043, "GEMS_PARM_01", {0x2C: ("SS", 500), 0x2F: ("SS", components[volume])})
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=2)


def rewritten(
    folder: Path, base: Callable[[Path], Path], *, syntax: str = ExplicitVRLittleEndian, remove: str = ""
) -> Path:
    """Another series' files in another transfer syntax, or without an element."""
    base(folder)
    for path in sorted(folder.rglob("*.dcm")):
        ds = dcmread(path)
        if remove:
            delattr(ds, remove)
        ds.file_meta.TransferSyntaxUID = syntax
        save(ds, path)
    return folder


_SEQUENCES = (
    *("to_ep2d_VEPCASL", "jw_tgse_VEPCASL", "tgse_pasl", "ep2d_pasl", "tgse_pcasl_ve11c"),
    *("ep2d_pcasl_UI_PHC", "ep2d_fairest_UI_iPAT", "ep2d_asl"),
)
CASES = {
    "xa_scout": interoperable,
    "xa_scout_turned": partial(interoperable, turned=True),
    "xa_map_beside_image": partial(interoperable, volumes=2, colour=1),
    "xa_map": partial(interoperable, colour=0),
    "xa_noise": partial(interoperable, volumes=2, text="ORIGINAL\\PRIMARY\\FMRI\\NOISE\\ND"),
    "xa_noise_phase": partial(
        interoperable, types=["ORIGINAL", "PRIMARY", "P", "ND"], text="ORIGINAL\\PRIMARY\\P\\NOISE"
    ),
    **{
        f"labels_{name}": partial(
            mosaic, volumes=7, **{**_LABELS, "tSequenceFileName": f"%CustomerSeq%\\{name}"}
        )
        for name in _SEQUENCES
    },
    "labels_phase": partial(mosaic, types=["ORIGINAL", "PRIMARY", "P", "ND", "MOSAIC"], dAveragesDouble=2.0),
    "map": field_map,
    "map_slab": partial(field_map, name="3db0map", internal="EFGRE3D", MRAcquisitionType="3D"),
    "map_two_echoes": partial(field_map, name="B0rf", encoding="-69.12"),
    "map_unsaid": partial(field_map, components=(0, 2)),
    "map_of_half": partial(field_map, images=4),
    "map_uncounted": partial(field_map, images=None),
    "map_unnamed": partial(field_map, name="fgre", internal="GRE"),
    "uih_implicit": partial(rewritten, base=others.uih, syntax=ImplicitVRLittleEndian),
    "uih_grid_implicit": partial(rewritten, base=grids.uih_grid, syntax=ImplicitVRLittleEndian),
    "uih_grid_unsaid": partial(rewritten, base=grids.uih_grid, remove="ImageType"),
    "xa_unnumbered": partial(rewritten, base=interoperable, remove="SeriesNumber"),
    "mosaic_transfer": partial(mosaic, **{"sPrepPulses.ucMTC": 1}),
    "mosaic_vb12": partial(mosaic, times=None, count=9, software="syngo MR 2006T 4VB12T", **_OLD),
    "mosaic_vb12_interleaved": partial(
        mosaic, times=None, software="syngo MR 2006T 4VB12T", **{**_OLD, "sSliceArray.ucMode": 4}
    ),
}
