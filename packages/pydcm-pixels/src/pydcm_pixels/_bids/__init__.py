"""BIDS sidecars and the conversion of series to NIfTI."""
