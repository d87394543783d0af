"""Tables of the standard, written by ``shared/standard/generate.py`` from the data beside it.

They are in the form that loads fastest. Ask :mod:`pydcm.datadict` and :mod:`pydcm.uid` for what
is in them; only the modules that make those answers import from here.
"""
