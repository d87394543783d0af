"""Tables of PS3.16, written by ``shared/standard/generate.py`` from the data beside it."""
