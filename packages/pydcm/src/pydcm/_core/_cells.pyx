"""Values of elements as plain numbers and text for tables."""
from cpython.float cimport PyFloat_CheckExact
from cpython.long cimport PyLong_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact

cdef extern from "Python.h":
    object PyUnicode_FromObject(object text)


def plain_cells(list values, tuple kinds, tuple many, convert):
    """Turn values of elements into cells, in place.

    Parameters
    ----------
    values : list
        One value per column, None where there is none.
    kinds : tuple of str
        What each column holds: ``"text"``, ``"integer"`` or ``"float"``.
    many : tuple of bool
        Whether a column's cells are lists.
    convert : callable
        Called with a value and the column's position for whatever is not of the plain type.
    """
    cdef Py_ssize_t i
    cdef object value, kind
    for i in range(len(values)):
        value = values[i]
        if value is None:
            continue
        if not many[i]:
            kind = kinds[i]
            if kind == "text":
                if isinstance(value, str):
                    # subclasses, such as UID, become plain text
                    values[i] = (value if PyUnicode_CheckExact(value) else PyUnicode_FromObject(value)) or None
                    continue
            elif kind == "integer":
                if PyLong_CheckExact(value):
                    continue
            elif PyFloat_CheckExact(value):
                continue
            elif isinstance(value, float):
                values[i] = <double>value
                continue
        values[i] = convert(value, i)
