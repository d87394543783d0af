"""Made series of many makers and kinds: the same outputs as dcm2niix, where it is installed."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from pydcm.dataset import Dataset
from pydcm_pixels.volume import convert_series, from_nifti
from pydcm_testing.programs import dcm2niix

MAKERS = ["SIEMENS", "GE MEDICAL SYSTEMS", "Philips Medical Systems", "UIH", "TOSHIBA", "Hitachi", "ACME", ""]
MR = {
    "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
    "EchoTime": 5,
    "RepetitionTime": 2000,
    "MRAcquisitionType": "2D",
    "ScanningSequence": "GR",
    "ProtocolName": "prot",
}
CT = {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "RescaleIntercept": -1024, "ProtocolName": "prot"}
PET = {"ImageType": ["ORIGINAL", "PRIMARY"], "Units": "BQML", "ProtocolName": "prot"}
PLANES = ([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1])


def pixels(number, dtype="i2"):
    return (np.arange(168).reshape(12, 14) * 3 + 100 * number).astype(dtype)


def volumes(builder, values, slices=4, step=2.0, order="tz", dtype="i2"):
    """Write slices of volumes that `values` (one dict per volume, or functions of z) tell apart."""
    pairs = [(t, z) for t in range(len(values)) for z in range(slices)]
    if order == "zt":
        pairs.sort(key=lambda pair: pair[1])
    for t, z in pairs:
        own = {name: value(z) if callable(value) else value for name, value in values[t].items()}
        builder.add(pixels(t * slices + z, dtype), [0, 0, z * step], **own)


def directions(builder, across=3):
    for orientation in PLANES:
        for at in range(across):
            position = (np.cross(orientation[:3], orientation[3:]) * at * 5.0).tolist()
            builder.add(pixels(builder.count), position, ImageOrientationPatient=orientation)


def item(**elements):
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def enhanced(builder, frames):
    """Write one multi-frame file: (number of the pixels, z, functional groups) per frame, in this order."""
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.75], SliceThickness=2, SpacingBetweenSlices=2)],
        PlaneOrientationSequence=[item(ImageOrientationPatient=PLANES[0])],
    )
    groups = []
    for at, (_, z, own) in enumerate(frames):
        content = {"StackID": "1", "InStackPositionNumber": z + 1, "DimensionIndexValues": [1, z + 1, at + 1]}
        content |= own.pop("FrameContentSequence", {})
        sequences = {name: [item(**value)] for name, value in own.items()}
        place = item(ImagePositionPatient=[0, 0, z * 2.0])
        groups.append(
            item(PlanePositionSequence=[place], FrameContentSequence=[item(**content)], **sequences)
        )
    builder.common |= {"ImageOrientationPatient": None, "PixelSpacing": None, "SliceThickness": None}
    builder.add(
        np.stack([pixels(number, "u2") for number, _, _ in frames]),
        NumberOfFrames=len(frames),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1",
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=groups,
    )


def weighting(b_value, direction):
    found = {"DiffusionBValue": b_value, "DiffusionDirectionality": "DIRECTIONAL" if direction else "NONE"}
    if direction:
        found["DiffusionGradientDirectionSequence"] = [item(DiffusionGradientOrientation=direction)]
    return {"MRDiffusionSequence": found}


def types(letter, component):
    return {
        "MRImageFrameTypeSequence": {
            "FrameType": ["ORIGINAL", "PRIMARY", letter, "NONE"],
            "ComplexImageComponent": component,
        }
    }


WEIGHTS = [weighting(0.0, None), weighting(1000.0, [1, 0, 0]), weighting(1000.0, [0, 1, 0])]
ENHANCED = {
    "one volume": [{}],
    "times": [{"FrameContentSequence": {"TemporalPositionIndex": t}} for t in (1, 2, 3)],
    "echoes": [{"MREchoSequence": {"EffectiveEchoTime": 5.0 * e}} for e in (1, 2)],
    "components": [types("M", "MAGNITUDE"), types("P", "PHASE")],
    "diffusion": WEIGHTS,
}


def enhanced_volumes(kinds):
    def write(builder):
        frames = []
        for z in range(4):
            for t, kind in enumerate(kinds):
                own = {name: dict(value) for name, value in kind.items()}
                own.setdefault("FrameContentSequence", {})["DimensionIndexValues"] = [1, z + 1, t + 1]
                frames.append((t * 4 + z, z, own))
        enhanced(builder, frames)

    return write


def slab(orientation, step):
    def write(builder):
        for z in range(5):
            place = [round(one * z, 6) for one in step]
            builder.add(pixels(z), place, ImageOrientationPatient=orientation, MRAcquisitionType="3D")

    return write


def private(builder, group, creator, values):
    """Write volumes that private elements tell apart: one dict of element to (VR, value) per volume."""
    for t, elements in enumerate(values):
        for z in range(3):
            ds = builder.dataset(
                pixels(builder.count), ImagePositionPatient=[0, 0, z * 2.0], AcquisitionNumber=t + 1
            )
            block = ds.private_block(group, creator, create=True)
            for element, (vr, value) in elements.items():
                block.add_new(element, vr, value)
            ds.save_as(builder.folder / f"{builder.count:04d}.dcm", enforce_file_format=True)


B_VALUES = [{0x0C: ("IS", 0)}, *({0x0C: ("IS", 1000), 0x0E: ("FD", v)} for v in ([1.0, 0, 0], [0, 0.6, 0.8]))]

MAKERS_CASES = {
    "echoes": lambda b: volumes(b, [{"EchoTime": 5 * n, "EchoNumbers": n} for n in (1, 2, 3)]),
    "dynamic": lambda b: volumes(
        b, [{"AcquisitionNumber": n + 1, "AcquisitionTime": f"1015{2 * n:02d}.0"} for n in range(5)]
    ),
    "components": lambda b: volumes(b, [{"ImageType": ["ORIGINAL", "PRIMARY", c, "ND"]} for c in "MP"]),
    "repeated": lambda b: volumes(b, [{}] * 4),
    "planes": directions,
    "flip angles": lambda b: volumes(b, [{"FlipAngle": angle} for angle in (5, 26)]),
    "inversions": lambda b: volumes(b, [{"InversionTime": time} for time in (100, 300, 900)]),
    "coils": lambda b: volumes(b, [{"ReceiveCoilName": coil} for coil in ("C1", "C2")]),
    "downwards": lambda b: volumes(b, [{}], step=-2.0),
    "one instance number": lambda b: volumes(b, [{"InstanceNumber": 1}]),
    "bytes": lambda b: volumes(b, [{}], slices=2, dtype="u1"),
}
CASES = {
    "GE: time in a slice-major series": (
        "MR",
        {**MR, "Manufacturer": "GE MEDICAL SYSTEMS", "NumberOfTemporalPositions": 4},
        lambda b: volumes(b, [{"TriggerTime": lambda z, t=t: t * 2000 + z * 100} for t in range(4)], order="zt"),
    ),
    "Philips: cardiac phases": (
        "MR",
        {**MR, "Manufacturer": "Philips Medical Systems"},
        lambda b: volumes(b, [{"TriggerTime": t * 33.0} for t in range(6)], order="zt"),
    ),
    "GE: real and imaginary": (
        "MR",
        {**MR, "Manufacturer": "GE MEDICAL SYSTEMS"},
        lambda b: private(b, 0x0043, "GEMS_PARM_01", [{0x2F: ("SS", c)} for c in (0, 2, 3)]),
    ),
    "Siemens: diffusion": (
        "MR",
        {**MR, "Manufacturer": "SIEMENS"},
        lambda b: private(b, 0x0019, "SIEMENS MR HEADER", B_VALUES),
    ),
    "two numbers, one UID": (
        "MR",
        MR,
        lambda b: volumes(b, [{"SeriesNumber": number} for number in (3, 4)]),
    ),
    "a slice without position": (
        "MR",
        {**MR, "Manufacturer": "SIEMENS"},
        lambda b: [b.add(pixels(z), None if z == 2 else [0, 0, z * 2.0]) for z in range(4)],
    ),
    "every slice at one place": (
        "MR",
        {**MR, "Manufacturer": "SIEMENS"},
        lambda b: [b.add(pixels(z), [0, 0, 0], AcquisitionTime=f"10150{z}") for z in range(4)],
    ),
    "slab": ("MR", {**MR, "MRAcquisitionType": "3D", "ImageOrientationPatient": PLANES[2]},
             lambda b: [b.add(pixels(z), [z * 1.0, 0, 0]) for z in range(5)]),
    "CT": ("CT", CT, lambda b: volumes(b, [{}], step=-2.5)),
    "CT: 12 bits": ("CT", CT, lambda b: volumes(b, [{"BitsStored": 12}], dtype="u2")),
    "CT: two phases": (
        "CT",
        CT,
        lambda b: volumes(b, [{"AcquisitionNumber": n, "AcquisitionTime": f"10150{n}"} for n in (1, 2)]),
    ),
    "CT: uneven": ("CT", CT, lambda b: [b.add(pixels(z), [0, 0, at]) for z, at in enumerate((0, 3, 6, 10, 14.9))]),
    "PET: scalings": ("PT", PET, lambda b: volumes(b, [{"RescaleSlope": lambda z: 1 + z / 7}], slices=6)),
    "PET: dynamic": (
        "PT",
        PET,
        lambda b: volumes(
            b,
            [
                {"RescaleSlope": 1 + t / 7, "FrameReferenceTime": t * 60000, "AcquisitionTime": f"10{t:02d}00"}
                for t in range(3)
            ],
        ),
    ),
    "dose": ("RTDOSE", {"ProtocolName": "prot"}, lambda b: volumes(b, [{}], dtype="i4")),
}  # fmt: skip
SLABS = {
    "coronal": slab(PLANES[1], (0, 1.2, 0)),
    "sagittal": slab(PLANES[2], (-1.2, 0, 0)),
    "oblique": slab([0.9961947, 0.0871557, 0, 0, 0, -1], (-0.1045868, 1.1954336, 0)),
}
CASES |= {
    **{f"slab, {name}": ("MR", MR, write) for name, write in SLABS.items()},
    **{
        f"enhanced {name}, {maker[:7]}": ("MR", {**MR, "Manufacturer": maker}, enhanced_volumes(kinds))
        for name, kinds in ENHANCED.items()
        for maker in ("Philips Medical Systems", "Canon")
    },
    "Philips: four components": (
        "MR",
        {**MR, "Manufacturer": "Philips Medical Systems"},
        lambda b: volumes(b, [{"ImageType": ["ORIGINAL", "PRIMARY", f"{c}_FFE", c, "FFE"]} for c in "MRIP"]),
    ),
    "one slice, many times": (
        "MR",
        MR,
        lambda b: volumes(b, [{"AcquisitionNumber": t} for t in range(1, 6)], slices=1),
    ),
    "negative slope": (
        "MR",
        {**MR, "RescaleSlope": -2, "RescaleIntercept": 4095},
        lambda b: volumes(b, [{}]),
    ),
    "derived": (
        "MR",
        {**MR, "ImageType": ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]},
        lambda b: volumes(b, [{}]),
    ),
}
ALL = {
    **{
        f"{name}, {maker[:6] or 'unknown'}": ("MR", {**MR, "Manufacturer": maker}, write)
        for name, write in MAKERS_CASES.items()
        for maker in MAKERS
    },
    **CASES,
}


@pytest.fixture(scope="session")
def program():
    found = dcm2niix()
    if found is None:
        pytest.skip("dcm2niix 1.0.20260724 is not installed")
    return found


def canonical(path):
    volume = from_nifti(path)
    return volume.reorient("RAS")


@pytest.mark.parametrize("name", ALL)
def test_same_outputs(series, tmp_path, program, name):
    modality, common, write = ALL[name]
    builder = series(modality, **common)
    write(builder)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    subprocess.run(
        [program, "-b", "n", "-f", "%p_%s", "-o", str(theirs), str(builder.folder)],
        check=True,
        capture_output=True,
    )
    convert_series(builder.folder, ours, pattern="%p_%s", gzip=False, sidecar=False, progress=False)
    expected, made = ({p.name: canonical(p) for p in folder.glob("*.nii")} for folder in (theirs, ours))
    assert set(made) == set(expected)
    left = list(made.values())
    irregular = any("_Eq" in one for one in expected)
    for label, volume in expected.items():
        # which of two outputs gets the bare name depends on the order of the folder's entries there
        same = [one for one in left if np.array_equal(one.pixels, volume.pixels)]
        assert same, label
        if not irregular or "_Eq" in label:
            assert np.allclose(same[0].affine, volume.affine, atol=1e-3)
        left = [one for one in left if one is not same[0]]
