from pydcm._core._rows cimport ElementRows
from pydcm._core._scan cimport Row

cdef class DatasetCore(ElementRows):
    """C side of Dataset."""
    cdef Row* untouched_row(self, object key) except? NULL
