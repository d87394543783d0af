"""`Decoder`: everything that can be asked of one transfer syntax's pixel data."""

from __future__ import annotations

import logging
from collections.abc import Sized
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm_pixels._coding.coder import CoderBase
from pydcm_pixels._decode import encapsulated, native
from pydcm_pixels._decode.agreement import compare_samples, compare_values
from pydcm_pixels._decode.process import apply_corrections
from pydcm_pixels._decode.runner import DecodeRunner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO, TypeAlias

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

    Source: TypeAlias = Dataset | bytes | bytearray | memoryview | BinaryIO

LOGGER = logging.getLogger("pydicom.pixels")


def _asked(indices: Iterable[int] | None, count: int) -> Iterable[int] | None:
    """Return the indices to yield frames for, negative ones counted from the end; ``None`` for all `count` frames."""
    if indices is None or (isinstance(indices, Sized) and len(indices) == 0):
        return None
    return (_from_start(index, count) for index in indices)


def _from_start(index: int, count: int) -> int:
    if index < -count:
        raise ValueError(
            f"'indices' must be greater than or equal to {-count}, not {index}: there are {count} frames"
        )
    return index + count if index < 0 else index


def _need_numpy() -> None:
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise ImportError("NumPy is required when converting pixel data to an ndarray") from None


