"""The element scanner: one pass over encoded bytes gives a table of rows (PS3.5 §7).

No Python object is made per element and every read is preceded by a bounds check against the end of the buffer.
"""
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.ref cimport Py_INCREF, PyObject
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr

from sys import intern

from pydcm._core._vr cimport VR_SQ, VR_UN, NOT_A_VR

cdef extern from "_vr_table.h" nogil:
    unsigned short pydcm_dictionary_vr(unsigned int tag)

cdef extern from "Python.h":
    void* PyEval_SaveThread() noexcept nogil
    void PyEval_RestoreThread(void* state) noexcept nogil

cdef enum:
    LONG_SCAN = 2048             # rows after which others may run
    UNDEFINED_LENGTH = 0xFFFFFFFF
    ITEM = 0xFFFEE000
    ITEM_DELIMITER = 0xFFFEE00D
    SEQUENCE_DELIMITER = 0xFFFEE0DD
    CHARACTER_SET = 0x00080005


cdef inline uint16_t read_u16(const unsigned char* p, bint little) noexcept nogil:
    if little:
        return <uint16_t>(p[0] | (p[1] << 8))
    return <uint16_t>(p[1] | (p[0] << 8))


cdef inline uint32_t read_u32(const unsigned char* p, bint little) noexcept nogil:
    if little:
        return <uint32_t>p[0] | (<uint32_t>p[1] << 8) | (<uint32_t>p[2] << 16) | (<uint32_t>p[3] << 24)
    return <uint32_t>p[3] | (<uint32_t>p[2] << 8) | (<uint32_t>p[1] << 16) | (<uint32_t>p[0] << 24)


cdef inline uint32_t read_tag(const unsigned char* p, bint little) noexcept nogil:
    return (<uint32_t>read_u16(p, little) << 16) | read_u16(p + 2, little)


cdef inline int vr_kind(uint16_t vr) noexcept nogil:
    """2: a known VR with a 32-bit length, 1: a known VR with a 16-bit length, 0: not a VR of PS3.5 §6.2."""
    cdef int a = vr >> 8
    cdef int b = vr & 0xFF
    if a == c"O":
        return 2 if b in (c"B", c"W", c"F", c"D", c"L", c"V") else 0
    if a == c"U":
        if b in (c"N", c"T", c"C", c"R", c"V"):
            return 2
        return 1 if b in (c"I", c"S", c"L") else 0
    if a == c"S":
        if b in (c"Q", c"V"):
            return 2
        return 1 if b in (c"H", c"T", c"S", c"L") else 0
    if a == c"L":
        return 1 if b in (c"O", c"T") else 0
    if a == c"D":
        return 1 if b in (c"A", c"S", c"T") else 0
    if a == c"A":
        return 1 if b in (c"E", c"S", c"T") else 0
    if a == c"F":
        return 1 if b in (c"L", c"D") else 0
    if a == c"I":
        return 1 if b == c"S" else 0
    if a == c"C":
        return 1 if b == c"S" else 0
    if a == c"P":
        return 1 if b == c"N" else 0
    if a == c"T":
        return 1 if b == c"M" else 0
    return 0


cdef inline bint looks_explicit(const unsigned char* p) noexcept nogil:
    """Are the two bytes where an explicit VR would stand capital letters?"""
    return 0x40 < p[0] < 0x5B and 0x40 < p[1] < 0x5B


cdef bint contains(const uint32_t* values, Py_ssize_t n, uint32_t value) noexcept nogil:
    cdef Py_ssize_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < n and values[low] == value


cdef PyObject* VR_STRINGS[26 * 26]


cdef object vr_string(uint16_t code):
    """Return the interned two-character VR for `code`, None for 0."""
    cdef int a = (code >> 8) - 65
    cdef int b = (code & 0xFF) - 65
    cdef PyObject* text
    if code == 0:
        return None
    if not (0 <= a < 26 and 0 <= b < 26):
        return bytes([code >> 8, code & 0xFF]).decode("latin-1")
    text = VR_STRINGS[a * 26 + b]
    if text == NULL:
        made = intern(chr(a + 65) + chr(b + 65))
        Py_INCREF(made)
        text = <PyObject*>made
        VR_STRINGS[a * 26 + b] = text
    return <object>text


cdef ScanOptions SETTINGS           # the switches as of `generation`
cdef object generation = None
cdef dict config_names = None
cdef dict limit_names = None


