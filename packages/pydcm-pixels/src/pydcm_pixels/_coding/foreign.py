"""Codecs of other distributions, found by their entry points and put among the plugins of a transfer syntax.

They are used when somebody asks for them, in a call or by :func:`pydcm.plugins.prefer`, or when nothing else knows the
syntax. Their names are those of their distributions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.plugins import preferred, providers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from pydcm.plugins import Provider
    from pydcm.uid import UID

DECODERS, ENCODERS = "pydcm.decoders", "pydcm.encoders"
_HOME = "pydcm-pixels"
# Libraries that have a plugin of their own in this package, which knows their ways.
_ADAPTED = {f"pylibjpeg-{name}": "pylibjpeg" for name in ("openjpeg", "libjpeg", "rle")}
_JPEG2000 = tuple(f"1.2.840.10008.1.2.4.{tail}" for tail in ("90", "91", "92", "93", "201", "202", "203"))


def foreign_plugins(group: str, uid: UID) -> dict[str, Callable[..., Any]]:
    """Return the plugins of other distributions for a transfer syntax, in their order."""
    make = _decoder if group == DECODERS else _encoder
    found = providers(group, uid)
    return {one.distribution: make(one) for one in found if one.distribution not in (_HOME, *_ADAPTED)}


def named_plugin(
    group: str, uid: UID, name: str, known: Mapping[str, Callable[..., Any]]
) -> dict[str, Callable[..., Any]]:
    """Return the plugin of the distribution called `name`, nothing if it has none for this syntax."""
    wanted = name.lower().replace("_", "-")
    if wanted == _HOME:
        return {label: known[label] for label in ("imagecodecs", "pydicom") if label in known}
    if label := _ADAPTED.get(wanted):
        offers = label in known and any(one.distribution == wanted for one in providers(group, uid))
        return {label: known[label]} if offers else {}
    function = foreign_plugins(group, uid).get(wanted)
    return {} if function is None else {wanted: function}


def in_stated_order(
    group: str,
    uid: UID,
    chosen: Mapping[str, Callable[..., Any]],
    known: Mapping[str, Callable[..., Any]],
) -> dict[str, Callable[..., Any]]:
    """Return the plugins to try: those of preferred distributions, then `chosen`."""
    first: dict[str, Callable[..., Any]] = {}
    for name in preferred(group):
        first.update(named_plugin(group, uid, name, known))
    return {**first, **chosen}


def _decoder(provider: Provider) -> Callable[..., Any]:
    def decode_array(src: bytes, runner: Any, out: np.ndarray | None = None) -> np.ndarray:
        import numpy as np

        opts = runner.options
        n_samples = int(runner.frame_length(unit="pixels"))
        frame = provider.load()(src, out=out, **opts)
        if isinstance(frame, np.ndarray):
            arr = np.ascontiguousarray(frame, dtype=frame.dtype.newbyteorder("<"))
        else:
            width = len(frame) // max(1, n_samples)
            if width not in (1, 2, 4, 8) or width * n_samples != len(frame):
                raise ValueError(f"it returned {len(frame)} bytes for {n_samples} samples")
            arr = np.frombuffer(frame, dtype=f"<u{width}")
        if opts["samples_per_pixel"] > 1:
            opts["planar_configuration"] = 0
        if opts["transfer_syntax_uid"] in _JPEG2000 and "YBR_" in str(opts["photometric_interpretation"]):
            opts["photometric_interpretation"] = "RGB"
        opts["bits_allocated"] = 8 * arr.dtype.itemsize
        return arr

    def decode(src: bytes, runner: Any) -> bytes:
        return decode_array(src, runner).tobytes()

    decode.decode_array = decode_array  # type: ignore[attr-defined]
    return decode


def _encoder(provider: Provider) -> Callable[..., Any]:
    def encode(src: bytes, runner: Any) -> bytes:
        return bytes(provider.load()(src, **runner.options))

    return encode
