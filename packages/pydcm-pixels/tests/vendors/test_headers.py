"""Fields of NIfTI's header beside geometry and scaling."""

from __future__ import annotations

from pathlib import Path

from pydcm import dcmread
from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels._formats.nifti_header import Header

from . import emission, siemens


def _header(folder, target):
    (output,) = convert_series(folder, target, gzip=False, progress=False).outputs
    return Header.from_bytes(Path(output.path).read_bytes()[:540]).values


def test_header_repeats_the_sidecar(tmp_path):
    """Programs that read no sidecars find echo time, clock, polarity, axis and order of slices in the header."""
    header = _header(siemens.mosaic(tmp_path / "in"), tmp_path)
    assert header["descrip"].rstrip(b"\0") == b"TE=80;Time=101213.500;phase=1"
    assert (header["dim_info"], header["slice_code"]) == (57, 3)


def test_uneven_frames_have_no_interval(tmp_path):
    """Frames of PET that do not start at even intervals are not said to be a second apart."""
    folder = emission.pet(tmp_path / "in")
    for path in folder.iterdir():
        ds = dcmread(path)
        if ds.AcquisitionTime.startswith("1014"):
            ds.AcquisitionTime = "101600"
            ds.save_as(path)
    assert _header(folder, tmp_path)["pixdim"][4] == 0