cdef int note_settings() except -1:
    """Look the switches of `pydcm.config` up: once after every change of one of them."""
    global generation, config_names, limit_names
    from pydcm import config, limits
    config_names = vars(config)
    limit_names = vars(limits)
    SETTINGS.infer_sq_for_un = config.settings.infer_sq_for_un_vr
    SETTINGS.replace_un = config.replace_un_with_known_vr
    SETTINGS.switch_implicit = config.assume_implicit_vr_switch
    SETTINGS.stop_before_pixels = False
    SETTINGS.only_group = -1
    SETTINGS.defer_size = <uint64_t>0xFFFFFFFFFFFFFFFF
    SETTINGS.wanted = NULL
    SETTINGS.n_wanted = 0
    SETTINGS.base = 0
    generation = config_names["_generation"]
    return 0


cdef ScanOptions current_options(bint little_endian):
    """Return options that keep every element, with the switches of `pydcm.config` as they are now."""
    cdef ScanOptions options
    if config_names is None or config_names["_generation"] is not generation:
        note_settings()
    options = SETTINGS
    options.little_endian = little_endian
    options.max_depth = limit_names["MAX_DEPTH"]
    return options


cdef int raise_scan_error(ScanResult* result, int64_t base) except -1:
    """Raise the exception for a scan that did not end well."""
    cdef object position
    if result.status == SCAN_OK or result.status == SCAN_STOPPED:
        return 0
    from pydcm import errors
    position = base + <int64_t>result.position
    if result.status == SCAN_MEMORY:
        raise MemoryError(f"Not enough memory for the table of elements at offset 0x{position:X}")
    if result.status == SCAN_DEPTH:
        raise errors.DicomLimitError(
            f"Sequences are nested deeper than limits.MAX_DEPTH at offset 0x{position:X}: the data is damaged, or raise "
            "pydcm.limits.MAX_DEPTH to read it"
        )
    if result.status == SCAN_EOF_VALUE:
        raise errors.TruncatedDicomError("End of file reached before delimiter (FFFE,E0DD) found", offset=position)
    if result.status == SCAN_NO_ITEM:
        raise errors.TruncatedDicomError(f"No tag to read at file position {position:X}")
    raise errors.TruncatedDicomError(f"The header of an element is cut off at offset 0x{position:X}")


cdef Table scan_items(Table source, Row* row, bint implicit):
    """Return a table of the items in the value of a sequence of defined length."""
    cdef Table table = make_table(source.owner, source.little_endian)
    cdef ScanOptions options = current_options(source.little_endian)
    cdef ScanResult result
    cdef uint64_t start = row.offset, stop = row.offset + row.nbytes
    options.base = <int64_t>row.file_offset - <int64_t>row.offset
    table.scan_item_range(start, stop, stop, implicit, False, &options, &result)
    raise_scan_error(&result, options.base)
    return table


cdef Table make_table(object owner, bint little_endian):
    """Return an empty table over the bytes of `owner` (any object with a contiguous buffer)."""
    cdef Table table = Table.__new__(Table)
    PyObject_GetBuffer(owner, &table._buffer, PyBUF_SIMPLE)
    table._held = True
    table.owner = owner
    table.data = <const unsigned char*>table._buffer.buf
    table.size = table._buffer.len
    table.little_endian = little_endian
    return table


