"""Nothing here is meant for Python: the converters are shared between compiled modules."""
