"""Do the data set and the streams of its frames say the same about bits, sign and colour? Each difference is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._coding.photometric import fits_samples

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner

_TRANSFORMED = (PI.YBR_RCT, PI.YBR_ICT)
_LUMA_CHROMA = (PI.YBR_FULL, PI.YBR_FULL_422)


def warn_once(runner: DecodeRunner, kind: str, message: str) -> None:
    """Warn unless this run, or another thread of it, has warned of the same before."""
    if kind not in runner.warned:
        runner.warned.add(kind)
        from pydcm.misc import warn_and_log

        warn_and_log(message)


def compare_precision(runner: DecodeRunner, precision: int) -> None:
    """Warn of streams with fewer bits than *Bits Stored*; note the precision of those with more.

    Streams with more bits are common and harmless as long as the values fit, which :func:`compare_values` looks at.
    """
    stored = runner.bits_stored
    runner.precision = precision
    if precision < stored:
        warn_once(
            runner,
            "precision",
            f"The frame's stream holds {precision}-bit samples but the (0028,0101) 'Bits Stored' is {stored}",
        )


def compare_values(runner: DecodeRunner, arr: np.ndarray) -> None:
    """Warn if decoded samples, of streams with more bits than *Bits Stored*, have values that do not fit it."""
    stored = runner.bits_stored
    if runner.precision <= stored or not arr.size or arr.dtype.kind not in "iu":
        return
    low, high = int(arr.min()), int(arr.max())
    signed = runner.pixel_representation == 1 and low < 0
    bottom, top = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
    if low < bottom or high > top:
        warn_once(
            runner,
            "values",
            f"The frame's stream holds {runner.precision}-bit samples from {low} to {high}, which do not fit the "
            f"(0028,0101) 'Bits Stored' of the data set: 'Bits Stored' is {stored}",
        )


def compare_sign(runner: DecodeRunner, is_signed: bool) -> None:
    """Warn of JPEG 2000 samples that are signed where *Pixel Representation* says they are not, and the reverse."""
    if is_signed != bool(runner.pixel_representation):
        kind = "signed" if is_signed else "unsigned"
        warn_once(
            runner,
            "sign",
            f"The frame's stream holds {kind} samples but the (0028,0103) 'Pixel Representation' is "
            f"{runner.pixel_representation}",
        )


def conform_to_transformation(runner: DecodeRunner, mct: bool) -> None:
    """Let JPEG 2000's component transformation go before *Photometric Interpretation* (PS3.5 §8.2.4).

    What a stream transforms is RGB; components that are not transformed cannot be YBR_RCT or YBR_ICT, whose chroma
    needs one bit more than there is.
    """
    stated = runner.photometric_interpretation
    if mct and stated in _LUMA_CHROMA:
        evidence = "has a component transformation, which indicates it should be 'RGB'"
    elif not mct and stated in _TRANSFORMED:
        evidence = "has no component transformation, which indicates it should be 'RGB'"
    else:
        return
    runner.set_option("photometric_interpretation", PI.RGB)
    warn_once(
        runner,
        "colour",
        f"The (0028,0004) 'Photometric Interpretation' value is '{stated}' however the encoded image's codestream "
        f"{evidence}",
    )


def compare_samples(runner: DecodeRunner) -> None:
    """Warn of a *Photometric Interpretation* that images of so many *Samples per Pixel* cannot have."""
    samples, stated = runner.samples_per_pixel, runner.photometric_interpretation
    if not fits_samples(stated, samples):
        warn_once(
            runner,
            "samples",
            f"The (0028,0004) 'Photometric Interpretation' is '{stated}' but the (0028,0002) 'Samples per Pixel' is "
            f"{samples}, the samples are returned as they are",
        )
