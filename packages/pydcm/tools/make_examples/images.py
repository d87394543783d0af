"""CT, MR, colour, palette, JPEG 2000 and overlay examples, and a small File-set."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from common import DATE, TIME, fixed_uid, give_meta, new_instance, save

from pydcm.dataset import Dataset
from pydcm.encaps import encapsulate
from pydcm.uid import JPEG2000Lossless, JPEGBaseline8Bit

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
MR_CLASS = "1.2.840.10008.5.1.4.1.1.4"
US_CLASS = "1.2.840.10008.5.1.4.1.1.6.1"
US_MULTIFRAME_CLASS = "1.2.840.10008.5.1.4.1.1.3.1"


def write_all(folder: Path) -> None:
    """Write all files of this module."""
    # The name that pydicom's first tutorial prints
    save(ct("ct", 128, "CompressedSamples^CT1", "1CT1"), folder / "CT_small.dcm")
    save(mr("mr", 64, "CompressedSamples^MR1", "4MR1"), folder / "MR_small.dcm")
    save(rgb(), folder / "examples_rgb_color.dcm")
    save(palette(), folder / "examples_palette.dcm")
    save(overlay(), folder / "examples_overlay.dcm")
    write_jpeg(folder / "examples_ybr_color.dcm")
    write_jpeg2000(folder / "examples_jpeg2k.dcm")
    write_no_meta(folder / "no_meta.dcm")
    write_file_set(folder / "file_set")


# ---- drawing


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of the pixels, y and x from -1 to 1 (rows, columns)."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    return y, x


def ellipse(y: np.ndarray, x: np.ndarray, cy: float, cx: float, ry: float, rx: float) -> np.ndarray:
    """Return where the pixels are inside an ellipse."""
    return ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1


def chest(size: int, level: float = 0.0) -> np.ndarray:
    """Return a drawn slice through a chest in Hounsfield units, int16 (size, size); `level` from -1 to 1."""
    y, x = grid(size, size)
    hu = np.full((size, size), -1000.0)
    hu[ellipse(y, x, 0, 0, 0.7, 0.92)] = -100  # fat
    hu[ellipse(y, x, 0, 0, 0.64, 0.86)] = 45  # muscle
    hu[ellipse(y, x, 0, 0, 0.54, 0.74) & ~ellipse(y, x, 0, 0, 0.49, 0.69)] = 500  # ribs
    shrink = 1 - 0.35 * abs(level)
    for side in (-1, 1):
        hu[ellipse(y, x, -0.02, 0.36 * side, 0.42 * shrink, 0.27 * shrink)] = -850  # lungs
    hu[ellipse(y, x, -0.12, 0.1, 0.22 * shrink, 0.24 * shrink)] = 50  # heart
    hu[ellipse(y, x, 0.3, 0.06, 0.06, 0.05)] = 180  # aorta
    hu[ellipse(y, x, 0.45, 0, 0.12, 0.14)] = 350  # vertebra
    hu[ellipse(y, x, 0.45, 0, 0.07, 0.08)] = 700
    hu[(y > 0.82) & (y < 0.86) & (abs(x) < 0.9)] = 200  # table
    noise = np.random.default_rng(7).normal(0, 8, hu.shape)
    return np.round(hu + noise * (hu > -900)).astype("int16")


def head(rows: int, columns: int, contrast: float = 1.0) -> np.ndarray:
    """Return a drawn slice through a head, uint16 (rows, columns)."""
    y, x = grid(rows, columns)
    image = np.zeros((rows, columns))
    image[ellipse(y, x, 0, 0, 0.92, 0.75)] = 900  # scalp
    image[ellipse(y, x, 0, 0, 0.85, 0.68)] = 60  # skull
    image[ellipse(y, x, 0, 0, 0.8, 0.63)] = 520 * contrast  # grey matter
    image[ellipse(y, x, -0.02, 0, 0.62, 0.46)] = 700  # white matter
    for side in (-1, 1):
        image[ellipse(y, x, -0.05, 0.13 * side, 0.3, 0.08)] = 180  # ventricles
    image[ellipse(y, x, 0.3, -0.28, 0.1, 0.09)] = 1000  # something to find
    noise = np.random.default_rng(11).rayleigh(12, image.shape)
    return np.round(image + noise).astype("uint16")


def fan(rows: int, columns: int, phase: float = 0.0) -> np.ndarray:
    """Return a drawn ultrasound image with coloured flow, uint8 (rows, columns, 3); `phase` from 0 to 1."""
    y, x = grid(rows, columns)
    depth = np.hypot(y + 1.05, x)
    inside = (depth < 1.95) & (abs(np.arctan2(x, y + 1.05)) < 0.62)
    speckle = np.random.default_rng(3).integers(60, 120, (rows // 4 + 1, columns // 4 + 1))
    grey = np.kron(speckle, np.ones((4, 4), int))[:rows, :columns] * (1.1 - depth / 2.2)
    beat = 0.03 * np.sin(2 * np.pi * phase)
    grey[ellipse(y, x, 0.1, 0, 0.38 + beat, 0.3 + beat)] = 8
    image = np.repeat(np.where(inside, np.clip(grey, 0, 255), 0)[..., None], 3, axis=2)
    image[ellipse(y, x, 0.05, -0.1, 0.2 + beat, 0.1)] = (210, 40, 30)
    image[ellipse(y, x, 0.15, 0.12, 0.18 - beat, 0.08)] = (30, 70, 220)
    steps = np.linspace(255, 0, rows // 2).astype(int)
    bar = np.stack([steps, np.abs(steps - 128), 255 - steps], axis=1)
    image[rows // 4 : rows // 4 + len(bar), -columns // 20 :] = bar[:, None]
    return image.astype("uint8")


# ---- instances


def describe_pixels(
    ds: Dataset, image: np.ndarray, photometric: str, bits_stored: int, signed: bool = False
) -> None:
    """Fill the Image Pixel Module (PS3.3 §C.7.6.3) for one frame (rows, columns[, samples])."""
    ds.SamplesPerPixel = image.shape[2] if image.ndim == 3 else 1
    ds.PhotometricInterpretation = photometric
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = image.shape[:2]
    ds.BitsAllocated = image.dtype.itemsize * 8
    ds.BitsStored = bits_stored
    ds.HighBit = bits_stored - 1
    ds.PixelRepresentation = int(signed)


def place(ds: Dataset, spacing: float, z: float, frame: str, thickness: float) -> None:
    """Fill the Image Plane and Frame of Reference modules for an axial slice centred on the origin."""
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = fixed_uid(f"{frame}.frame")
    ds.PositionReferenceIndicator = ""
    ds.PixelSpacing = [spacing, spacing]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [-spacing * (ds.Columns - 1) / 2, -spacing * (ds.Rows - 1) / 2, z]
    ds.SliceThickness = thickness
    ds.SliceLocation = z
    ds.AcquisitionNumber = 1
    ds.AcquisitionDate = DATE
    ds.AcquisitionTime = TIME


def ct(name: str, size: int, patient: str, patient_id: str, study: str = "ct", level: float = 0.0) -> Dataset:
    """Return an axial CT slice."""
    image = chest(size, level)
    ds = new_instance(name, CT_CLASS, "CT", patient=patient, patient_id=patient_id, study=study)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    describe_pixels(ds, image, "MONOCHROME2", 16, signed=True)
    place(ds, 320 / size, 50 * level, study, 5)
    ds.PatientAge = "054Y"
    ds.BodyPartExamined = "CHEST"
    ds.KVP = 120
    ds.ExposureTime = 500
    ds.XRayTubeCurrent = 200
    ds.ConvolutionKernel = "NONE"
    ds.RescaleIntercept = -1024
    ds.RescaleSlope = 1
    ds.RescaleType = "HU"
    ds.WindowCenter = 40
    ds.WindowWidth = 400
    ds.PixelData = (image + 1024).astype("<i2").tobytes()
    return ds


def mr(name: str, size: int, patient: str, patient_id: str, study: str = "mr", echo: float = 90) -> Dataset:
    """Return an axial MR slice."""
    image = head(size, size)
    ds = new_instance(name, MR_CLASS, "MR", patient=patient, patient_id=patient_id, study=study)
    fill_mr(ds, image, study, echo)
    return ds


def fill_mr(ds: Dataset, image: np.ndarray, frame: str, echo: float) -> None:
    """Fill the modules of an MR image."""
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    describe_pixels(ds, image, "MONOCHROME2", 12)
    place(ds, 3.5, 0, frame, 4)
    ds.BodyPartExamined = "HEAD"
    ds.ScanningSequence = "SE"
    ds.SequenceVariant = "NONE"
    ds.ScanOptions = ""
    ds.MRAcquisitionType = "2D"
    ds.RepetitionTime = 3000
    ds.EchoTime = echo
    ds.EchoTrainLength = 1
    ds.MagneticFieldStrength = 1.5
    ds.WindowCenter = 500
    ds.WindowWidth = 1000
    ds.PixelData = image.astype("<u2").tobytes()


def ultrasound(name: str, sop_class: str = US_CLASS) -> Dataset:
    """Return an ultrasound instance without its pixels."""
    ds = new_instance(
        name, sop_class, "US", patient="Phantom^Ultrasound", patient_id=f"US-{name}", study=name
    )
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.PatientOrientation = ""
    ds.BodyPartExamined = "HEART"
    ds.LossyImageCompression = "00"
    return ds


def rgb() -> Dataset:
    """Return an RGB image."""
    image = fan(120, 160)
    ds = ultrasound("rgb_color")
    describe_pixels(ds, image, "RGB", 8)
    ds.PixelData = image.tobytes()
    return ds


def palette() -> Dataset:
    """Return an image whose values are indices of a table of 16-bit colours."""
    y, x = grid(120, 160)
    image = np.clip((1 - np.hypot(y, x)) * 255 + 20 * np.sin(9 * x) * np.cos(7 * y), 0, 255).astype("uint8")
    ds = ultrasound("palette_color")
    describe_pixels(ds, image, "PALETTE COLOR", 8)
    index = np.arange(256)
    tables = {
        "Red": np.clip(index * 3 - 128, 0, 255),
        "Green": np.clip(255 - abs(index - 128) * 2, 0, 255),
        "Blue": np.clip(255 - index * 2, 0, 255),
    }
    for colour, table in tables.items():
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(ds, f"{colour}PaletteColorLookupTableData", (table * 257).astype("<u2").tobytes())
    ds.PixelData = image.tobytes()
    return ds


def overlay() -> Dataset:
    """Return an MR image with an overlay plane that rings what there is to find (PS3.3 §C.9.2)."""
    image = head(150, 242)
    ds = new_instance(
        "overlay", MR_CLASS, "MR", patient="Phantom^Overlay", patient_id="OV-1", study="overlay"
    )
    fill_mr(ds, image, "overlay", 90)
    y, x = grid(150, 242)
    ring = ellipse(y, x, 0.3, -0.28, 0.18, 0.16) & ~ellipse(y, x, 0.3, -0.28, 0.15, 0.13)
    ds.add_new(0x60000010, "US", 150)
    ds.add_new(0x60000011, "US", 242)
    ds.add_new(0x60000022, "LO", "A ring")
    ds.add_new(0x60000040, "CS", "G")
    ds.add_new(0x60000050, "SS", [1, 1])
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    packed = np.packbits(ring, bitorder="little").tobytes()
    ds.add_new(0x60003000, "OW", packed + b"\0" * (len(packed) % 2))
    return ds


def write_jpeg(path: Path) -> None:
    """Write a multi-frame image in JPEG Baseline with halved horizontal chrominance."""
    from PIL import Image

    frames = [fan(240, 320, i / 10) for i in range(10)]
    encoded = []
    for frame in frames:
        stream = io.BytesIO()
        Image.fromarray(frame).save(stream, "JPEG", quality=80, subsampling=1)
        encoded.append(stream.getvalue())
    ds = ultrasound("ybr_color", US_MULTIFRAME_CLASS)
    describe_pixels(ds, frames[0], "YBR_FULL_422", 8)
    ds.NumberOfFrames = len(frames)
    ds.FrameIncrementPointer = 0x00181063
    ds.FrameTime = 33.3
    ds.LossyImageCompression = "01"
    ds.LossyImageCompressionRatio = round(sum(f.nbytes for f in frames) / sum(map(len, encoded)), 2)
    ds.LossyImageCompressionMethod = "ISO_10918_1"
    ds.PixelData = encapsulate(encoded)
    ds["PixelData"].is_undefined_length = True
    save(ds, path, JPEGBaseline8Bit)


def write_jpeg2000(path: Path) -> None:
    """Write an image in lossless JPEG 2000 with the reversible colour transform."""
    import imagecodecs

    y, x = grid(240, 320)
    image = np.zeros((240, 320, 3), "uint8")
    image[..., 0] = np.clip((1 - np.hypot(y, x)) * 200 + 55, 0, 255)
    image[..., 1] = (ellipse(y, x, 0, 0, 0.6, 0.6) * 160).astype("uint8")
    image[..., 2] = np.clip(128 + 100 * y, 0, 255)
    ds = ultrasound("jpeg2k")
    describe_pixels(ds, image, "YBR_RCT", 8)
    stream = imagecodecs.jpeg2k_encode(image, level=0, reversible=True, codecformat="j2k", mct=True)
    ds.PixelData = encapsulate([stream])
    ds["PixelData"].is_undefined_length = True
    save(ds, path, JPEG2000Lossless)


def write_no_meta(path: Path) -> None:
    """Write a data set without preamble and file meta information, as it stood in old files."""
    ds = ct("no_meta", 16, "Phantom^Headless", "NM-1", study="no_meta")
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, implicit_vr=True, little_endian=True)


def write_file_set(folder: Path) -> None:
    """Write a File-set of two patients with three series."""
    from pydcm.fileset import FileSet

    instances = []
    for number in range(3):
        ds = ct(f"slice{number}", 32, "Phantom^Chest", "FS-1", study="fs.ct", level=number - 1)
        ds.SeriesInstanceUID = fixed_uid("fs.ct.series")
        ds.InstanceNumber = number + 1
        instances.append(ds)
    for number, echo in enumerate((15, 90)):
        ds = mr(f"echo{number}", 32, "Phantom^Head", "FS-2", study="fs.mr", echo=echo)
        ds.SeriesNumber = number + 1
        instances.append(ds)
    fs = FileSet()
    fs.ID = "PYDCM_EXAMPLE"
    fs.UID = fixed_uid("dicomdir")
    for ds in instances:
        give_meta(ds)
        fs.add(ds)
    if folder.exists():
        import shutil

        shutil.rmtree(folder)
    fs.write(folder)