class Decoder(CoderBase):
    """Decodes the pixel data of one transfer syntax; get one from :func:`pydcm.pixels.get_decoder`.

    A source is a data set, a bytes-like, or a binary file-like at the start of the pixel data's value (past the
    element's header). The latter two need the options that describe the pixel data as keywords: `rows`, `columns`,
    `samples_per_pixel`, `photometric_interpretation`, `bits_allocated`, `bits_stored`, `pixel_representation`,
    `number_of_frames`, `pixel_keyword`, and `planar_configuration` for colour.

    Parameters
    ----------
    uid : pydcm.uid.UID
        The *Transfer Syntax UID*.
    """

    def __init__(self, uid: UID) -> None:
        super().__init__(uid, decoder=True)

    def _runner(
        self, src: Source, validate: bool, plugin: str, options: dict[str, Any], log: bool
    ) -> DecodeRunner:
        runner = DecodeRunner(self.UID)
        runner.set_source(src)
        runner.set_options(**options)
        runner.set_decoders(self._validate_plugins(plugin))
        if log and config.debugging:
            config.logger.debug(runner)
        if validate:
            runner.validate()
            compare_samples(runner)
        return runner

    def as_array(
        self,
        src: Source,
        *,
        index: int | None = None,
        validate: bool = True,
        raw: bool = False,
        decoding_plugin: str = "",
        workers: int = 1,
        **kwargs: Any,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Return decoded pixel data as an array.

        Parameters
        ----------
        src : Dataset, bytes-like or file-like
            The pixel data.
        index : int, optional
            The frame to return, counted from 0; all frames by default.
        validate : bool, optional
            Whether to check the options and the pixel data first (default).
        raw : bool, optional
            Whether to leave out the conversion from YBR to RGB. Corrections of sign and unused bits, unpacking and
            reordering are always done.
        decoding_plugin : str, optional
            The name of the plugin to use; by default those available are tried in turn.
        workers : int, optional
            How many threads decode compressed frames.
        **kwargs
            Options, see `DecodeOptions`.

        Returns
        -------
        numpy.ndarray
            ``(rows, columns)``, ``(rows, columns, samples)``, or the same with the frames as first axis. Writeable
            unless ``view_only=True`` made a view of a read-only source possible.
        dict[str, Any]
            The Image Pixel values that describe the array; of compressed data also ``decoded_by``, the plugin's name.
        """
        _need_numpy()
        if index is not None and index < 0:
            raise ValueError("'index' must be greater than or equal to 0")
        runner = self._runner(src, validate, decoding_plugin, kwargs, log=True)
        return self._array(runner, index, raw, workers)

    def _array(
        self,
        runner: DecodeRunner,
        index: int | None,
        raw: bool,
        workers: int = 1,
        out: np.ndarray | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Decode what `runner` has been given; several compressed frames go into `out`, flat, if it is given."""
        runner.workers = workers
        if self.is_native:
            arr = native.read_samples(runner, index)
        else:
            arr = encapsulated.decode_samples(runner, index, workers, out)
        return self._finish(runner, arr, as_frame=index is not None, raw=raw)

    def _finish(
        self, runner: DecodeRunner, arr: np.ndarray, as_frame: bool, raw: bool, log_warning: bool = True
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Shape, correct and convert decoded samples; return them with the values that describe them."""
        arr = runner.reshape(arr, as_frame=as_frame)
        if runner.precision:
            compare_values(runner, arr)
        arr = apply_corrections(arr, runner, log_warning)
        changes: dict[str, Any] = {}
        if not raw:
            arr, changes = runner.process(arr)
        view_only = self.is_native and runner.get_option("view_only", False)
        if view_only and runner.is_binary:
            arr.flags.writeable = False
        elif not view_only and not arr.flags.writeable:
            arr = arr.copy()
        if runner.samples_per_pixel > 1:
            changes["planar_configuration"] = 0
        if runner.decoded_by is not None:
            changes["decoded_by"] = runner.decoded_by
        return arr, {**runner.pixel_properties(as_frame=as_frame), **changes}

    def iter_array(
        self,
        src: Source,
        *,
        indices: Iterable[int] | None = None,
        raw: bool = False,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
        """Yield decoded frames as arrays.

        Parameters
        ----------
        src : Dataset, bytes-like or file-like
            The pixel data; a file-like is put back to where it was after the last frame.
        indices : Iterable[int], optional
            The frames to yield, counted from 0, negative ones from the end; all frames in turn by default or for an empty list.
        raw, validate, decoding_plugin, **kwargs
            As for :meth:`as_array`.

        Yields
        ------
        numpy.ndarray
            ``(rows, columns)`` or ``(rows, columns, samples)``.
        dict[str, Any]
            The Image Pixel values that describe the frame.
        """
        _need_numpy()
        runner = self._runner(src, validate, decoding_plugin, kwargs, log=True)
        indices = _asked(indices, runner.number_of_frames)
        log_warning = True
        if self.is_encapsulated and not indices:
            for frame in runner.iter_decode_to():
                arr = encapsulated.as_samples(runner, frame)
                yield self._finish(runner, arr, True, raw, log_warning)
                log_warning = False
            return
        stored = runner.photometric_interpretation
        for index in indices or range(runner.number_of_frames):
            if self.is_native:
                # The last frame's chroma was expanded.
                runner.set_option("photometric_interpretation", stored)
                arr = native.read_samples(runner, index)
            else:
                arr = encapsulated.decode_samples(runner, index)
            yield self._finish(runner, arr, True, raw, log_warning)
            log_warning = False

    def as_buffer(
        self,
        src: Source,
        *,
        index: int | None = None,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """Return decoded pixel data as bytes, without any correction, reordering or conversion.

        Parameters
        ----------
        src, index, validate, decoding_plugin, **kwargs
            As for :meth:`as_array`.

        Returns
        -------
        bytes, bytearray or memoryview
            The samples, little-endian except for *Explicit VR Big Endian*. 8-bit samples written as big-endian words
            are left in that order, and a frame of odd length comes with the byte that completes its first or last
            word.
        dict[str, Any]
            The Image Pixel values that describe the bytes; `planar_configuration` and `bits_allocated` are what the
            plugin delivered.
        """
        runner = self._runner(src, validate, decoding_plugin, kwargs, log=False)
        read = native.read_bytes if self.is_native else encapsulated.decode_bytes
        return read(runner, index), runner.pixel_properties(as_frame=index is not None)

    def iter_buffer(
        self,
        src: Source,
        *,
        indices: Iterable[int] | None = None,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield decoded frames as bytes.

        Parameters
        ----------
        src, indices, validate, decoding_plugin, **kwargs
            As for :meth:`iter_array`.

        Yields
        ------
        bytes, bytearray or memoryview
            One frame, as from :meth:`as_buffer`.
        dict[str, Any]
            The Image Pixel values that describe the frame.
        """
        runner = self._runner(src, validate, decoding_plugin, kwargs, log=False)
        indices = _asked(indices, runner.number_of_frames)
        if self.is_encapsulated and not indices:
            for frame in runner.iter_decode():
                yield frame, runner.pixel_properties(as_frame=True)
            return
        read = native.read_bytes if self.is_native else encapsulated.decode_bytes
        for index in indices or range(runner.number_of_frames):
            yield read(runner, index), runner.pixel_properties(as_frame=True)
