"""What was edited in a data set since it was read, and other questions that the writer asks about one as a whole."""
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp

from pydcm._core._kinds cimport NUMBER, kind_of, vr_code
from pydcm._core._multival cimport ListCore
from pydcm._core._scan cimport DEFERRED, DELIMITED, UNDEFINED, Row
from pydcm._core._vr cimport VR_SQ, VR_SS, VR_US

from pydcm.errors import DicomLimitError

cdef enum:
    PIXEL_DATA = 0x7FE00010


cdef class ChangeFinder(ValueEncoder):
    """An encoder that knows which parts of a data set differ from what was read.

    Parameters
    ----------
    implicit : bool
        Implicit or explicit VR.
    little : bool
        Little or big endian.
    """

    def __cinit__(self, *args):
        from pydcm import limits

        self.max_depth = limits.MAX_DEPTH
        self._changed = set()

    def __init__(self, bint implicit, bint little):
        ValueEncoder.__init__(self, implicit, little)

    cdef int refuse_depth(self) except -1:
        raise DicomLimitError(
            f"Sequences are nested deeper than {self.max_depth} levels (or contain themselves); "
            "assign to pydcm.limits.MAX_DEPTH to allow more"
        )

    cdef bint find_changes(self, DatasetCore ds, int depth) except? True:
        """Tell whether anything in `ds` differs from what was read, and note every changed part of it."""
        cdef bint changed = ds.touched or ds.table is None
        cdef Py_ssize_t i
        cdef object made
        if depth > self.max_depth:
            self.refuse_depth()
        if ds._objects != NULL:
            for i in range(ds.n_index):
                if ds._objects[i] == NULL:
                    continue
                made = <object>ds._objects[i]
                if not isinstance(made, ElementCore):
                    continue
                if isinstance((<ElementCore>made)._val, ListCore) and vr_code((<ElementCore>made)._vr) == VR_SQ:
                    if self.find_changes_below(<ElementCore>made, (<ElementCore>made)._val, depth):
                        changed = True
                elif not changed and not self.is_as_read(<ElementCore>made):
                    changed = True
        if ds._extra is not None:
            for made in ds._extra.values():
                changed = True
                if isinstance(made, ElementCore) and vr_code((<ElementCore>made)._vr) == VR_SQ:
                    self.find_changes_below(<ElementCore>made, (<ElementCore>made)._val, depth)
        if changed:
            self._changed.add(address(ds))
        return changed

    cdef bint is_as_read(self, ElementCore elem) except? True:
        """Is the value of `elem`, no sequence, still what was read? A list of numbers is compared with its source."""
        cdef uint16_t vr
        cdef uint64_t start = self.used
        cdef bint little = self.little, same = True
        cdef Row* row
        cdef object number
        if elem.is_unchanged():
            return True
        if elem.touched or elem.table is None or type(elem._val) is not list:
            return False
        row = elem.table.rows + elem.row
        vr = vr_code(elem._vr)
        if not kind_of(vr) & NUMBER or row.flags & DEFERRED:
            return False
        self.little = elem.table.little_endian
        try:
            for number in <list>elem._val:
                if not self.put_number(vr, number):
                    # The first value of a look-up table descriptor is unsigned whatever its VR.
                    same = self.used == start and vr == VR_SS and self.put_number(VR_US, number)
                    if not same:
                        break
            return same and self.used - start == row.nbytes \
                and memcmp(self.data + start, elem.table.data + row.offset, row.nbytes) == 0
        finally:
            self.used = start
            self.little = little

    cdef bint find_changes_below(self, ElementCore elem, object items, int depth) except? True:
        """Like `find_changes()` for a sequence element."""
        cdef bint changed = elem.touched or elem.table is None
        cdef object item
        if isinstance(items, ListCore):
            changed = changed or (<ListCore>items).touched
            for item in (<ListCore>items)._list:
                if not isinstance(item, DatasetCore):
                    changed = True
                elif self.find_changes(<DatasetCore>item, depth + 1):
                    changed = True
        elif items is not None:
            changed = True
        if changed:
            self._changed.add(address(elem))
        return changed


def is_unchanged(DatasetCore ds not None):
    """Is nothing in `ds`, its items included, different from what was read?"""
    cdef ChangeFinder finder = ChangeFinder(False, True)
    return not finder.find_changes(ds, 0)


def is_intact(DatasetCore ds not None):
    """Is every value of `ds` as long as its header says, so that other data can follow?"""
    cdef uint32_t number = ds.first
    cdef Row* row
    if ds.table is None:
        return True
    while number < ds.last:
        row = ds.table.rows + number
        if not row.flags & DEFERRED:
            if row.flags & UNDEFINED:
                if not row.flags & DELIMITED:
                    return False
            elif row.length != row.nbytes:
                return False
        number = row.next
    return True


def reserved_groups(DatasetCore ds not None):
    """Return which of the groups 0000 (commands) and 0002 (file meta information) `ds` has elements of.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        The data set.

    Returns
    -------
    list of int
        Group numbers.
    """
    cdef set found = set()
    cdef Py_ssize_t i = 0
    cdef uint32_t group
    ds.ensure_index()
    while i < ds.n_index and ds.table.rows[ds._index[i]].tag >> 16 <= 2:
        group = ds.table.rows[ds._index[i]].tag >> 16
        if group != 1:
            found.add(group)
        i += 1
    if ds._extra:
        for tag in ds._extra:
            group = <uint32_t>tag >> 16
            if group == 0 or group == 2:
                found.add(group)
    return sorted(found)


def set_pixel_data_length(DatasetCore ds not None, bint undefined):
    """Make Pixel Data an element of undefined or of defined length (PS3.5 §A.4) if `ds` has it and it is the other kind.

    Its value is not looked at: an element that nobody asked for stays in the source.
    """
    cdef Py_ssize_t i
    cdef object made = None
    ds.ensure_index()
    i = ds.find(PIXEL_DATA)
    if i >= 0 and (ds._objects == NULL or ds._objects[i] == NULL):
        if ((ds.table.rows[ds._index[i]].flags & UNDEFINED) != 0) == undefined:
            return
    made = ds.lookup(PIXEL_DATA)
    if made is not None and (<ElementCore>made)._undefined != undefined:
        made.is_undefined_length = undefined