cdef class Table:
    """Rows of scanned elements and the buffer that they point into.

    Rows are in file order. A sequence that was scanned through (undefined length) is followed by its item rows, each
    followed by the rows of its elements; `Row.next` skips them. Sequences of defined length are not entered: they are
    scanned into a table of their own when somebody asks for their items.
    """

    def __dealloc__(self):
        free(self.rows)
        if self._held:
            PyBuffer_Release(&self._buffer)

    cdef Row* add(self) noexcept nogil:
        """Append a zeroed row and return it, NULL when memory or row numbers ran out."""
        cdef uint64_t capacity
        cdef Row* rows
        if self.n_rows == self.capacity:
            capacity = 64 if self.capacity == 0 else <uint64_t>self.capacity * 2
            if capacity > <uint64_t>0xFFFFFF00:
                return NULL
            # Most scans are over before another thread could wake up: only long ones let go of the GIL
            if capacity > LONG_SCAN and self._others_run == NULL:
                self._others_run = PyEval_SaveThread()
            rows = <Row*>realloc(self.rows, capacity * sizeof(Row))
            if rows == NULL:
                return NULL
            self.rows = rows
            self.capacity = <uint32_t>capacity
        rows = self.rows + self.n_rows
        self.n_rows += 1
        rows.flags = 0
        return rows

    cdef bytes value_bytes(self, Row* row):
        """Return the encoded value as bytes; the buffer itself if the value is all of it."""
        return PyBytes_FromStringAndSize(<const char*>self.data + row.offset, <Py_ssize_t>row.nbytes)

    cdef void scan(self, uint64_t start, uint64_t stop, bint implicit, ScanOptions* options,
                  ScanResult* result, bint more_may_come) noexcept nogil:
        """Scan a data set in data[start:stop] and append its rows.

        Call it with the GIL held; it lets go of it while a long scan goes on.
        With `more_may_come` an element that reaches beyond `stop` is not taken: the result says where it starts and
        where it ends. Otherwise its value is clipped, as a truncated file is read as far as it goes.
        """
        result.status = SCAN_OK
        result.position = start
        result.wanted = 0
        scan_elements(self, start, stop, stop, implicit, options, result, more_may_come, 0)
        self.take_back()

    cdef void scan_item_range(self, uint64_t start, uint64_t stop, uint64_t hard, bint implicit, bint undefined,
                             ScanOptions* options, ScanResult* result) noexcept nogil:
        """Scan items while the position is before `stop`; nothing reaches beyond `hard`. The GIL as for `scan`."""
        result.status = SCAN_OK
        result.position = start
        result.wanted = 0
        scan_sequence(self, start, stop, hard, implicit, undefined, options, result, False, 1)
        self.take_back()

    cdef void take_back(self) noexcept nogil:
        if self._others_run != NULL:
            PyEval_RestoreThread(self._others_run)
            self._others_run = NULL

    cdef int keep_only(self, uint64_t stop) except -1:
        """Hold no more than the buffer's first `stop` bytes, which all rows are in, and no room for further rows."""
        cdef Row* rows
        cdef bytes owner
        if self.n_rows and self.n_rows < self.capacity:
            rows = <Row*>realloc(self.rows, self.n_rows * sizeof(Row))
            if rows != NULL:
                self.rows = rows
                self.capacity = self.n_rows
        if stop >= <uint64_t>self.size:
            return 0
        owner = PyBytes_FromStringAndSize(<const char*>self.data, <Py_ssize_t>stop)
        PyBuffer_Release(&self._buffer)
        self._held = False
        PyObject_GetBuffer(owner, &self._buffer, PyBUF_SIMPLE)
        self._held = True
        self.owner = owner
        self.data = <const unsigned char*>self._buffer.buf
        self.size = self._buffer.len
        return 0


cdef int stop_with(ScanResult* result, ScanStatus status, uint64_t position, uint64_t wanted) noexcept nogil:
    result.status = status
    result.position = position
    result.wanted = wanted
    return 1


