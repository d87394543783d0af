"""Transforms one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydcm_pixels._volume.model import Volume


class Compose:
    """Apply transforms in the order given.

    Parameters
    ----------
    transforms : iterable of callable
        Each takes a volume and returns what the next one takes; :func:`functools.partial` binds parameters, and keeps
        the whole picklable for the workers of a data loader.

    Raises
    ------
    TypeError
        If one of them cannot be called.

    Examples
    --------
    >>> from functools import partial
    >>> import numpy as np
    >>> from pydcm.transforms import Compose, flip, resample_to_spacing
    >>> from pydcm.volume import Volume
    >>> steps = Compose([partial(resample_to_spacing, spacing=2.0), partial(flip, axis=(False, True, False))])
    >>> steps(Volume(np.zeros((4, 6, 8), np.float32))).shape
    (2, 3, 4)
    """

    def __init__(self, transforms: Iterable[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)
        for place, transform in enumerate(self.transforms):
            if not callable(transform):
                raise TypeError(f"transform {place} is a {type(transform).__name__}, which cannot be called")

    def __call__(self, volume: Volume) -> Any:
        """Return what the last transform returns; `volume` itself is left as it was.

        An error of a transform has a note that says which one it was.
        """
        result: Any = volume
        for place, transform in enumerate(self.transforms):
            try:
                result = transform(result)
            except Exception as exc:
                exc.add_note(f"in transform {place} of {len(self)}, {transform!r}")
                raise
        return result

    def __len__(self) -> int:
        return len(self.transforms)

    def __repr__(self) -> str:
        return f"Compose({self.transforms!r})"
