"""What a data set has to say about a lossy compression (PS3.3 §C.7.6.1.1.5, §C.7.6.1.1.1, §C.12.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._encode.loss import ALWAYS_LOSSY, LOSSY_METHODS

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm.uid import UID

_HTJ2K = "1.2.840.10008.1.2.4.203"
_MAX_TEXT = 1024  # characters of a value with VR ST


def record_lossy(ds: Dataset, target: UID, ratio: float, *, derived: bool) -> None:
    """Make `ds` say that its samples have been through a lossy compression.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place, before it gets its new *SOP Instance UID*.
    target : pydcm.uid.UID
        The transfer syntax.
    ratio : float
        Uncompressed bytes per compressed byte.
    derived : bool
        Whether this makes another image of it.
    """
    if target == _HTJ2K:
        # The bits of an HTJ2K stream: lossy samples may leave the range they had.
        ds.BitsStored = 8 if ds.BitsStored <= 8 else 16
        ds.HighBit = ds.BitsStored - 1
    record_loss(ds, target, ratio)
    if derived:
        record_derivation(ds, target, ratio)


def record_earlier_loss(ds: Dataset, source: UID, ratio: float) -> None:
    """Make `ds` say that it has been lossy if its frames were and it did not say so: they no longer tell (§C.7.6.1.1.5).

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place.
    source : pydcm.uid.UID
        The transfer syntax it had.
    ratio : float
        Uncompressed bytes per compressed byte.
    """
    if source not in ALWAYS_LOSSY or ds.get("LossyImageCompression") == "01":
        return
    ds.LossyImageCompression = "01"
    if not ds.get("LossyImageCompressionMethod") and not ds.get("LossyImageCompressionRatio"):
        ds.LossyImageCompressionRatio = f"{ratio:.4g}"
        ds.LossyImageCompressionMethod = "ISO_10918_1"


def record_loss(ds: Dataset, target: UID, ratio: float) -> None:
    """Add a compression to the *Lossy Image Compression* elements, to what the image has been through before.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place.
    target : pydcm.uid.UID
        The transfer syntax.
    ratio : float
        Uncompressed bytes per compressed byte.
    """
    ds.LossyImageCompression = "01"
    for keyword, value in (
        ("LossyImageCompressionRatio", f"{ratio:.4g}"),
        ("LossyImageCompressionMethod", LOSSY_METHODS[target]),
    ):
        present = ds.get(keyword)
        if present is None or present == "":
            setattr(ds, keyword, value)
        else:
            old = [present] if isinstance(present, str) or not hasattr(present, "__iter__") else list(present)
            setattr(ds, keyword, [*old, value])


def record_derivation(ds: Dataset, target: UID, ratio: float) -> None:
    """Make `ds` an image derived from the one it was; call it before it gets its new *SOP Instance UID*.

    *Image Type* begins with DERIVED, *Derivation Description* and *Derivation Code Sequence* get this compression added,
    *Source Image Sequence* the instance that was compressed.
    """
    from pydcm.dataset import Dataset

    kind = ds.get("ImageType")
    # Enhanced images tie what they say of the acquisition to ORIGINAL, so that it would have to go.
    if kind and kind[0] == "ORIGINAL" and not _is_enhanced(ds):
        ds.ImageType = ["DERIVED", *kind[1:]]
    text = f"Lossy compression: {target.name}, ratio {ratio:.4g}"
    before = str(ds.get("DerivationDescription") or "")
    if before:
        text = f"{before}; {text}"
    if len(text) <= _MAX_TEXT:
        ds.DerivationDescription = text
    _append(ds, "DerivationCodeSequence", _code("113040", "Lossy Compression"))
    if "SOPClassUID" in ds and str(ds.get("SOPInstanceUID", "")).startswith(("0.", "1.", "2.")):
        source = Dataset()
        source.ReferencedSOPClassUID = ds.SOPClassUID
        source.ReferencedSOPInstanceUID = ds.SOPInstanceUID
        source.PurposeOfReferenceCodeSequence = [_code("121320", "Uncompressed predecessor")]
        _append(ds, "SourceImageSequence", source)


def _is_enhanced(ds: Dataset) -> bool:
    from pydcm.uid import UID

    return "SharedFunctionalGroupsSequence" in ds or "Enhanced" in UID(ds.get("SOPClassUID") or "").name


def _code(value: str, meaning: str) -> Dataset:
    from pydcm.dataset import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
    return code


def _append(ds: Dataset, keyword: str, item: Dataset) -> None:
    setattr(ds, keyword, [*(ds.get(keyword) or ()), item])
