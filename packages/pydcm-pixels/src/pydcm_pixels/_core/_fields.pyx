"""Values of elements without ceremony: what cannot be read is absent, over-long decimal strings are numbers.

Headers of thousands of files are looked at for some twenty elements each; that is why this is compiled.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.math cimport isfinite

cdef frozenset TEXT = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UR", "UT"))


cdef object value_of(ds, int tag):
    """Return encoded text as bytes, other values converted, ``None`` for what is not there or broken."""
    cdef const unsigned char* p
    if tag not in ds:
        return None
    try:
        element = ds.get_item(tag)
        if isinstance(element, tuple):            # not looked at yet: (tag, VR, length, value, …)
            vr, value = element[1], element[3]
            if type(value) is bytes:
                if vr in TEXT:
                    return value
                if vr == "US" and PyBytes_GET_SIZE(value) == 2 and element[6]:
                    p = <const unsigned char*> PyBytes_AS_STRING(value)
                    return p[0] | p[1] << 8
            return ds[tag].value
        return element.value
    except Exception:       # a broken element is one that is not there: what depends on it says so
        return None


def floats(ds, int tag, Py_ssize_t count=0):
    """Return the numbers of an element; nothing unless all are finite and there are `count` of them (if that is set).

    Parameters
    ----------
    ds : Dataset
        Where to look.
    tag : int
        The element.
    count : int, optional
        How many numbers there have to be.

    Returns
    -------
    tuple of float
        Empty if the element is not there, or not of numbers.
    """
    cdef double number
    cdef list numbers = []
    value = value_of(ds, tag)
    if value is None:
        return ()
    try:
        if type(value) is bytes:
            value = (<bytes> value).rstrip(b"\0 ")
            if not value:
                return ()
            value = (<bytes> value).split(b"\\")
        elif isinstance(value, (str, int, float)) or not hasattr(value, "__iter__"):
            value = (value,)
        for one in value:
            number = float(one)
            if not isfinite(number):
                return ()
            numbers.append(number)
    except (TypeError, ValueError):
        return ()
    if count and len(numbers) != count:
        return ()
    return tuple(numbers)


def number(ds, int tag):
    """Return the first number of an element, ``None`` if there is none."""
    numbers = floats(ds, tag)
    return numbers[0] if numbers else None


def integer(ds, int tag):
    """Return the first number of an element as an integer, ``None`` if there is none."""
    value = value_of(ds, tag)
    if type(value) is int:
        return value
    if value is None:
        return None
    numbers = floats(ds, tag)
    return int(numbers[0]) if numbers else None


def text(ds, int tag):
    """Return an element as text, ``""`` if it is not there; several values are separated by backslashes."""
    value = value_of(ds, tag)
    if value is None:
        return ""
    if type(value) is bytes:
        return (<bytes> value).strip(b"\0 ").decode("latin-1")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value).strip("\0 ")
    return "\\".join([str(one) for one in value]).strip("\0 ")
