"""The serialiser: data sets to bytes (PS3.5 §7, PS3.10 §7).

Everything goes into one growing buffer, lengths are filled in once the value is there, so that nested items are encoded
once and the cost is linear in size and depth. What was read and not edited is copied from the bytes it came from; big
values are not copied at all but noted as spans and handed to the operating system where they are.
"""
from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memmove

from pydcm._core._changes cimport address
from pydcm._core._encode cimport is_empty
from pydcm._core._kinds cimport (
    BYTES, LONG, NAME, NUMBER, SEQUENCE, SIZE, TEXT, UNKNOWN, kind_of, store_u16, store_u32, vr_code,
)
from pydcm._core._multival cimport ListCore
from pydcm._core._scan cimport CHILDREN, DEFERRED, DELIMITED, IMPLICIT, UNDEFINED, vr_string
from pydcm._core._textvalues cimport is_plain_ascii
from pydcm._core._value cimport fast_enabled
from pydcm._core._vr cimport VR_SQ, VR_SS, VR_UI, VR_UN, VR_US
from pydcm._dictionaries import vr_changes

cdef extern from "_vr_table.h" nogil:
    unsigned short pydcm_dictionary_vr(unsigned int tag)

cdef enum:
    UNDEFINED_LENGTH = 0xFFFFFFFF
    ITEM = 0xFFFEE000
    ITEM_DELIMITER = 0xFFFEE00D
    SEQUENCE_DELIMITER = 0xFFFEE0DD
    CHARACTER_SET = 0x00080005
    PIXEL_DATA = 0x7FE00010


cdef inline uint64_t row_end(Row* row) noexcept:
    """The position behind the element of `row`, its delimiter included."""
    return row.offset + row.nbytes + (8 if row.flags & DELIMITED else 0)


