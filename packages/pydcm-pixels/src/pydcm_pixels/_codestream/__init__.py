"""Headers of the compressed streams, read before any codec is called.

Each parser looks at a few dozen bytes, allocates nothing and returns what the stream says about itself, so that a
frame whose stream contradicts the data set is noticed before memory is spent on it.
"""
