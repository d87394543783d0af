"""The description of the pixel data that one decoding or encoding run works with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict

from pydcm_pixels._coding.photometric import PhotometricInterpretation, known_photometric

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm.uid import UID


class RunnerOptions(TypedDict, total=False):
    """Options that describe pixel data, for decoding and encoding alike.

    `planar_configuration` is needed for colour only, `extended_offsets` (offsets and lengths, as lists or as encoded
    values) is optional.
    """

    bits_allocated: int
    bits_stored: int
    columns: int
    number_of_frames: int
    photometric_interpretation: str
    pixel_keyword: str
    pixel_representation: int
    rows: int
    samples_per_pixel: int
    transfer_syntax_uid: UID
    planar_configuration: int
    extended_offsets: tuple[bytes, bytes] | tuple[list[int], list[int]]


# Options whose values set_option() has something to say about.
_CHECKED = frozenset({"number_of_frames", "photometric_interpretation", "transfer_syntax_uid"})


@cache
def _encoding(syntax: UID) -> tuple[bool, bool]:
    """Return whether pixel data of this syntax is encapsulated, and whether it is little endian."""
    from pydcm.uid import UID

    try:
        uid = UID(syntax)
        return bool(uid.is_encapsulated), bool(uid.is_little_endian)
    except ValueError:  # known to a plugin only
        return True, True


def _option(name: str, doc: str) -> property:
    """Return a read-only property for the option `name` that raises AttributeError while it has no value."""

    def fetch(self: RunnerBase) -> Any:
        # Values that are there come at the price of one look-up.
        try:
            value = self._opts[name]
        except KeyError:
            value = None
        if value is None:
            raise AttributeError(f"No value for '{name}' has been set")
        return value

    return property(fetch, doc=doc)


class RunnerBase:
    """Options and source of one run; base of `DecodeRunner` and `EncodeRunner`.

    Parameters
    ----------
    tsyntax : pydcm.uid.UID
        The transfer syntax of the encoded pixel data.
    """

    _undeletable: tuple[str, ...] = ("transfer_syntax_uid",)

    def __init__(self, tsyntax: UID) -> None:
        self._opts: dict[str, Any] = {"transfer_syntax_uid": tsyntax}
        self._src_type = "UNDEFINED"
        self._encapsulated, self._little_endian = _encoding(tsyntax)

    bits_allocated = _option("bits_allocated", "Bits per stored sample, padding included.")
    bits_stored = _option("bits_stored", "Bits per stored sample that hold the value.")
    columns = _option("columns", "Pixels per row.")
    number_of_frames = _option("number_of_frames", "The expected number of frames.")
    photometric_interpretation = _option("photometric_interpretation", "The colour space of the samples.")
    pixel_keyword = _option(
        "pixel_keyword", "``'PixelData'``, ``'FloatPixelData'`` or ``'DoubleFloatPixelData'``."
    )
    pixel_representation = _option("pixel_representation", "0 for unsigned samples, 1 for signed ones.")
    rows = _option("rows", "Rows per frame.")
    samples_per_pixel = _option("samples_per_pixel", "1 for grey and palette images, 3 for colour.")

    @property
    def planar_configuration(self) -> int:
        """0 for pixel by pixel, 1 for plane by plane; compressed data that says nothing is taken as 0."""
        value = self._opts.get("planar_configuration")
        if value is not None:
            return int(value)
        if self.transfer_syntax.is_compressed:
            return 0
        raise AttributeError("No value for 'planar_configuration' has been set")

    @property
    def transfer_syntax(self) -> UID:
        """The transfer syntax of the encoded pixel data."""
        return self._opts["transfer_syntax_uid"]

    @property
    def extended_offsets(self) -> tuple[list[int], list[int]] | tuple[bytes, bytes] | None:
        """The extended offset table and lengths, or ``None``."""
        return self._opts.get("extended_offsets")

    @property
    def options(self) -> dict[str, Any]:
        """The options themselves, not a copy."""
        return self._opts

    is_array = property(lambda self: self._src_type == "Array", doc="Whether the source is an ndarray.")
    is_binary = property(lambda self: self._src_type == "BinaryIO", doc="Whether the source is a file-like.")
    is_buffer = property(lambda self: self._src_type == "Buffer", doc="Whether the source is bytes-like.")
    is_dataset = property(lambda self: self._src_type == "Dataset", doc="Whether the source is a `Dataset`.")

    def get_option(self, name: str, default: Any = None) -> Any:
        """Return the option `name`, or `default` when it has not been set."""
        return self._opts.get(name, default)

    def set_option(self, name: str, value: Any) -> None:
        """Set the option `name`; a frame count of nothing becomes 1 with a warning."""
        if name == "number_of_frames":
            value = int(value) if isinstance(value, str) else value
            if value in (None, 0):
                from pydcm.misc import warn_and_log

                warn_and_log(
                    f"A value of '{value}' for (0028,0008) 'Number of Frames' is invalid, assuming 1 frame"
                )
                value = 1
        elif name == "photometric_interpretation":
            value = known_photometric(value)
        elif name == "transfer_syntax_uid":
            self._encapsulated, self._little_endian = _encoding(value)
        self._opts[name] = value

    def set_options(self, **kwargs: Any) -> None:
        """Set several options."""
        self._update(kwargs)

    def _update(self, options: dict[str, Any]) -> None:
        opts = self._opts
        for name, value in options.items():
            if name in _CHECKED:
                self.set_option(name, value)
            else:
                opts[name] = value

    def del_option(self, name: str) -> None:
        """Forget the option `name`; ValueError for the few that a run cannot do without."""
        if name in self._undeletable:
            raise ValueError(f"Deleting '{name}' is not allowed")
        self._opts.pop(name, None)

    def _set_options_ds(self, ds: Dataset) -> None:
        from pydcm_pixels._utils.options import as_pixel_options

        self._update(as_pixel_options(ds))

    def frame_length(self, unit: str = "bytes") -> int | float:
        """Return the length of one frame without any trailing padding byte.

        Parameters
        ----------
        unit : str, optional
            ``"bytes"`` (default) or ``"pixels"`` (samples, in fact).

        Returns
        -------
        int or float
            Bytes of native 1-bit frames may be fractional: they follow each other without padding (PS3.5 §8.1.1).
        """
        opts = self._opts
        try:
            length: int = opts["rows"] * opts["columns"] * opts["samples_per_pixel"]
        except (KeyError, TypeError):  # the properties say what is missing
            length = self.rows * self.columns * self.samples_per_pixel
        if unit == "pixels":
            return length
        allocated = self.bits_allocated
        if allocated == 1:
            if self._encapsulated:
                return (length + 7) // 8
            return length / 8 if length % 8 else length // 8
        length *= allocated // 8
        if (
            not self._encapsulated
            and self.photometric_interpretation == PhotometricInterpretation.YBR_FULL_422
        ):
            # Two pixels share their chroma (PS3.3 §C.7.6.3.1.2).
            length = length // 3 * 2
        return length

    def validate(self) -> None:
        """Check the options and the source."""
        raise NotImplementedError(f"{type(self).__name__}.validate() has not been implemented")

    def _validate_options(self) -> None:
        from pydcm_pixels._coding.checks import check_image_pixel

        check_image_pixel(self._opts, self)
