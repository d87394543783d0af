"""The codecs, one family per file; each `decode` and `encode` fits the plugin protocols of :mod:`pydcm.plugins`.

``decode(frame, *, out=None, **description)`` returns an array ``(rows, columns[, samples])`` of what the stream holds:
no colour conversion, the stream's own precision and sign. ``encode(frame, **description)`` takes little-endian,
pixel-interleaved bytes. Before a codec library is called the stream's header is compared with the description, so that
nothing is allocated for a size that the data set does not state.
"""
