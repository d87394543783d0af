"""Spectra become NIfTI-MRS."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest

from pydcm.dataset import Dataset
from pydcm_pixels._bids.command import register
from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels.volume import bids_sidecar, list_series

from .made import CSA, OBLIQUE, POSITION, classic, fid, series, spectra, written
from .read import read


def convert(folder, target, **options):
    """Convert without compression; return what was found, and the outputs by name."""
    found = convert_series(
        folder,
        target,
        **{"pattern": "%s_%p", "gzip": False, "anonymize": False, "progress": False, **options},
    )
    return found, {path.stem: read(path) for path in sorted(target.glob("*.nii"))}


def sidecar(target, name="30_svs_se"):
    return json.loads((target / f"{name}.json").read_text(encoding="utf-8"))


def numbers(count, seed=1):
    """Return the samples that a made file has."""
    return fid(count, seed).view("<c8")


def test_one_voxel(tmp_path):
    found, made = convert(written(spectra(), tmp_path / "in"), tmp_path / "out")
    (output,) = found.outputs
    assert found.left_out == [] and output.notes == [] and output.shape == (16, 1, 1, 1)
    nifti = made["30_svs_se"]
    assert nifti.dim == (4, 1, 1, 1, 16, 1, 1, 1)
    np.testing.assert_allclose(nifti.pixdim, [1, 20, 25, 15, 5e-4, 1, 1, 1])
    expected = {"datatype": 32, "bitpix": 64, "scl": (1, 0), "xyzt_units": 10, "forms": (0, 2), "ecode": 44}
    assert {name: nifti.fields[name] for name in expected} == expected
    assert nifti.fields["intent_name"] == "mrs_v0_11"
    # XA scanners store the conjugate
    np.testing.assert_array_equal(nifti.samples.ravel(), numbers(16).conj())
    axes = np.array(OBLIQUE).reshape(2, 3)
    lps = np.column_stack([axes[0] * 20, axes[1] * 25, np.cross(*axes) * 15, POSITION])
    np.testing.assert_allclose(nifti.srow, np.diag([-1, -1, 1]) @ lps, rtol=1e-6)


def test_sidecar_and_extension(tmp_path):
    _, made = convert(written(spectra(), tmp_path / "in"), tmp_path / "out")
    facts = sidecar(tmp_path / "out")
    expected = {
        "EchoTime": 0.03,
        "RepetitionTime": 2,
        "FlipAngle": 90,
        "SpectralWidth": 2000,
        "DwellTime": 0.0005,
        "SpectrometerFrequency": [123.25],
        "ResonantNucleus": ["1H"],
        "NumberOfSpectralPoints": 16,
        "AcquisitionVoxelSize": [20, 25, 15],
        "NumberOfTransients": 8,
        "ScanningSequence": "SVS",
        "dim_5": "DIM_DYN",
        "TransmitCoilName": "Body",
        "InversionTime": 0,
        "WaterSuppressed": True,
        "MRSpectroscopyAcquisitionType": "SINGLE_VOXEL",
        "BidsGuess": ["mrs", "_svs"],
    }
    assert {name: facts.get(name) for name in expected} == expected
    assert list(facts).index("SpectralWidth") < list(facts).index("ImageOrientationPatientDICOM")
    # slabs: the first is as thick as the slice, the second as wide as columns are long
    np.testing.assert_allclose(np.array(facts["VOI"])[:3, :3] ** 2 @ np.ones(3) >= 0, True)
    np.testing.assert_allclose(np.linalg.norm(np.array(facts["VOI"])[:3, :3], axis=0), [15, 20, 25])
    extension = made["30_svs_se"].extension
    assert extension["kSpace"] == [False] * 3 and extension["OriginalFile"] == ["a.dcm"]
    assert extension["PatientName"] == "Nobody^At All" and extension["PatientDoB"] == "19800102"
    assert extension["TxCoil"] == "Body" and extension["RxCoil"] == "Head32"
    assert extension["VOI"] == facts["VOI"] and extension["ExcitationFlipAngle"] == 90


@pytest.mark.parametrize("anonymize", [True, "patient"])
def test_no_patient_in_the_extension(tmp_path, anonymize):
    _, made = convert(written(spectra(), tmp_path / "in"), tmp_path / "out", anonymize=anonymize)
    extension = made["30_svs_se"].extension
    assert (
        not {"PatientName", "PatientID", "PatientWeight", "PatientDoB", "PatientSex", "OriginalFile"}
        & extension.keys()
    )
    assert "Nobody" not in (tmp_path / "out" / "30_svs_se.nii").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    ("maker", "version", "conjugated"),
    [
        ("SIEMENS", "syngo MR XA30", True),
        ("SIEMENS", "syngo MR E11", False),
        ("Philips Medical Systems", "5.7", True),
        ("GE MEDICAL SYSTEMS", "29", False),
        ("UIH", "", False),
    ],
)
def test_sign_of_the_imaginary_part(tmp_path, maker, version, conjugated):
    ds = spectra(maker)
    ds.SoftwareVersions = version
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    samples = numbers(16)
    np.testing.assert_array_equal(
        made["30_svs_se"].samples.ravel(), samples.conj() if conjugated else samples
    )


def test_place_of_other_makers(tmp_path):
    axes = np.array(OBLIQUE).reshape(2, 3)
    scaled = (*(axes[0] * 20), *(axes[1] * 25))
    _, philips = convert(written(spectra("Philips"), tmp_path / "p"), tmp_path / "po")
    _, uih = convert(written(spectra("UIH", orientation=scaled), tmp_path / "u"), tmp_path / "uo")
    lps = np.column_stack([axes[0] * 20, axes[1] * 25, np.cross(*axes) * 15, POSITION])
    flip = np.diag([-1, -1, 1])
    np.testing.assert_allclose(philips["30_svs_se"].srow, flip @ (lps * [-1, -1, 1, 1]), rtol=1e-6)
    lps[:, 3] += lps[:, :2] @ [0.5, 0.5]
    np.testing.assert_allclose(uih["30_svs_se"].srow, flip @ lps, rtol=1e-5)


def test_repetitions_are_the_fifth_dimension(tmp_path):
    folder = series(tmp_path / "in", 3, spectra, lambda ds, at: setattr(ds, "InstanceNumber", 3 - at))
    found, made = convert(folder, tmp_path / "out")
    nifti = made["30_svs_se"]
    assert nifti.dim == (5, 1, 1, 1, 16, 3, 1, 1) and found.outputs[0].shape == (3, 16, 1, 1, 1)
    for at in range(3):  # in the order of their numbers
        np.testing.assert_array_equal(nifti.samples[0, 0, 0, :, at], numbers(16, 3 - at).conj())
    assert sidecar(tmp_path / "out")["NumberOfTransients"] == 24
    assert nifti.extension["OriginalFile"] == ["002.dcm", "001.dcm", "000.dcm"]


def test_echoes_and_voxels_are_apart(tmp_path):
    def echo(ds, at):
        ds.SharedFunctionalGroupsSequence[0].MREchoSequence[0].EffectiveEchoTime = 30.0 + 10 * at

    def voxel(ds, at):
        place = ds.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
        place.ImagePositionPatient = [0.0, 0.0, 5.0 * at]

    _, made = convert(series(tmp_path / "e", 2, spectra, echo), tmp_path / "eo")
    assert sorted(made) == ["30_svs_se_e30", "30_svs_se_e40"]
    _, made = convert(tmp_path / "e", tmp_path / "em", merge=True)
    assert sorted(made) == ["30_svs_se"] and made["30_svs_se"].dim[5] == 2

    def noise(ds, at):
        place = ds.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
        place.ImagePositionPatient = [0.0, 0.0, 5.00005 + (at - 1) * 4e-5]

    _, made = convert(series(tmp_path / "n", 3, spectra, noise), tmp_path / "no")
    assert made["30_svs_se"].dim[5] == 3
    found, made = convert(series(tmp_path / "v", 2, spectra, voxel), tmp_path / "vo")  # dcm2niix gives up
    assert sorted(made) == ["30_svs_se", "30_svs_sea"] and found.left_out == []
    assert {nifti.srow[2, 3] for nifti in made.values()} == {0, 5}


@pytest.mark.parametrize("maker", ["Philips", "SIEMENS"])
def test_signals_of_water_beside(tmp_path, maker):
    _, made = convert(written(spectra(maker, times=2), tmp_path / "in"), tmp_path / "out")
    assert sorted(made) == ["30_mrsref_se", "30_svs_se"]
    both = numbers(32).conj()
    np.testing.assert_array_equal(made["30_svs_se"].samples.ravel(), both[:16])
    np.testing.assert_array_equal(made["30_mrsref_se"].samples.ravel(), both[16:])
    facts = sidecar(tmp_path / "out", "30_mrsref_se")
    assert facts["WaterSuppressed"] is False and facts["BidsGuess"] == ["mrs", "_mrsref"]
    assert made["30_mrsref_se"].extension["WaterSuppressed"] is False
    assert sidecar(tmp_path / "out")["WaterSuppressed"] is True


def test_name_that_says_water(tmp_path):
    ds = spectra()
    ds.SeriesDescription = "svs_wrsoff"
    convert(written(ds, tmp_path / "in"), tmp_path / "out")
    facts = sidecar(tmp_path / "out")
    assert facts["WaterSuppressed"] is False and facts["BidsGuess"] == ["mrs", "_mrsref"]


def test_many_signals_in_one_file(tmp_path):
    _, made = convert(written(spectra("Philips", times=5), tmp_path / "p"), tmp_path / "po")
    assert made["30_svs_se"].dim == (5, 1, 1, 1, 16, 5, 1, 1)
    np.testing.assert_array_equal(made["30_svs_se"].samples.ravel(order="F"), numbers(80).conj())
    found, made = convert(written(spectra(times=5), tmp_path / "s"), tmp_path / "so")
    assert made["30_svs_se"].dim[0] == 4 and "the first is taken" in found.outputs[0].notes[0]


def test_grid(tmp_path):
    ds = spectra(kind="VOLUME", grid=(4, 3, 2))
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    nifti = made["30_svs_se"]
    assert nifti.dim == (4, 4, 3, 2, 16, 1, 1, 1)
    stored = numbers(4 * 3 * 2 * 16).reshape(2, 3, 4, 16).conj()
    np.testing.assert_array_equal(nifti.samples, stored.transpose(2, 1, 0, 3))
    facts = sidecar(tmp_path / "out")
    assert (
        facts["ScanningSequence"] == "MRSI"
        and facts["BidsGuess"] == ["mrs", "_mrsi"]
        and "dim_5" not in facts
    )


def test_grid_of_uih(tmp_path):
    ds = spectra("UIH", kind="PLANE", grid=(4, 3, 1), orientation=(1, 0, 0, 0, 1, 0))
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    nifti = made["30_svs_se"]
    assert nifti.dim[:5] == (4, 3, 4, 1, 16) and nifti.pixdim[0] == -1
    stored = numbers(4 * 3 * 16).reshape(4, 3, 1, 16)  # columns outermost
    np.testing.assert_array_equal(nifti.samples, stored.transpose(1, 0, 2, 3))
    np.testing.assert_allclose(nifti.srow, [[-25, 0, 0, -22.5], [0, -20, 0, 10], [0, 0, -15, 22.5]])


def test_no_negative_zeros_in_grids(tmp_path):
    ds = spectra(kind="PLANE", grid=(2, 2, 1))
    ds[0x56000020].value = np.tile(np.array([1, -0.0], "<f4"), 64).tobytes()
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert not np.signbit(made["30_svs_se"].samples.imag).any()


def test_private_class(tmp_path):
    _, made = convert(written(classic(), tmp_path / "in"), tmp_path / "out")
    nifti = made["30_svs_se"]
    np.testing.assert_array_equal(nifti.samples.ravel(), numbers(16))
    np.testing.assert_allclose(nifti.pixdim[1:5], [25, 20, 15, 5e-4])
    np.testing.assert_allclose(nifti.srow[:, 3], [-10.5, 20.25, 30.125])
    facts = sidecar(tmp_path / "out")
    expected = {
        "SpectrometerFrequency": [123.25],
        "ResonantNucleus": ["1H"],
        "EchoTime": 0.03,
        "RepetitionTime": 2,
        "FlipAngle": 90,
        "NumberOfTransients": 4,
        "ScanningSequence": "Unlocalized MRS",  # as dcm2niix: the class does not say
        "BidsGuess": ["mrs", "_svs"],
        "ReceiveCoilName": "HEA;HEP",
        "TransmitCoilName": "Body",
        "SequenceName": "*svs_se",
        "RawImage": False,
    }
    assert {name: facts.get(name) for name in expected} == expected
    assert facts["VOI"][0][3] == -10.5


def test_private_class_with_a_grid(tmp_path):
    _, made = convert(written(classic(grid=(4, 3, 2)), tmp_path / "in"), tmp_path / "out")
    nifti = made["30_svs_se"]
    stored = numbers(4 * 3 * 2 * 16).reshape(2, 3, 4, 16)
    np.testing.assert_array_equal(nifti.samples, stored.transpose(2, 1, 0, 3))
    # the stated place is that of the middle of the grid
    np.testing.assert_allclose(nifti.srow[:, 3], [22.14, 42.27, 33.625], rtol=1e-6)
    assert sidecar(tmp_path / "out")["MRSpectroscopyAcquisitionType"] == "VOLUME"


def test_echo_times_of_several_pulses_are_added(tmp_path):
    lines = {"alTE[0]": 20000, "alTE[1]": 15000, "alTE[3]": 7}
    convert(written(classic(lines=lines), tmp_path / "in"), tmp_path / "out")
    assert sidecar(tmp_path / "out")["EchoTime"] == 0.035


def test_elements_come_before_the_private_header(tmp_path):
    ds = classic()
    ds.RepetitionTime, ds.SpectralWidth, ds.ImagePositionPatient = 88, 1234.0, [1, 2, 3]
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    facts = sidecar(tmp_path / "out")
    assert facts["RepetitionTime"] == 0.088 and facts["SpectralWidth"] == 1234
    np.testing.assert_allclose(made["30_svs_se"].srow[:, 3], [-1, -2, 3])


def test_without_a_place(tmp_path):
    entries = {name: [] for name in CSA if name.startswith(("Voi", "Pixel", "Slice", "ImageO", "ImageP"))}
    found, made = convert(written(classic(entries=entries), tmp_path / "in"), tmp_path / "out")
    nifti = made["30_svs_se"]
    assert nifti.fields["forms"] == (0, 0) and not nifti.srow.any()
    np.testing.assert_allclose(nifti.pixdim[:4], [1, 1, 1, 0])
    assert "no affine" in found.outputs[0].notes[0] and "BidsGuess" not in sidecar(tmp_path / "out")


def test_without_nucleus_no_extension(tmp_path):
    ds = spectra()
    del ds.ResonantNucleus
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert made["30_svs_se"].extension is None and made["30_svs_se"].fields["intent_name"] == ""


def test_without_groups_of_frames(tmp_path):
    ds = spectra()
    del ds.PerFrameFunctionalGroupsSequence
    convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert sidecar(tmp_path / "out")["EchoTime"] == 0.03


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ds: delattr(ds, "DataPointColumns"), "(0028,9002) Data Point Columns"),
        (lambda ds: setattr(ds, "DataPointColumns", 2**31 - 1), "spectra of 128 bytes, 17179869176 expected"),
        (lambda ds: setattr(ds[0x56000020], "value", b"\0" * 100), "spectra of 100 bytes, 128 expected"),
        (lambda ds: setattr(ds[0x56000020], "value", b""), "spectra of 0 bytes"),
        (lambda ds: delattr(ds, "SpectroscopyData"), "no image: MR Spectroscopy Storage"),
    ],
)
def test_broken(tmp_path, change, reason):
    ds = spectra()
    change(ds)
    found, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert made == {} and found.outputs == [] and reason in found.left_out[0][1]


@pytest.mark.parametrize("value", [[float("nan")] * 6, [0] * 6, [1, 0, 0, 1, 0, 0], [9, 0, 0, 0, 9, 0]])
def test_impossible_orientations(tmp_path, value):
    ds = spectra()
    ds.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient = value
    _, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert made["30_svs_se"].fields["forms"] == (0, 0)


def test_damaged_private_headers(tmp_path):
    whole = bytes(classic()[0x00291010].value)
    for cut in (0, 3, 15, 100, 2000, len(whole) - 7):
        ds = classic()
        ds[0x00291010].value = whole[:cut] + b"\xff" * (len(whole) - cut)
        found, _ = convert(written(ds, tmp_path / f"in{cut}"), tmp_path / f"out{cut}")
        assert len(found.outputs) + len(found.left_out) == 1


def test_spectra_are_no_images(tmp_path):
    folder = written(spectra(kind="PLANE", grid=(4, 3, 1)), tmp_path / "in")
    listed = list_series(folder, progress=False)
    assert list(listed) == [] and listed.left_out[0][1] == "no image: MR Spectroscopy Storage"


def test_nothing_but_nifti(tmp_path):
    folder = written(spectra(), tmp_path / "in")
    found, made = convert(folder, tmp_path / "out", nrrd=True)
    assert made == {} and "as NIfTI alone" in found.left_out[0][1]
    found, made = convert(folder, tmp_path / "alone", sidecar="only")
    assert made == {} and [path.suffix for path in (tmp_path / "alone").iterdir()] == [".json"]
    found, made = convert(folder, tmp_path / "bare", sidecar=False)
    assert list(made) == ["30_svs_se"] and len(list((tmp_path / "bare").iterdir())) == 1


def test_outputs_are_not_replaced(tmp_path):
    folder = written(spectra(), tmp_path / "in")
    convert(folder, tmp_path / "out")
    _, made = convert(folder, tmp_path / "out")
    assert sorted(made) == ["30_svs_se", "30_svs_sea"]
    found, _ = convert(folder, tmp_path / "out", on_conflict="skip")
    assert found.left_out[0][1] == "its output is there already"
    _, made = convert(folder, tmp_path / "out", on_conflict="overwrite")
    assert len(made) == 2


def test_more_points_than_nifti_1_has(tmp_path):
    found, _ = (
        convert_series(written(spectra(points=40000), tmp_path / "in"), tmp_path / "out", gzip=False),
        None,
    )
    content = (tmp_path / "out").glob("*.nii").__next__().read_bytes()
    assert found.outputs[0].shape == (40000, 1, 1, 1) and content[:4] == (540).to_bytes(4, "little")


def test_copies(tmp_path):
    ds = spectra()
    written(ds, tmp_path / "in")
    found, made = convert(written(ds, tmp_path / "in", "b.dcm"), tmp_path / "out")
    assert len(made) == 1 and "there twice" in found.left_out[0][1]


def test_class_without_anything(tmp_path):
    ds = classic(entries=dict.fromkeys(CSA), lines={"x": 1})
    ds.ImageType = ["DERIVED", "PRIMARY", "DIFFUSION", "NONE"]
    found, made = convert(written(ds, tmp_path / "in"), tmp_path / "out")
    assert made == {} and found.left_out[0][1] == "no image: Siemens CSA Non-Image Storage"
    assert isinstance(ds, Dataset)


@pytest.mark.parametrize("make", [spectra, classic])
def test_sidecar_alone(tmp_path, make):
    ds = make()
    folder = written(ds, tmp_path / "in")
    convert(folder, tmp_path / "out")
    for source in (folder / "a.dcm", ds):
        facts = bids_sidecar(source)
        assert facts == sidecar(tmp_path / "out") and list(facts) == list(sidecar(tmp_path / "out"))
    assert "SpectroscopyData" in ds or 0x7FE11010 in ds  # the data set is as it was
    assert "PatientName" not in bids_sidecar(ds, anonymize=True)


def test_command(tmp_path, capsys):
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())

    def main(words):
        args = parser.parse_args(words)
        args.func(args)

    folder = written(spectra(), tmp_path / "in")
    main(["convert-series", "-n", "-1", str(folder)])
    code, *rest = capsys.readouterr().out.strip().split("\t")
    assert rest == ["30", "MR", "spectra", "made of nothing"]
    main(["convert-series", "-n", code, "-z", "n", "-f", "%s", str(folder), str(tmp_path / "out")])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["30.json", "30.nii"]
    with pytest.raises(SystemExit):
        main(["convert-series", "-n", "1", str(folder), str(tmp_path / "other")])
    assert "another series" in capsys.readouterr().err
