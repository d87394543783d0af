"""Diffusion weighting: b values and directions from the standard and the private elements."""