cdef int scan_elements(Table table, uint64_t pos, uint64_t end, uint64_t hard, bint implicit, ScanOptions* options,
                       ScanResult* result, bint more, int depth) noexcept nogil:
    """Append rows for elements from `pos` until `end`; values may reach up to `hard`. 0: go on, 1: see result.

    `result.position` is where the next byte to look at is. At depth > 0 an item delimiter is consumed; a delimiter or
    item tag that belongs to a level above ends the item and is left for that level.
    """
    cdef bint little = options.little_endian
    cdef const unsigned char* data = table.data
    cdef const unsigned char* p
    cdef uint32_t tag, length, number
    cdef uint16_t vr, known
    cdef uint64_t value, value_end, nbytes, used
    cdef uint8_t flags, header
    cdef int kind
    cdef bint keep
    cdef Row* row
    while pos < end:
        if hard - pos < 8:
            if more:
                return stop_with(result, SCAN_NEED_MORE, pos, pos + 8)
            result.position = hard
            return 0
        p = data + pos
        tag = read_tag(p, little)
        if tag == ITEM_DELIMITER:
            result.position = pos + 8
            return 0 if depth else stop_with(result, SCAN_STOPPED, pos + 8, 0)
        if depth and (tag == SEQUENCE_DELIMITER or tag == ITEM):
            result.position = pos
            return 0
        if options.only_group >= 0 and depth == 0 and <int>(tag >> 16) != options.only_group:
            return stop_with(result, SCAN_STOPPED, pos, 0)
        if options.stop_before_pixels and depth == 0 and (
            tag == 0x7FE00010 or tag == 0x7FE00009 or tag == 0x7FE00008
        ):
            return stop_with(result, SCAN_STOPPED, pos, 0)
        flags = 0
        header = 8
        vr = 0
        if implicit:
            flags = IMPLICIT
            length = read_u32(p + 4, little)
        else:
            vr = <uint16_t>((p[4] << 8) | p[5])
            kind = vr_kind(vr)
            if kind == 2:
                if hard - pos < 12:
                    if more:
                        return stop_with(result, SCAN_NEED_MORE, pos, pos + 12)
                    return stop_with(result, SCAN_TRUNCATED_HEADER, pos, pos + 12)
                length = read_u32(p + 8, little)
                header = 12
            elif kind == 0 and options.switch_implicit and not (0x4141 <= vr <= 0x5A5A):
                vr = 0
                flags = IMPLICIT
                length = read_u32(p + 4, little)
            else:
                length = read_u16(p + 6, little)
        value = pos + header
        keep = options.wanted == NULL or depth > 0 or contains(options.wanted, options.n_wanted, tag)
        if length != UNDEFINED_LENGTH:
            value_end = value + length
            nbytes = length
            if value_end > hard:
                if more and (depth or (keep and (length <= options.defer_size or tag == CHARACTER_SET))):
                    return stop_with(result, SCAN_NEED_MORE, pos, value_end)
                nbytes = hard - value
                if not more:
                    value_end = hard
            if keep:
                row = table.add()
                if row == NULL:
                    return stop_with(result, SCAN_MEMORY, pos, 0)
                row.tag = tag
                row.vr = vr
                row.length = length
                row.header = header
                row.offset = value
                row.nbytes = nbytes
                row.file_offset = <uint64_t>(options.base + <int64_t>value)
                if length > options.defer_size and depth == 0 and tag != CHARACTER_SET:
                    flags |= DEFERRED
                    row.nbytes = 0
                row.flags = flags
                row.next = table.n_rows
            pos = value_end
            if pos > hard:           # a value that is not wanted now reaches beyond what is here
                return stop_with(result, SCAN_NEED_MORE, pos, pos)
            continue
        # undefined length: a sequence, or encapsulated frames
        if vr == VR_UN and options.infer_sq_for_un:
            vr = VR_SQ
        if vr == 0 or (vr == VR_UN and options.replace_un):
            known = pydcm_dictionary_vr(tag)
            if known == 0 and hard - value >= 4 and read_tag(data + value, little) == ITEM:
                vr = VR_SQ
            elif known != 0:
                vr = 0 if known >= NOT_A_VR else known
        number = table.n_rows
        row = table.add()
        if row == NULL:
            return stop_with(result, SCAN_MEMORY, pos, 0)
        row.tag = tag
        row.vr = vr
        row.length = length
        row.header = header
        row.offset = value
        row.file_offset = <uint64_t>(options.base + <int64_t>value)
        row.flags = flags | UNDEFINED
        row.nbytes = 0
        row.next = table.n_rows
        if vr == VR_SQ:
            row.flags |= CHILDREN
            if depth + 1 > options.max_depth:
                return stop_with(result, SCAN_DEPTH, pos, 0)
            if scan_sequence(table, value, hard, hard, implicit, True, options, result, more, depth + 1):
                if result.status == SCAN_NEED_MORE:
                    if depth == 0:
                        table.n_rows = number
                        result.position = pos
                    return 1
                if result.status != SCAN_EOF_VALUE:
                    return 1
                close_sequence(table, number, value, hard, result)
                return 1
            close_sequence(table, number, value, hard, result)
            pos = result.position
        else:
            used = encapsulated_length(table, value, hard, little)
            if used == 0:
                used = search_delimiter(data, value, hard, little)
            if used == 0:
                table.n_rows = number
                if more:
                    return stop_with(result, SCAN_NEED_MORE, pos, hard + 1)
                return stop_with(result, SCAN_EOF_VALUE, pos, 0)
            row = table.rows + number
            row.nbytes = used - 8 - value
            row.flags |= DELIMITED
            if row.nbytes > options.defer_size and depth == 0:
                row.flags |= DEFERRED
                row.nbytes = 0
            pos = used
        if not keep:
            table.n_rows = number
    result.position = pos
    return 0


