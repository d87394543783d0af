"""The parts of :class:`pydcm.dataset.Dataset`; import them from :mod:`pydcm.dataset`."""
