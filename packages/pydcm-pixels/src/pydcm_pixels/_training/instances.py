"""A folder as a data set of single files."""

from __future__ import annotations

import operator
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series.scan import expand
from pydcm_pixels._training.cache import ArrayCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

__all__ = ["DICOMDataset", "as_tensor", "scan", "told"]

_ENDINGS = (".dcm", ".dicom", ".dic", ".ima")


def scan(root: str | os.PathLike[str], pattern: str | None = None) -> list[Path]:
    """Find the DICOM files below a folder.

    Parameters
    ----------
    root : str or PathLike
        A folder, or one file.
    pattern : str, optional
        Take the files whose names match, such as ``"*.dcm"``, and look at nothing else; with a slash, those whose paths
        below `root` match, such as ``"**/axial/*"``. By default files count that end
        in ``.dcm``, ``.dicom``, ``.dic`` or ``.ima``, or that have the ``DICM`` prefix (PS3.10 §7.1) whatever their
        name; DICOMDIRs do not.

    Returns
    -------
    list of pathlib.Path
        Sorted.

    Raises
    ------
    FileNotFoundError
        If there is nothing at `root`.
    ValueError
        If `pattern` begins with a slash.
    """
    from fnmatch import fnmatch

    if os.path.isfile(root):
        return [Path(root)]
    found = (Path(name) for name in expand(root))
    if pattern is not None:
        if "/" in pattern:
            if os.path.isabs(pattern):
                raise ValueError(f"a pattern is of paths below the folder, not {pattern!r}")
            return sorted(path for path in Path(root).glob(pattern) if path.is_file())
        return sorted(path for path in found if fnmatch(path.name, pattern))
    return sorted(path for path in found if path.suffix.lower() in _ENDINGS or _has_prefix(path))


def _has_prefix(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


@contextmanager
def told(what: str) -> Iterator[None]:
    """Add to whatever goes wrong with what it did: a loader's batch does not say it."""
    try:
        yield
    except Exception as exc:
        exc.add_note(f"in {what}")
        raise


def as_tensor(array: np.ndarray) -> Any:
    """Return a ``torch.Tensor`` that shares the array's memory if that is possible."""
    import numpy as np
    import torch

    if not array.flags.writeable or not array.dtype.isnative:
        array = np.array(array, array.dtype.newbyteorder("="))
    return torch.from_numpy(np.ascontiguousarray(array))


class DICOMDataset:
    """The DICOM files of a folder, one sample each.

    A map-style data set for PyTorch's ``DataLoader``; torch is needed for `to_torch` alone. It holds names, no open
    files, and can be sent to worker processes.

    Parameters
    ----------
    root : str or PathLike
        As for :func:`scan`.
    pattern : str, optional
        As for :func:`scan`.
    transform : callable, optional
        Gets the array; what it returns is the sample.
    rescale : bool, optional
        Real-world values in float32 (Hounsfield units for CT) instead of stored ones.
    to_torch : bool, optional
        Return tensors; without a `transform`.
    cache : str, PathLike or ArrayCache, optional
        A folder for decoded arrays (``.npy``); an :class:`ArrayCache` for other formats.

    Attributes
    ----------
    files : list of pathlib.Path
        The samples' files, sorted.

    Examples
    --------
    >>> from pydcm.torchdata import DICOMDataset
    >>> import pydcm
    >>> samples = DICOMDataset(pydcm.examples.get_path("ct"))
    >>> len(samples), samples[0].shape
    (1, (128, 128))
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        pattern: str | None = None,
        transform: Callable[[np.ndarray], Any] | None = None,
        rescale: bool = False,
        to_torch: bool = False,
        cache: str | os.PathLike[str] | ArrayCache | None = None,
    ) -> None:
        self.root = Path(root)
        self.files = scan(root, pattern)
        self.transform = transform
        self.rescale = rescale
        self.to_torch = to_torch
        self.cache = cache if cache is None or isinstance(cache, ArrayCache) else ArrayCache(cache)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Any:
        """Return a sample: ``[rows, columns(, samples)]``, for a multi-frame file ``[frames, rows, columns(, samples)]``.

        Raises
        ------
        IndexError
            If there is no such sample.
        """
        path = self.files[operator.index(index)]
        with told(f"sample {index}, {path}"):
            if self.cache is None:
                array = self._decode(path)
            else:
                array = self.cache.get(
                    [str(path)],
                    ("instance", self.rescale),
                    make=lambda: (self._decode(path), {}),
                    use=lambda array, _: array,
                )
            if self.transform is not None:
                return self.transform(array)
        return as_tensor(array) if self.to_torch else array

    def _decode(self, path: Path) -> np.ndarray:
        from pydcm_pixels.decoding import decode

        array: np.ndarray = decode(path, rescale=self.rescale, workers=1)
        return array[0] if len(array) == 1 else array

    def __repr__(self) -> str:
        return f"<DICOMDataset of {len(self)} files in {str(self.root)!r}>"
