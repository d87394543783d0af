"""Pixel data, overlays and waveforms: where a data set hands over to the plugins that decode and encode them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydcm import config

if TYPE_CHECKING:
    import numpy as np

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataset import Dataset
else:
    _Base = object

_OVERLAY_GROUPS = range(0x6000, 0x6100)
# What `config` calls a handler where that is not "<name>_handler".
_HANDLER_ATTRIBUTES = {"numpy_handler": "np_handler", "jpeg_ls_handler": "jpegls_handler"}


class PixelHooks(_Base):
    """Arrays in and out of a data set."""

    if TYPE_CHECKING:
        _pixel_array: np.ndarray | None
        file_meta: Any

    # A shared default: replaced as a whole, never changed in place.
    _pixel_array_opts: dict[str, Any] = {"use_pdh": False}

    def _forget_pixels(self) -> None:
        """Drop the decoded array: the pixel data or the options for decoding them have changed."""
        self._pixel_array = None
        self._pixel_id = {}

    @property
    def pixel_array(self) -> np.ndarray:
        """The pixel data as an array, decoded on first use and kept until one of the elements that describe them changes.

        Needs the ``pydcm-pixels`` plugin and NumPy. :meth:`pixel_array_options` sets how to decode.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows, columns)``, ``(rows, columns, samples)``, ``(frames, rows, columns)`` or
            ``(frames, rows, columns, samples)``: the axes for frames and samples are there if there is more than one. The
            dtype follows Bits Allocated and Pixel Representation, or is float32/float64 for (Double) Float Pixel Data
            (PS3.3 §C.7.6.3, §C.7.6.24).

        See Also
        --------
        pydcm.pixels.pixel_array : decodes from a path without holding the whole file.
        pydcm.pixels.iter_pixels : one frame at a time.
        """
        self.convert_pixel_data()
        return self._pixel_array  # type: ignore[return-value]

    def pixel_array_options(
        self,
        *,
        index: int | None = None,
        raw: bool = False,
        decoding_plugin: str = "",
        use_v2_backend: bool = False,
        **kwargs: Any,
    ) -> None:
        """Set how :attr:`pixel_array` decodes from now on.

        Parameters
        ----------
        index : int, optional
            Decode only this frame, counted from 0. ``None`` (the default) decodes all frames.
        raw : bool, optional
            Leave colours as they are stored. Without it YCbCr pixels come out as RGB.
        decoding_plugin : str, optional
            The only plugin to try. Without it all that can decode the transfer syntax are tried.
        use_v2_backend : bool, optional
            Decode through the deprecated :mod:`pydcm.pixel_data_handlers`.
        **kwargs
            Options for the decoder.
        """
        if use_v2_backend and config._use_future:
            raise TypeError(
                f"{type(self).__name__}.pixel_array_options() got an unexpected keyword argument 'use_v2_backend'"
            )
        options = {**kwargs, "index": index, "raw": raw, "use_pdh": use_v2_backend}
        if decoding_plugin:
            options["decoding_plugin"] = decoding_plugin.lower()
        self._pixel_array_opts = options
        self._forget_pixels()

    def convert_pixel_data(self, handler_name: str = "") -> None:
        """Decode the pixel data for :attr:`pixel_array`, unless that was done and nothing changed since.

        .. deprecated:: 1.0
            Use :meth:`pixel_array_options` to choose a plugin, then :attr:`pixel_array`.

        Parameters
        ----------
        handler_name : str, optional
            The plugin, or with the deprecated backend the handler, to decode with. Without it all are tried.

        Raises
        ------
        ValueError
            If there is no handler called `handler_name`.
        NotImplementedError
            If nothing can decode the transfer syntax.
        RuntimeError
            If what could decode it is not installed.
        """
        if config._use_future:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'convert_pixel_data'")
        from pydcm.pixels.utils import get_image_pixel_ids

        # The ids are those of the values' objects, so an edit of any element that matters shows.
        if self._pixel_array is not None and self._pixel_id == get_image_pixel_ids(cast("Dataset", self)):
            return

        options = self._pixel_array_opts.copy()
        name = handler_name.lower() or options.get("decoding_plugin", "")
        if options["use_pdh"]:
            self._convert_with_handlers(name)
        else:
            from pydcm.pixels import pixel_array

            options["decoding_plugin"] = name
            self._pixel_array = pixel_array(cast("Dataset", self), **options)
        # Decoding may have converted elements from their raw form, which gives them new objects.
        self._pixel_id = get_image_pixel_ids(cast("Dataset", self))

    def _convert_with_handlers(self, name: str) -> None:
        """Decode through :mod:`pydcm.pixel_data_handlers`, with one handler or with the first that succeeds."""
        syntax = self.file_meta.TransferSyntaxUID
        if name:
            self._decode_with_handler(self._named_handler(name, syntax))
            return

        last_error: Exception | None = None
        handlers = _available_handlers(syntax)
        for handler in handlers:
            try:
                self._decode_with_handler(handler)
                return
            except Exception as exc:
                config.logger.debug("Exception raised by pixel data handler", exc_info=exc)
                last_error = exc

        self._forget_pixels()
        config.logger.info(
            "None of these pixel data handlers could decode the pixel data: "
            f"{', '.join(map(str, handlers))}. The documentation lists which packages decode which transfer syntax"
        )
        raise last_error  # type: ignore[misc]

    def _named_handler(self, name: str, syntax: Any) -> Any:
        attribute = name if name.endswith("_handler") else f"{name}_handler"
        handler = getattr(config, _HANDLER_ATTRIBUTES.get(attribute, attribute), None)
        if handler is None:
            raise ValueError(f"'{name}' is not a known handler name")
        if not handler.supports_transfer_syntax(syntax):
            raise NotImplementedError(
                f"Unable to decode pixel data with a transfer syntax UID of '{syntax}' ({syntax.name}) using the "
                f"pixel data handler '{name}'. The documentation lists the transfer syntaxes each handler supports"
            )
        if not handler.is_available():
            raise RuntimeError(
                f"The pixel data handler '{name}' is not available on your system. Please refer to the pydicom "
                "documentation for the packages it needs"
            )
        return handler

    def _decode_with_handler(self, handler: Any) -> None:
        from pydcm.pixels import convert_color_space
        from pydcm.pixels.utils import reshape_pixel_array

        self._pixel_array = reshape_pixel_array(cast("Dataset", self), handler.get_pixeldata(self))
        if handler.needs_to_convert_to_RGB(self):
            self._pixel_array = convert_color_space(self._pixel_array, "YBR_FULL", "RGB")

    def compress(
        self,
        transfer_syntax_uid: str,
        arr: np.ndarray | None = None,
        encoding_plugin: str = "",
        encapsulate_ext: bool = False,
        *,
        generate_instance_uid: bool = True,
        jls_error: int | None = None,
        j2k_cr: list[float] | None = None,
        j2k_psnr: list[float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Compress the pixel data in place and set the Transfer Syntax UID. Needs the ``pydcm-pixels`` plugin.

        Parameters
        ----------
        transfer_syntax_uid : str
            The UID of the transfer syntax to compress to.
        arr : numpy.ndarray, optional
            Pixels to use instead of those in the data set; shape as :attr:`pixel_array`, to match the data set.
        encoding_plugin : str, optional
            The only plugin to try. Without it all that can encode the transfer syntax are tried.
        encapsulate_ext : bool, optional
            Write an Extended Offset Table in any case, not only if the basic one cannot hold the offsets (PS3.3 §C.7.6.3).
        generate_instance_uid : bool, optional
            Give the data set a new SOP Instance UID (the default).
        jls_error : int, optional
            JPEG-LS Near-lossless: the largest error a pixel value may get.
        j2k_cr : list of float, optional
            JPEG 2000: the compression ratio of each quality layer, in decreasing order.
        j2k_psnr : list of float, optional
            JPEG 2000: the peak signal-to-noise ratio of each quality layer in dB, in increasing order.
        **kwargs
            Options for the encoder.
        """
        from pydcm.pixels import compress

        compress(
            cast("Dataset", self),
            transfer_syntax_uid,
            arr,
            encoding_plugin=encoding_plugin,
            encapsulate_ext=encapsulate_ext,
            generate_instance_uid=generate_instance_uid,
            jls_error=jls_error,
            j2k_cr=j2k_cr,
            j2k_psnr=j2k_psnr,
            **kwargs,
        )

    def decompress(
        self,
        handler_name: str = "",
        *,
        as_rgb: bool = True,
        generate_instance_uid: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> None:
        """Decompress the pixel data in place and set the Transfer Syntax UID to Explicit VR Little Endian.

        The elements that describe the pixels are changed to fit. Needs the ``pydcm-pixels`` plugin and NumPy.

        Parameters
        ----------
        handler_name : str, optional
            Deprecated: the same as `decoding_plugin`.
        as_rgb : bool, optional
            Turn YCbCr pixels into RGB (the default).
        generate_instance_uid : bool, optional
            Give the data set a new SOP Instance UID (the default).
        decoding_plugin : str, optional
            The only plugin to try. Without it all that can decode the transfer syntax are tried.
        **kwargs
            Options for the decoder.
        """
        if handler_name and config._use_future:
            raise TypeError(
                f"{type(self).__name__}.decompress() got an unexpected keyword argument 'handler_name'"
            )
        from pydcm.pixels import decompress

        options = dict(self._pixel_array_opts)
        if decoding_plugin or handler_name:
            options["decoding_plugin"] = decoding_plugin or handler_name
        options.update(kwargs)
        decompress(
            cast("Dataset", self), as_rgb=as_rgb, generate_instance_uid=generate_instance_uid, **options
        )

    def set_pixel_data(
        self,
        arr: np.ndarray,
        photometric_interpretation: str,
        bits_stored: int,
        *,
        generate_instance_uid: bool = True,
    ) -> None:
        """Store an array as the pixel data, with the elements of the Image Pixel module that describe it (PS3.3 §C.7.6.3).

        Needs the ``pydcm-pixels`` plugin and NumPy.

        Parameters
        ----------
        arr : numpy.ndarray
            uint8, int8, uint16 or int16; shape ``(rows, columns)``, ``(frames, rows, columns)``, ``(rows, columns, samples)``
            or ``(frames, rows, columns, samples)``.
        photometric_interpretation : str
            One of MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, YBR_FULL_422.
        bits_stored : int
            How many of an item's bits are used.
        generate_instance_uid : bool, optional
            Give the data set a new SOP Instance UID (the default).

        Raises
        ------
        NotImplementedError
            If the data set's transfer syntax is big endian.
        """
        from pydcm.pixels.utils import set_pixel_data

        set_pixel_data(
            cast("Dataset", self),
            arr,
            photometric_interpretation,
            bits_stored,
            generate_instance_uid=generate_instance_uid,
        )

    def overlay_array(self, group: int) -> np.ndarray:
        """Return the overlay in `group` as an array. Needs the ``pydcm-pixels`` plugin and NumPy.

        Parameters
        ----------
        group : int
            0x6000 to 0x60FF (PS3.3 §C.9.2).

        Returns
        -------
        numpy.ndarray
            uint8 zeros and ones, shape ``(rows, columns)`` or ``(frames, rows, columns)``.

        Raises
        ------
        ValueError
            If `group` is not an overlay group.
        ImportError
            If NumPy is not installed.
        """
        if group not in _OVERLAY_GROUPS:
            raise ValueError(
                "The group part of the 'Overlay Data' element tag must be between 0x6000 and 0x60FF (inclusive)"
            )
        if not config.have_numpy:
            raise ImportError(f"NumPy is required for {type(self).__name__}.overlay_array()")
        from pydcm.overlays import get_overlay_array

        return get_overlay_array(cast("Dataset", self), group)

    def waveform_array(self, index: int) -> np.ndarray:
        """Return one multiplex group of the Waveform Sequence as an array. Needs the ``pydcm-sr`` plugin and NumPy.

        Parameters
        ----------
        index : int
            Which item of the sequence, counted from 0.

        Returns
        -------
        numpy.ndarray
            float64, shape ``(samples, channels)``; in the units of Channel Sensitivity where that is given (PS3.3 §C.10.9).

        Raises
        ------
        RuntimeError
            If NumPy is not installed.
        """
        from pydcm.waveforms import numpy_handler

        if not numpy_handler.is_available():
            raise RuntimeError("The waveform data handler requires numpy")
        return numpy_handler.multiplex_array(cast("Dataset", self), index, as_raw=False)


def _available_handlers(syntax: Any) -> list[Any]:
    """Return the handlers in ``config.pixel_data_handlers`` that decode `syntax` and have what they need installed."""
    suitable = [
        handler
        for handler in config.pixel_data_handlers
        if handler is not None and handler.supports_transfer_syntax(syntax)
    ]
    if not suitable:
        raise NotImplementedError(
            f"Unable to decode pixel data with a transfer syntax UID of '{syntax}' ({syntax.name}) as there are no "
            "pixel data handlers available that support it. The documentation lists the supported transfer syntaxes"
        )
    available = [handler for handler in suitable if handler.is_available()]
    if not available:
        from importlib.util import find_spec

        lacking = []
        for handler in suitable:
            packages = [
                entry[1] for module, entry in handler.DEPENDENCIES.items() if find_spec(module) is None
            ]
            lacking.append(f"{handler.HANDLER_NAME} (req. {', '.join(packages)})")
        raise RuntimeError(
            "The following handlers are available to decode the pixel data however they are missing required "
            f"dependencies: {', '.join(lacking)}"
        )
    return available
