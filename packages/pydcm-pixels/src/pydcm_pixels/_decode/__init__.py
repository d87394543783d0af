"""Decoding: from a data set, a buffer or a file to frames."""
