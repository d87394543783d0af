"""Encoding: from arrays and buffers to the frames of a compressed transfer syntax."""
