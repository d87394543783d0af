"""ICC profiles through Pillow's littlecms (PS3.3 §C.11.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_SPACES = {"SRGB": "sRGB", "XYZ": "XYZ", "LAB": "LAB"}


def _image_cms(purpose: str) -> Any:
    try:
        from PIL import ImageCms
    except ImportError:
        raise ImportError(f"Pillow is required to {purpose}") from None
    return ImageCms


def create_icc_transform(
    ds: Dataset | None = None,
    icc_profile: bytes = b"",
    intent: int | None = None,
    color_space: str | None = None,
) -> Any:
    """Return a colour transformation from an ICC profile.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset, optional
        A data set with an *ICC Profile*.
    icc_profile : bytes, optional
        The profile itself, instead of `ds`.
    intent : int, optional
        The rendering intent, 0 to 3; by default the profile's.
    color_space : str, optional
        The output: ``"sRGB"``, ``"LAB"`` or ``"XYZ"``; by default the data set's *Color Space*, or sRGB.

    Returns
    -------
    PIL.ImageCms.ImageCmsTransform
        For :func:`apply_icc_profile`.
    """
    cms = _image_cms("create a color transformation object")
    if ds is None and not icc_profile:
        raise ValueError("Either 'ds' or 'icc_profile' must be supplied")
    if ds and icc_profile:
        raise ValueError("Only one of 'ds' and 'icc_profile' should be used, not both")
    profile_bytes = getattr(ds, "ICCProfile", icc_profile)
    if not profile_bytes:
        raise ValueError("No (0028,2000) 'ICC Profile' element was found in 'ds'")
    space = color_space or getattr(ds, "ColorSpace", None) or "sRGB"
    if space.upper() not in _SPACES:
        if color_space:
            raise ValueError(f"Unsupported 'color_space' value '{space}', must be 'sRGB', 'LAB' or 'XYZ'")
        raise ValueError(
            f"The (0028,2002) 'Color Space' value '{space}' is not supported by Pillow, please use the 'color_space' "
            "argument to specify a supported value"
        )
    from io import BytesIO

    profile = cms.ImageCmsProfile(BytesIO(profile_bytes))
    chosen = intent or cms.getDefaultIntent(profile)
    if chosen not in (0, 1, 2, 3):
        raise ValueError(f"Invalid 'intent' value '{chosen}', must be 0, 1, 2 or 3")
    return cms.buildTransform(
        inputProfile=profile,
        outputProfile=cms.createProfile(_SPACES[space.upper()]),
        inMode="RGB",
        outMode="RGB",
        renderingIntent=cms.Intent(chosen),
    )


def apply_icc_profile(
    arr: np.ndarray,
    ds: Dataset | None = None,
    transform: Any = None,
    intent: int | None = None,
    color_space: str | None = None,
) -> np.ndarray:
    """Apply an ICC profile to RGB pixels, in place.

    Parameters
    ----------
    arr : numpy.ndarray
        ``(rows, columns, 3)`` or ``(frames, rows, columns, 3)`` uint8.
    ds : pydcm.dataset.Dataset, optional
        A data set with an *ICC Profile*.
    transform : PIL.ImageCms.ImageCmsTransform, optional
        A transformation made before, instead of `ds`.
    intent, color_space
        As for :func:`create_icc_transform`.

    Returns
    -------
    numpy.ndarray
        `arr`.
    """
    cms = _image_cms("apply an ICC profile to an ndarray")
    if ds is None and not transform:
        raise ValueError("Either 'ds' or 'transform' must be supplied")
    if ds is not None and transform:
        raise ValueError("Only one of 'ds' and 'transform' should be used, not both")
    if arr.ndim not in (3, 4):
        raise ValueError(f"The ndarray must have 3 or 4 dimensions, not {arr.ndim}")
    if arr.shape[-1] != 3:
        raise ValueError(
            "Invalid ndarray shape, must be (rows, columns, 3) or (frames, rows, columns, 3), not "
            f"{arr.shape}"
        )
    import numpy as np
    from PIL import Image

    if not transform:
        transform = create_icc_transform(ds=ds, intent=intent, color_space=color_space)
    for frame in arr if arr.ndim == 4 else (arr,):
        image = Image.fromarray(frame)
        cms.applyTransform(image, transform, inPlace=True)
        frame[...] = np.asarray(image)
    return arr
