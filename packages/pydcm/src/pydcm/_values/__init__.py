"""What stands behind :mod:`pydcm.valuerep`; each module is loaded when one of its names is first asked for."""
