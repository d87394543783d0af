"""Elements as they stand in the file: nothing is made of them, nothing is kept."""
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcmp

from pydcm._core._element cimport ElementCore
from pydcm._core._rows cimport ElementRows, implied_vr
from pydcm._core._scan cimport CHILDREN, DEFERRED, IMPLICIT, Row
from pydcm._core._vr cimport *


cdef inline bint is_text(uint16_t vr) noexcept:
    """Whether values are text without components of names."""
    return vr in (VR_AE, VR_AS, VR_CS, VR_DA, VR_DS, VR_DT, VR_IS, VR_LO, VR_LT, VR_SH, VR_ST, VR_TM, VR_UC, VR_UI,
                  VR_UR, VR_UT)


cdef object glance_at(ElementRows ds, uint32_t tag):
    """Return what :func:`glance` does; the index must exist."""
    cdef Py_ssize_t i = ds.find(tag)
    cdef Row* row
    cdef uint16_t vr
    cdef const unsigned char* p
    if i < 0:
        return ... if ds._extra is not None and ds.has(tag) else None
    if ds._objects != NULL and ds._objects[i] != NULL:
        return ...
    row = &ds.table.rows[ds._index[i]]
    if row.flags & (DEFERRED | CHILDREN):
        return ...
    vr = implied_vr(row)
    if is_text(vr):
        return ds.table.value_bytes(row)
    if vr == VR_US and row.nbytes == 2 and ds.table.little_endian:
        p = ds.table.data + row.offset
        return p[0] | p[1] << 8
    return ...


def glance(ElementRows ds not None, uint32_t tag):
    """Return the value of an element as it was read, without converting it.

    Parameters
    ----------
    ds : Dataset
        The data set.
    tag : int
        The element.

    Returns
    -------
    bytes or int or None or Ellipsis
        Text as bytes in the encoding of the file, padding included; a single little-endian US as integer; ``None`` if there is no
        such element; ``...`` for all others, and for elements that were set or looked at: ``ds[tag]`` tells.

    Examples
    --------
    >>> from pydcm import dcmread, examples, raw
    >>> ds = dcmread(examples.get_path("ct"))
    >>> raw.glance(ds, 0x00080060), raw.glance(ds, 0x00280010)
    (b'CT', 128)
    """
    ds.ensure_index()
    return glance_at(ds, tag)


def glances(ElementRows ds not None, tuple tags not None):
    """Return what :func:`glance` does for several tags, as a list.

    Parameters
    ----------
    ds : Dataset
        The data set.
    tags : tuple of int
        The elements.

    Returns
    -------
    list
        A value for each tag.
    """
    cdef list found = []
    ds.ensure_index()
    for tag in tags:
        found.append(glance_at(ds, <uint32_t>tag))
    return found


cdef Row* plain_row(ElementRows ds, Py_ssize_t i):
    """Return the row of index `i` if its bytes are the element's value still, else NULL."""
    cdef Row* row = &ds.table.rows[ds._index[i]]
    if row.flags & (DEFERRED | CHILDREN):
        return NULL
    if ds._objects != NULL and ds._objects[i] != NULL:
        if not isinstance(<object>ds._objects[i], ElementCore):
            return NULL
        if not (<ElementCore><object>ds._objects[i]).is_unchanged():
            return NULL
    return row


cdef bint same_at(ElementRows one, ElementRows other, uint32_t tag) except -1:
    cdef Py_ssize_t i = one.find(tag), k = other.find(tag)
    cdef Row* a
    cdef Row* b
    if i < 0 and k < 0:
        return not (one._extra and one.has(tag)) and not (other._extra and other.has(tag))
    if i < 0 or k < 0:
        return False
    a, b = plain_row(one, i), plain_row(other, k)
    if a == NULL or b == NULL or a.nbytes != b.nbytes or a.vr != b.vr or (a.flags ^ b.flags) & IMPLICIT:
        return False
    return memcmp(one.table.data + a.offset, other.table.data + b.offset, a.nbytes) == 0


def same(ElementRows ds not None, ElementRows other not None, tuple tags not None):
    """Return whether elements are the same in two data sets as they were read: there or not there, VR, encoded value.

    Parameters
    ----------
    ds, other : Dataset
        The data sets.
    tags : tuple of int
        The elements.

    Returns
    -------
    bool
        ``False`` also if one of them was set, or is a sequence of undefined length.
    """
    ds.ensure_index()
    other.ensure_index()
    if (ds.n_index and other.n_index) and ds.table.little_endian != other.table.little_endian:
        return False
    for tag in tags:
        if not same_at(ds, other, <uint32_t>tag):
            return False
    return True


def file_size(ds not None):
    """Return how long the file of a data set was, bytes, when its header alone was read.

    Parameters
    ----------
    ds : FileDataset
        What ``dcmread(path, stop_before_pixels=True)`` has returned.

    Returns
    -------
    int or None
        ``None`` if that is not known: of data sets that were read in another way.
    """
    return ds.__dict__.get("_file_size")


def creator_tags(ElementRows ds not None, uint32_t group):
    """Return the tags of a group's private creators (PS3.5 §7.8.1), in order, by binary search.

    Parameters
    ----------
    ds : Dataset
        The data set.
    group : int
        The group, an odd number.

    Returns
    -------
    list of int
        Those of (gggg,0010) to (gggg,00FF) that are there.
    """
    cdef uint32_t first = group << 16 | 0x10
    cdef uint32_t last = group << 16 | 0xFF
    cdef uint32_t tag
    cdef Py_ssize_t low = 0, high, middle
    cdef list found = []
    ds.ensure_index()
    high = ds.n_index
    while low < high:
        middle = (low + high) // 2
        if ds.table.rows[ds._index[middle]].tag < first:
            low = middle + 1
        else:
            high = middle
    while low < ds.n_index:
        tag = ds.table.rows[ds._index[low]].tag
        if tag > last:
            break
        found.append(tag)
        low += 1
    if ds._extra:
        found = sorted(found + [int(tag) for tag in ds._extra if first <= <uint32_t>tag <= last])
    return found
