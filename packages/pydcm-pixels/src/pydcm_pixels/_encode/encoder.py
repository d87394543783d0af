"""`Encoder`: turns frames into those of one compressed transfer syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm_pixels._coding.coder import CoderBase
from pydcm_pixels._encode.runner import EncodeRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID


class Encoder(CoderBase):
    """Encodes pixel data to one transfer syntax; get one from :func:`pydcm.pixels.get_encoder`.

    A source is an uncompressed data set, an array, or a bytes-like of little-endian samples. The latter two need the
    options that describe the pixel data as keywords, see `EncodeOptions`.

    Parameters
    ----------
    uid : pydcm.uid.UID
        The *Transfer Syntax UID*.
    """

    def __init__(self, uid: UID) -> None:
        super().__init__(uid, decoder=False)

    def _runner(self, src: Any, validate: bool, plugin: str, options: dict[str, Any]) -> EncodeRunner:
        runner = EncodeRunner(self.UID)
        runner.set_source(src)
        runner.set_options(**options)
        runner.set_encoders(self._validate_plugins(plugin))
        if config.debugging:
            config.logger.debug(runner)
        if validate:
            runner.validate()
        return runner

    def encode(
        self,
        src: bytes | np.ndarray | Dataset,
        *,
        index: int | None = None,
        validate: bool = True,
        encoding_plugin: str = "",
        **kwargs: Any,
    ) -> bytes:
        """Return one encoded frame, not encapsulated.

        Parameters
        ----------
        src : Dataset, numpy.ndarray or bytes-like
            The pixel data.
        index : int, optional
            The frame, counted from 0; needed if there are several.
        validate : bool, optional
            Whether to check options and pixel data first (default).
        encoding_plugin : str, optional
            The name of the plugin to use; by default those available are tried in turn.
        **kwargs
            Options, see `EncodeOptions`.
        """
        if index is not None and index < 0:
            raise ValueError("'index' must be greater than or equal to 0")
        runner = self._runner(src, validate, encoding_plugin, kwargs)
        if index is None and runner.number_of_frames > 1:
            raise ValueError("The 'index' of the frame to be encoded is required for multi-frame pixel data")
        if index is not None and index >= runner.number_of_frames:
            raise ValueError(
                f"There is no frame at index {index}: the number of frames is {runner.number_of_frames}"
            )
        return runner.encode(index)

    def iter_encode(
        self,
        src: bytes | np.ndarray | Dataset,
        *,
        validate: bool = True,
        encoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[bytes]:
        """Yield each frame encoded; parameters as for :meth:`encode`."""
        runner = self._runner(src, validate, encoding_plugin, kwargs)
        if runner.number_of_frames == 1:
            yield runner.encode(None)
            return
        for index in range(runner.number_of_frames):
            yield runner.encode(index)
