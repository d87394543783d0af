"""Corrections and colour conversion of decoded arrays."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.options import ProcessingFunction
    from pydcm_pixels._decode.runner import DecodeRunner

# Encapsulated, but with samples as they are in memory; streams of the others say themselves what their bits are.
_BARE = frozenset("1.2.840.10008.1.2." + last for last in ("1.98", "5", "8.1"))
LOGGER = logging.getLogger("pydicom.pixels")


def insists_on_view(runner: DecodeRunner) -> bool:
    """Return whether it has to be said that an array is no view of the source."""
    return bool(runner.get_option("view_only", False)) and not runner.get_option("copy_is_fine", False)


def convert_colour(arr: np.ndarray, runner: DecodeRunner, changes: dict[str, Any]) -> np.ndarray:
    """Convert YBR to RGB, or the reverse, as the options `as_rgb`, `force_rgb` and `force_ybr` ask."""
    opts = runner.options
    force_ybr, force_rgb = opts.get("force_ybr", False), opts.get("force_rgb", False)
    if force_ybr and force_rgb:
        raise ValueError("'force_ybr' and 'force_rgb' cannot both be True")
    to_rgb = force_rgb or (
        opts.get("as_rgb", False)
        and runner.samples_per_pixel == 3
        and runner.photometric_interpretation in (PI.YBR_FULL, PI.YBR_FULL_422)
    )
    if not (to_rgb or force_ybr):
        return arr
    if insists_on_view(runner) and not arr.flags.writeable:
        LOGGER.warning(
            "Unable to return an ndarray that's a view on the original buffer if applying a color space conversion"
        )
    from pydcm_pixels._processing.colour import convert_in_place

    source, target = (PI.RGB, PI.YBR_FULL) if force_ybr else (PI.YBR_FULL, PI.RGB)
    changes["photometric_interpretation"] = target
    return convert_in_place(arr, source, target, runner.workers)


# Applied in turn to every decoded array unless `raw` is asked for; programs may add their own.
PROCESSORS: list[ProcessingFunction] = [convert_colour]


def _flat(arr: np.ndarray) -> np.ndarray:
    """Return a contiguous array's samples as one axis, in native byte order; a copy where that needs one."""
    import numpy as np

    if not arr.dtype.isnative:
        arr = arr.astype(arr.dtype.newbyteorder("="))
    if arr.flags.c_contiguous:
        return arr.reshape(-1)
    # A plane-by-plane image seen pixel by pixel is contiguous in another order: each sample stands for itself.
    flat = arr.ravel(order="K")
    return flat if np.shares_memory(flat, arr) else arr.reshape(-1)


def _extend(arr: np.ndarray, unused: int) -> np.ndarray:
    """Return `arr` with its `unused` high bits filled, in place if it is writeable."""
    import numpy as np

    from pydcm_pixels._core._bits import extend_sign

    if arr.size == 0 or unused <= 0:
        return arr
    if not arr.flags.writeable:
        arr = arr.copy(order="K")
    flat = _flat(arr)
    if np.shares_memory(flat, arr):
        extend_sign(flat, unused)
    else:
        np.left_shift(arr, unused, out=arr)
        np.right_shift(arr, unused, out=arr)
    return arr


def correct_unused_bits(arr: np.ndarray, runner: DecodeRunner, log_warning: bool = True) -> np.ndarray:
    """Fill the bits above *Bits Stored*, whose content the standard leaves open (PS3.5 §8.1.1)."""
    if log_warning and insists_on_view(runner) and not runner._encapsulated and not arr.flags.writeable:
        LOGGER.warning(
            "Unable to return an ndarray that's a view on the original buffer when (0028,0101) 'Bits Stored' doesn't "
            "equal (0028,0100) 'Bits Allocated' and 'correct_unused_bits=True'. In most cases you can pass "
            "'correct_unused_bits=False' instead to get a view if the uncorrected array is equivalent to the corrected "
            "one."
        )
    high = runner.get_option("high_bit")
    if high is not None and (not runner._encapsulated or runner.transfer_syntax in _BARE):
        arr = _from_high_bit(arr, runner, high, log_warning)
    return _extend(arr, runner.bits_allocated - runner.bits_stored)


def _from_high_bit(arr: np.ndarray, runner: DecodeRunner, high: int, log_warning: bool) -> np.ndarray:
    """Move samples down that end at another bit than the one below *Bits Stored*, as older equipment wrote them."""
    stored, allocated = runner.bits_stored, runner.bits_allocated
    possible = stored <= high < allocated
    if log_warning:
        from pydcm.misc import warn_and_log

        taken = f"from bit {high + 1 - stored} on" if possible else f"from the low {stored} bits"
        warn_and_log(
            f"The (0028,0102) 'High Bit' is {high} but (0028,0101) 'Bits Stored' is {stored} and (0028,0100) 'Bits "
            f"Allocated' {allocated}: the values are taken {taken}"
        )
    return arr >> (high + 1 - stored) if possible else arr


def correct_sign(arr: np.ndarray, runner: DecodeRunner) -> np.ndarray:
    """Give samples the sign that *Pixel Representation* states when the stream has another one, or none.

    JPEG-LS knows no sign at all; JPEG 2000 streams of signed data are sometimes written as unsigned, and the reverse.
    Either way the stream's precision says which bit is the sign.
    """
    width = 8 * arr.dtype.itemsize
    if runner.get_option("jls_precision") is not None:
        return _extend(arr, width - runner.get_option("jls_precision"))
    if runner.get_option("j2k_is_signed", runner.pixel_representation) == runner.pixel_representation:
        return arr
    return _extend(arr, width - runner.get_option("j2k_precision", runner.bits_stored))


def apply_corrections(arr: np.ndarray, runner: DecodeRunner, log_warning: bool = True) -> np.ndarray:
    """Apply whichever of the two corrections the transfer syntax and the options call for."""
    if runner._test_for("sign_correction"):
        return correct_sign(arr, runner)
    if runner._test_for("shift_correction"):
        return correct_unused_bits(arr, runner, log_warning=log_warning)
    return arr
