"""Names of outputs beside dcm2niix's: every letter of a pattern, and what else may stand in one."""

from __future__ import annotations

import subprocess
from functools import partial

import pytest

from pydcm_pixels._bids.convert import convert_series

from . import ge, oracle, others, siemens
from .branches import single
from .references import interoperable
from .test_dcm2niix import RELEASE, _release

SERIES = {
    "mosaic": siemens.mosaic,
    "xa": siemens.xa,
    "xa_scout": partial(interoperable, turned=True),
    "ge": ge.fmri,
    "philips": others.philips,
}
PATTERNS = [f"x%{letter}y" for letter in "acdefgijklmnopqrstuvxzAEJLRS"]
PATTERNS += ["%3s_%4r", "%s;", "_%s__%p_", "%p/%s", "%%s", "-%s", "a b%s", "%n--%i", "%1s%2s"]


def names(folder):
    """Return what was written."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module", params=SERIES)
def folder(request, tmp_path_factory):
    """Return the folder of a series."""
    return SERIES[request.param](tmp_path_factory.mktemp(request.param) / "in")


@pytest.mark.skipif(_release() != RELEASE, reason=f"dcm2niix {RELEASE} is not here")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_like_dcm2niix(folder, tmp_path, pattern):
    (tmp_path / "theirs").mkdir()
    options = ["-ba", "n", "-z", "n", "-f", pattern, "-o", str(tmp_path / "theirs"), str(folder)]
    subprocess.run([oracle.PROGRAM, *options], check=False, capture_output=True, timeout=120)
    convert_series(folder, tmp_path / "ours", pattern=pattern, gzip=False, anonymize=False, progress=False)
    assert names(tmp_path / "ours") == names(tmp_path / "theirs")


def test_images_of_xa_are_numbered_with_their_series(tmp_path):
    made = convert_series(
        interoperable(tmp_path / "in", turned=True),
        tmp_path / "out",
        pattern="%s",
        gzip=False,
        progress=False,
    )
    assert sorted(names(tmp_path / "out"))[1] == "2001_i2001001.nii"
    assert len(made.outputs) == 4


def test_images_without_excitation_say_so(tmp_path):
    source = interoperable(tmp_path / "in", text="ORIGINAL\\PRIMARY\\M\\NOISE")
    convert_series(source, tmp_path / "out", pattern="%s", gzip=False, progress=False)
    assert names(tmp_path / "out") == ["2001_noRF.json", "2001_noRF.nii"]


@pytest.mark.parametrize("pattern", ["%h", "a/%H_%s"])
def test_names_are_not_guessed(tmp_path, pattern):
    with pytest.raises(ValueError, match="sub-%i"):
        convert_series(tmp_path, tmp_path / "out", pattern=pattern)


@pytest.mark.skipif(_release() != RELEASE, reason=f"dcm2niix {RELEASE} is not here")
@pytest.mark.parametrize(
    "elements",
    [
        {"SequenceName": "*fl3d1_ns"},
        {"SequenceName": "*fl2d1", "SeriesDescription": "b1map"},
        {"ProtocolName": "AAHScout"},
        {"SequenceName": "*tfl3d1_16ns"},
    ],
)
def test_localizers_left_out_like_dcm2niix(tmp_path, elements):
    source = single(tmp_path / "in", sequence="gre", **elements)
    (tmp_path / "theirs").mkdir()
    options = ["-z", "n", "-i", "y", "-f", "%s", "-o", str(tmp_path / "theirs"), str(source)]
    subprocess.run([oracle.PROGRAM, *options], check=False, capture_output=True, timeout=120)
    convert_series(source, tmp_path / "ours", pattern="%s", gzip=False, progress=False, skip_derived=True)
    assert names(tmp_path / "ours") == names(tmp_path / "theirs")