cdef class Serialiser(ChangeFinder):
    """Encodes data sets and elements and keeps what they amount to until it is written.

    Parameters
    ----------
    implicit : bool
        Implicit or explicit VR.
    little : bool
        Little or big endian.
    """

    def __cinit__(self, *args):
        self._around = []
        self.path = <uint32_t*>malloc((self.max_depth + 2) * 2 * sizeof(uint32_t))
        if self.path == NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.path)

    # -- what others call ------------------------------------------------------------------------------------------

    def add_dataset(self, DatasetCore ds not None, parent_encoding, bint keep_all=False):
        """Encode `ds`.

        Parameters
        ----------
        ds : pydcm.dataset.Dataset
            The data set.
        parent_encoding : str or list of str
            The character set of its text if it names none itself.
        keep_all : bool, optional
            Whether a data set that was read and not edited keeps what the standard has retired since: group lengths,
            the order and the repetition of elements.
        """
        self.find_changes(ds, 0)
        self.hooked = _conversions_are_customised()
        try:
            self.put_dataset(ds, Charset(parent_encoding), False, keep_all)
        except Exception as exc:
            self._raise_with_path(exc, 0)

    def add_element(self, elem, encodings):
        """Encode one element, whose text is in the character set `encodings`."""
        cdef int depth = self.depth
        if isinstance(elem, ElementCore) and vr_code((<ElementCore>elem)._vr) == VR_SQ:
            self.find_changes_below(<ElementCore>elem, (<ElementCore>elem)._val, 0)
        try:
            if getattr(elem, "is_raw", False):
                self.put_raw(elem)
            else:
                self.put_element(elem, elem.tag, elem.VR, elem.value, elem.is_undefined_length, Charset(encodings), False)
        except Exception as exc:
            if self.depth > depth:
                self._raise_with_path(exc, depth)
            raise

    def add_items(self, items, encodings):
        """Encode the `items` of a sequence."""
        cdef int depth = self.depth
        for item in items:
            self.find_changes(item, 0)
        try:
            self.put_items(items, Charset(encodings), False)
        except Exception as exc:
            if self.depth > depth:
                self._raise_with_path(exc, depth)
            raise

    def _raise_with_path(self, exc, int above):
        """Raise `exc` again with the tags that lead to where it happened."""
        cdef int i
        where = ""
        for i in range(above, self.depth):
            if i > above:
                where += f"[{self.path[2 * i - 1]}]"
            where += f"({self.path[2 * i] >> 16:04X},{self.path[2 * i] & 0xFFFF:04X})"
        try:
            new = type(exc)(f"With tag {where} got exception: {exc}")
        except Exception:
            # The likes of UnicodeEncodeError, which are made from more than a message
            if hasattr(exc, "add_note"):
                exc.add_note(f"With tag {where}")
            raise exc
        raise new from exc

    # -- headers -----------------------------------------------------------------------------------------------------

    cdef int put_header(self, uint32_t tag, uint16_t vr, uint32_t length) except -1:
        """Put the header of an element; a `length` that does not fit a 16-bit field is the caller's affair."""
        cdef unsigned char* p = self.room(12)
        store_u16(p, tag >> 16, self.little)
        store_u16(p + 2, tag & 0xFFFF, self.little)
        if self.implicit:
            store_u32(p + 4, length, self.little)
            self.used += 8
            return 0
        p[4] = vr >> 8
        p[5] = vr & 0xFF
        if kind_of(vr) & LONG:
            p[6] = p[7] = 0
            store_u32(p + 8, length, self.little)
            self.used += 12
        else:
            store_u16(p + 6, length & 0xFFFF, self.little)
            self.used += 8
        return 0

    cdef int close_header(self, uint64_t header, uint64_t start, uint64_t outside, uint16_t vr, object tag) except -1:
        """Fill in the length of the value that begins at `start` into the header at `header`."""
        cdef uint64_t nbytes = self.used - start + self.outside - outside
        cdef unsigned char* p
        if nbytes >= UNDEFINED_LENGTH:
            raise ValueError(f"The value of {tag} has {nbytes} bytes, more than the 4294967294 that DICOM has room for")
        if self.implicit:
            store_u32(self.data + header + 4, <uint32_t>nbytes, self.little)
        elif kind_of(vr) & LONG:
            store_u32(self.data + header + 8, <uint32_t>nbytes, self.little)
        elif nbytes <= 0xFFFF:
            store_u16(self.data + header + 6, <uint16_t>nbytes, self.little)
        else:
            # PS3.5 §6.2.2: too long for the length field of its VR, hence written as UN
            from pydcm.misc import warn_and_log
            warn_and_log(
                f"The value for the data element {tag} exceeds the size of 64 kByte and cannot be written in an explicit "
                f"transfer syntax. The data element VR is changed from '{vr_string(vr)}' to 'UN' to allow saving the data."
            )
            self.room(4)
            p = self.data + header
            memmove(p + 12, p + 8, self.used - start)
            self.used += 4
            p[4] = c"U"
            p[5] = c"N"
            p[6] = p[7] = 0
            store_u32(p + 8, <uint32_t>nbytes, self.little)
        return 0

    cdef int put_mark(self, uint32_t tag, uint32_t length) except -1:
        """Put the tag and length of an item or of a delimiter, which never have a VR."""
        cdef unsigned char* p = self.room(8)
        store_u16(p, tag >> 16, self.little)
        store_u16(p + 2, tag & 0xFFFF, self.little)
        store_u32(p + 4, length, self.little)
        self.used += 8
        return 0

    # -- character sets ----------------------------------------------------------------------------------------------

    cdef bint same_charset(self, object a, object b) except? True:
        """Do `a` and `b` (a name or a list of names each) mean the same codecs?"""
        if a is b:
            return True
        if self._same_a is a and self._same_b is b:
            return self._same
        self._same_a = a
        self._same_b = b
        # Remembered as different until the comparison is through
        self._same = False
        self._same = Charset(a).codecs() == Charset(b).codecs()
        return self._same

    cdef Charset charset_of(self, DatasetCore ds, Charset inherited, bint* same):
        """Return the character set for writing `ds`; `same` is set to whether it is the one that it was read in."""
        cdef object own = ds.lookup(CHARACTER_SET)
        cdef Charset charset = inherited
        if own is not None:
            charset = Charset(own.value)
        if ds.table is None:
            if own is not None:
                charset.codecs()      # a set that nobody knows is complained about even if no text needs it
            # Copies that were pickled know what they were read in
            same[0] = ds._charset is None or self.same_charset(ds._charset, charset.names)
        elif own is not None and (<ElementCore>own).table is ds.table and (<ElementCore>own).is_unchanged():
            same[0] = True
        else:
            same[0] = self.same_charset(ds.encodings(), charset.names)
        return charset

    # -- data sets ---------------------------------------------------------------------------------------------------

    cdef int enter(self, DatasetCore ds) except -1:
        if self.depth > self.max_depth:
            self.refuse_depth()
        self.path[2 * self.depth] = 0
        self.path[2 * self.depth + 1] = 0
        self.depth += 1
        self._around.append(ds)
        return 0

    cdef int put_dataset(self, DatasetCore ds, Charset inherited, bint correcting, bint keep_all) except -1:
        """Put the elements of `ds` in the order of their tags."""
        cdef bint same_charset = True
        cdef bint same_encoding
        cdef Py_ssize_t i = 0, e = 0, n_extra = 0
        cdef uint32_t tag = 0
        cdef list extra = None
        cdef object made
        cdef Charset charset
        cdef bint own_row

        self.enter(ds)
        self.path[2 * self.depth - 2] = CHARACTER_SET
        ds.ensure_index()
        charset = self.charset_of(ds, inherited, &same_charset)
        same_encoding = (ds._read_implicit is not None and ds._read_little is not None
                         and bool(ds._read_implicit) == self.implicit and bool(ds._read_little) == self.little)
        correcting = correcting or not same_encoding or not same_charset

        if keep_all and same_encoding and same_charset and ds.table is not None and address(ds) not in self._changed:
            if self.put_all_rows(ds):
                self._around.pop()
                self.depth -= 1
                return 0

        if ds._extra:
            extra = sorted(ds._extra)
            n_extra = len(extra)
        while i < ds.n_index or e < n_extra:
            if i < ds.n_index:
                tag = ds.table.rows[ds._index[i]].tag
            if i == ds.n_index or (e < n_extra and <uint32_t>extra[e] < tag):
                tag = <uint32_t>extra[e]
                if tag & 0xFFFF or tag >> 16 <= 6:
                    self.path[2 * self.depth - 2] = tag
                    self.put_made(ds, ds._extra[extra[e]], charset, False, correcting)
                e += 1
                continue
            # Group lengths are retired (PS3.5 §7.2), and no longer true after an edit.
            if tag & 0xFFFF or tag >> 16 <= 6:
                self.path[2 * self.depth - 2] = tag
                if ds._objects == NULL or ds._objects[i] == NULL:
                    self.put_row(ds, i, charset, same_charset, correcting)
                else:
                    made = <object>ds._objects[i]
                    own_row = same_charset and isinstance(made, ElementCore) \
                        and (<ElementCore>made).table is ds.table and (<ElementCore>made).row == ds._index[i]
                    self.put_made(ds, made, charset, own_row, correcting)
            i += 1

        self._around.pop()
        self.depth -= 1
        return 0

    cdef bint put_all_rows(self, DatasetCore ds) except? True:
        """Put everything that was read for `ds`, in the order in which it was; False if some of it was deferred."""
        cdef Table table = ds.table
        cdef uint32_t number = ds.first
        cdef Row* row
        while number < ds.last:
            if table.rows[number].flags & DEFERRED:
                return False
            number = table.rows[number].next
        number = ds.first
        while number < ds.last:
            row = table.rows + number
            self.path[2 * self.depth - 2] = row.tag
            self.put_source(table, row.offset - row.header, row_end(row))
            number = row.next
        return True

    # -- elements that nobody asked for ------------------------------------------------------------------------------

    cdef int put_row(self, DatasetCore ds, Py_ssize_t i, Charset charset, bint same_charset, bint correcting) except -1:
        """Put the element of row `i` of `ds`, of which there is no object yet, from its bytes if that can be done."""
        cdef Table table = ds.table
        cdef Row* row = table.rows + ds._index[i]
        cdef uint16_t vr = row.vr
        cdef int kind = kind_of(vr)
        cdef bint is_here = not row.flags & DEFERRED
        cdef bint is_text

        if is_here and (row.flags & CHILDREN):
            kind = SEQUENCE
        if is_here and table.little_endian == self.little and ((row.flags & IMPLICIT) != 0) == self.implicit:
            if vr == 0 and not same_charset:
                # Its VR, hence whether it is text, only the dictionary knows.
                vr = pydcm_dictionary_vr(row.tag)
                kind = kind_of(vr)
                if kind == UNKNOWN and vr == 0:
                    kind = BYTES
            is_text = (kind & (TEXT | NAME | SEQUENCE)) != 0
            if same_charset or not is_text or (not kind & SEQUENCE and self.is_ascii(table, row, charset)):
                return self.put_row_source(table, row)
        elif is_here and not self.hooked and not kind & SEQUENCE:
            if vr == 0 and not (vr_changes and row.tag in vr_changes):
                vr = pydcm_dictionary_vr(row.tag)
                kind = kind_of(vr)
            # An unknown one may be known under another VR by now, and be in another byte order than it seems.
            if kind != UNKNOWN and kind != SEQUENCE | LONG and vr != VR_UN:
                is_text = (kind & (TEXT | NAME)) != 0
                if same_charset or not is_text or self.is_ascii(table, row, charset):
                    if self.put_row_value(table, row, vr):
                        return 0
        return self.put_made(ds, ds.element_at(i), charset, False, correcting)

    cdef bint is_ascii(self, Table table, Row* row, Charset charset) except? True:
        """Are the bytes of `row` the same text in every character set?"""
        return charset.how() != 4 and is_plain_ascii(table.data + row.offset, row.nbytes)

    cdef int put_row_source(self, Table table, Row* row) except -1:
        """Put the element of `row` with its header and delimiter as they are."""
        if row.tag == PIXEL_DATA and row.flags & UNDEFINED:
            self.require_item(table.data + row.offset, row.nbytes)
        if row.flags & UNDEFINED or row.length == row.nbytes:
            self.put_source(table, row.offset - row.header, row_end(row))
            if row.flags & UNDEFINED and not row.flags & DELIMITED:
                self.put_mark(SEQUENCE_DELIMITER, 0)
            return 0
        # The source ends inside this value.
        return -1 if self.put_row_value(table, row, row.vr) < 0 else 0

    cdef int put_row_value(self, Table table, Row* row, uint16_t vr) except -1:
        """Put the element of `row` as one of type `vr` with its bytes as they are, numbers in the right byte order.

        Returns 0, and puts nothing, if that is not possible.
        """
        cdef int kind = kind_of(vr)
        cdef int size = kind & SIZE
        cdef uint64_t header = self.used, start, outside, i
        cdef unsigned char* p
        cdef bint undefined = (row.flags & UNDEFINED) != 0
        cdef bint swap = table.little_endian != self.little and size > 0
        cdef int b

        if swap and row.nbytes % size:
            return 0
        if undefined and (not kind & LONG or table.little_endian != self.little):
            return 0
        if undefined and row.tag == PIXEL_DATA:
            self.require_item(table.data + row.offset, row.nbytes)
        self.put_header(row.tag, vr, UNDEFINED_LENGTH if undefined else 0)
        start = self.used
        outside = self.outside
        if swap:
            p = self.room(row.nbytes)
            for i in range(0, row.nbytes, size):
                for b in range(size):
                    p[i + b] = table.data[row.offset + i + size - 1 - b]
            self.used += row.nbytes
        elif kind & LONG:
            self.put_source(table, row.offset, row.offset + row.nbytes)
        else:
            self.put(table.data + row.offset, row.nbytes)
        if row.nbytes % 2 and vr != VR_UN:
            self.put(b"\0" if vr == VR_UI or kind & BYTES else b" ", 1)
        if undefined:
            self.put_mark(SEQUENCE_DELIMITER, 0)
        else:
            self.close_header(header, start, outside, vr, self.tag_object(row.tag))
        return 1

    cdef object tag_object(self, uint32_t tag):
        from pydcm.tag import BaseTag
        return BaseTag(tag)

    cdef int require_item(self, const unsigned char* value, uint64_t n) except -1:
        """PS3.5 §A.4: pixel data of undefined length are a sequence of fragments."""
        cdef unsigned char mark[4]
        store_u16(mark, 0xFFFE, self.little)
        store_u16(mark + 2, 0xE000, self.little)
        if n < 4 or memcmp(value, mark, 4):
            raise ValueError(
                "The (7FE0,0010) 'Pixel Data' element value hasn't been encapsulated as required for a compressed transfer "
                "syntax - see pydicom.encaps.encapsulate() for more information"
            )
        return 0

    # -- elements that somebody asked for or made ----------------------------------------------------------------------

    cdef int put_made(self, DatasetCore ds, object made, Charset charset, bint own_row, bint correcting) except -1:
        """Put an element object of `ds`; `own_row` if it was read there and its text is in the character set in force."""
        cdef ElementCore elem
        cdef Row* row
        cdef int kind
        if not isinstance(made, ElementCore):
            if correcting or (made.VR is None and not self.implicit) or (made.value is None and made.length):
                # pydicom's writers take raw values as they are; here they are to be encoded anew.
                made = ds[made.tag]
            else:
                return self.put_raw(made)
        elem = <ElementCore>made
        if elem.table is not None and not elem.touched:
            row = elem.table.rows + elem.row
            kind = kind_of(vr_code(elem._vr))
            if not row.flags & DEFERRED and elem.table.little_endian == self.little \
                    and ((row.flags & IMPLICIT) != 0) == self.implicit and elem._undefined == ((row.flags & UNDEFINED) != 0):
                if kind & SEQUENCE:
                    if own_row and address(elem) not in self._changed:
                        return self.put_row_source(elem.table, row)
                elif (own_row or not kind & (TEXT | NAME)) and self.is_as_read(elem):
                    return self.put_row_source(elem.table, row)
        return self.put_element(elem, elem._tag, elem._vr, elem._val, elem._undefined, charset, correcting)

    cdef int put_element(self, object elem, object tag, object vr, object value, bint undefined,
                         Charset charset, bint correcting) except -1:
        """Put an element from its value."""
        cdef uint16_t code = vr_code(vr)
        cdef int kind = kind_of(code)
        cdef uint64_t header, start, outside
        if code == 0 or kind == UNKNOWN:
            vr = self.settle(elem, vr, correcting)
            code = vr_code(vr)
            kind = kind_of(code)
            value = elem.value
        header = self.used
        undefined = undefined and (self.implicit or kind & LONG)
        self.put_header(<uint32_t>tag, code, UNDEFINED_LENGTH if undefined else 0)
        start = self.used
        outside = self.outside
        if not is_empty(elem, value):
            if kind & SEQUENCE:
                self.put_items(value, charset, correcting)
            else:
                if undefined and <uint32_t>tag == PIXEL_DATA:
                    self.require_encapsulated(value)
                self.put_value(elem, code, kind, value, charset)
        elif undefined and <uint32_t>tag == PIXEL_DATA:
            self.require_encapsulated(b"")
        if undefined:
            self.put_mark(SEQUENCE_DELIMITER, 0)
        else:
            self.close_header(header, start, outside, code, tag)
        return 0

    cdef object settle(self, object elem, object vr, bint correcting):
        """Return the VR to write `elem` with, which has an ambiguous one or none that exists."""
        from pydcm._io._value_writers import writers
        if correcting and vr in writers and self._around:
            from pydcm._io._ambiguous import correct_ambiguous_vr_element
            vr = correct_ambiguous_vr_element(elem, self._around[-1], bool(self.little), self._around[::-1]).VR
        if not self.implicit and vr and len(vr) != 2:
            raise ValueError(
                f"Cannot write ambiguous VR of '{vr}' for data element with tag {elem.tag!r}.\nSet the correct VR before "
                "writing, or use an implicit VR transfer syntax"
            )
        if vr not in writers:
            raise NotImplementedError(f"write_data_element: unknown Value Representation '{vr}'")
        return vr

    cdef int require_encapsulated(self, object value) except -1:
        """`require_item()` for a value in memory or in a buffer."""
        cdef bytes head
        if isinstance(value, bytes):
            head = (<bytes>value)[:4]
        elif hasattr(value, "read"):
            from pydcm.fileutil import reset_buffer_position
            with reset_buffer_position(value):
                head = value.read(4)
        else:
            head = bytes(value[:4])
        return self.require_item(<const unsigned char*>PyBytes_AS_STRING(head), len(head))

    cdef int put_raw(self, object raw) except -1:
        """Put a RawDataElement: its value is encoded already."""
        cdef object vr = raw.VR
        cdef uint16_t code = vr_code(vr)
        cdef uint32_t tag = <uint32_t>raw.tag
        cdef bint undefined = raw.length == 0xFFFFFFFF
        cdef uint64_t header = self.used, start, outside
        if not self.implicit and vr and len(vr) != 2:
            self.settle(raw, vr, False)
        if not self.implicit and code == 0:
            raise TypeError(f"The element {raw.tag} has no VR, which an explicit VR transfer syntax requires")
        value = raw.value
        if value is None:
            value = b""
        if undefined and tag == PIXEL_DATA:
            self.require_encapsulated(value)
        undefined = undefined and (self.implicit or kind_of(code) & LONG)
        self.put_header(tag, code, UNDEFINED_LENGTH if undefined else 0)
        start = self.used
        outside = self.outside
        self.put_object(value, (kind_of(code) & LONG) != 0)
        if undefined:
            self.put_mark(SEQUENCE_DELIMITER, 0)
        else:
            self.close_header(header, start, outside, code, raw.tag)
        return 0

    # -- sequences ---------------------------------------------------------------------------------------------------

    cdef int put_items(self, object items, Charset charset, bint correcting) except -1:
        cdef uint32_t number = 0
        cdef object item
        for item in (<ListCore>items)._list if isinstance(items, ListCore) else items:
            if not isinstance(item, DatasetCore):
                raise TypeError(f"A sequence item has to be a Dataset, this one is a '{type(item).__name__}'")
            if self.depth:
                self.path[2 * self.depth - 1] = number
            self.put_item(<DatasetCore>item, charset, correcting)
            number += 1
        return 0

    cdef int put_item(self, DatasetCore item, Charset charset, bint correcting) except -1:
        """Put one item of a sequence (PS3.5 §7.5)."""
        cdef uint64_t header, outside, nbytes
        cdef Row* row = NULL
        cdef bint same_charset, undefined
        cdef bint copied = False

        if item.is_item and item.table is not None:
            row = item.table.rows + item.item_row
        if row != NULL and item._undefined_item is None:
            undefined = (row.flags & UNDEFINED) != 0
        else:
            undefined = bool(getattr(item, "is_undefined_length_sequence_item", False))
        if row != NULL and address(item) not in self._changed and item._undefined_item is None \
                and item.table.little_endian == self.little and bool(item._read_implicit) == self.implicit \
                and (row.flags & DELIMITED or not undefined) and (undefined or row.length == row.nbytes) \
                and not row.flags & DEFERRED:
            self.charset_of(item, charset, &same_charset)
            if same_charset:
                self.put_source(item.table, row.offset - row.header, row_end(row))
                return 0

        header = self.used
        outside = self.outside
        self.put_mark(ITEM, UNDEFINED_LENGTH)
        self.put_dataset(item, charset, correcting, False)
        if undefined:
            self.put_mark(ITEM_DELIMITER, 0)
            return 0
        nbytes = self.used - header - 8 + self.outside - outside
        if nbytes >= UNDEFINED_LENGTH:
            raise ValueError(f"A sequence item has {nbytes} bytes, more than the 4294967294 that DICOM has room for")
        store_u32(self.data + header + 4, <uint32_t>nbytes, self.little)
        return 0


def _conversions_are_customised():
    """Do hooks have a say in how elements that were read are converted?"""
    from pydcm import config
    return config.data_element_callback is not None or not fast_enabled()