cdef void close_sequence(Table table, uint32_t number, uint64_t value, uint64_t hard, ScanResult* result) noexcept nogil:
    """Note where a sequence of undefined length ended: content length, delimiter, next sibling."""
    cdef Row* row = table.rows + number
    cdef uint64_t end = result.position if result.position < hard else hard
    row.next = table.n_rows
    if end - value >= 8 and result.status == SCAN_OK and read_tag(
        table.data + end - 8, table.little_endian
    ) == SEQUENCE_DELIMITER:
        row.flags |= DELIMITED
        end -= 8
    row.nbytes = end - value


cdef int scan_sequence(Table table, uint64_t pos, uint64_t end, uint64_t hard, bint implicit, bint undefined,
                       ScanOptions* options, ScanResult* result, bint more, int depth) noexcept nogil:
    """Append item rows (and their elements) from `pos` until the sequence delimiter or `end`."""
    cdef bint little = options.little_endian
    cdef const unsigned char* data = table.data
    cdef uint32_t tag, length, number
    cdef uint64_t content, item_end
    cdef bint item_implicit
    cdef Row* row
    cdef int stopped
    while pos < end or undefined:
        if hard - pos < 8 or pos > hard:
            if more:
                return stop_with(result, SCAN_NEED_MORE, pos, pos + 8)
            return stop_with(result, SCAN_NO_ITEM, pos, 0)
        tag = read_tag(data + pos, little)
        length = read_u32(data + pos + 4, little)
        content = pos + 8
        if tag == SEQUENCE_DELIMITER:
            pos = content
            break
        item_implicit = implicit
        if not implicit and hard - content >= 6:
            item_implicit = not looks_explicit(data + content + 4)
        item_end = hard
        if length != UNDEFINED_LENGTH and content + length < hard:
            item_end = content + length
        elif length != UNDEFINED_LENGTH and more and content + length > hard:
            return stop_with(result, SCAN_NEED_MORE, pos, content + length)
        number = table.n_rows
        row = table.add()
        if row == NULL:
            return stop_with(result, SCAN_MEMORY, pos, 0)
        row.tag = tag
        row.vr = 0
        row.length = length
        row.header = 8
        row.offset = content
        row.file_offset = <uint64_t>(options.base + <int64_t>content)
        row.flags = CHILDREN | (UNDEFINED if length == UNDEFINED_LENGTH else 0) | (
            ITEM_IMPLICIT if item_implicit else 0
        )
        row.nbytes = 0
        result.position = content
        stopped = 0
        if item_end > content:
            stopped = scan_elements(
                table, content, item_end, hard, item_implicit, options, result, more, depth
            )
        row = table.rows + number
        row.next = table.n_rows
        row.nbytes = (result.position if result.position < hard else hard) - content
        if stopped:
            return 1
        pos = result.position
        if length == UNDEFINED_LENGTH:
            if pos - content >= 8 and read_tag(data + pos - 8, little) == ITEM_DELIMITER:
                row.flags |= DELIMITED
                row.nbytes -= 8
            elif pos >= hard and more:
                return stop_with(result, SCAN_NEED_MORE, pos, pos + 8)
    result.status = SCAN_OK
    result.position = pos
    return 0


cdef uint64_t encapsulated_length(Table table, uint64_t pos, uint64_t hard, bint little) noexcept nogil:
    """Walk encapsulation items (PS3.5 §A.4); return the offset after the sequence delimiter, 0 if they do not add up."""
    cdef uint32_t tag
    cdef int64_t walked = 0
    if table.wasted_walks > (table.size >> 3) + 4096:
        return 0
    while hard - pos >= 8:
        tag = read_tag(table.data + pos, little)
        if tag == SEQUENCE_DELIMITER:
            return pos + 8
        if tag != ITEM:
            break
        walked += 1
        pos += 8 + <uint64_t>read_u32(table.data + pos + 4, little)
        if pos > hard:
            break
    table.wasted_walks += walked
    return 0


cdef uint64_t search_delimiter(const unsigned char* data, uint64_t pos, uint64_t hard, bint little) noexcept nogil:
    """Search for the four bytes of a sequence delimiter; return the offset after its length field, 0 if none."""
    cdef const unsigned char* found
    cdef const unsigned char* stop = data + hard
    cdef const unsigned char* p = data + pos
    cdef int first = 0xFE if little else 0xFF
    while stop - p >= 8:
        found = <const unsigned char*>memchr(p, first, stop - p - 7)
        if found == NULL:
            return 0
        if read_tag(found, little) == SEQUENCE_DELIMITER:
            return <uint64_t>(found - data) + 8
        p = found + 1
    return 0
