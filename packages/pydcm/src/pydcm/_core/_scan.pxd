"""One pass over encoded data elements: a table of rows, no Python object per element."""
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum RowFlag:
    UNDEFINED = 1      # the length field was 0xFFFFFFFF
    IMPLICIT = 2       # the header has no VR (8 bytes: tag, 32-bit length)
    CHILDREN = 4       # a sequence whose item rows follow in this table (up to `next`)
    DEFERRED = 8       # the value is not in the buffer; `file_offset` says where it is in the file
    ITEM_IMPLICIT = 16 # item rows only: the elements inside are implicit VR
    DELIMITED = 32     # a delimiter (8 bytes) follows the value in the buffer

cdef struct Row:
    uint32_t tag
    uint32_t length       # the length field as stored
    uint64_t offset       # of the value in Table.data
    uint64_t nbytes       # bytes of value really there (without a delimiter)
    uint64_t file_offset  # of the value in the file (or in the inflated data set)
    uint32_t next         # row of the next sibling: rows in between are below this one
    uint16_t vr           # two ASCII bytes (c0 << 8 | c1) as stored or inferred while scanning; 0 = not known yet
    uint8_t flags
    uint8_t header        # bytes of header in front of the value (8 or 12)

cdef struct ScanOptions:
    bint little_endian
    bint infer_sq_for_un
    bint replace_un
    bint switch_implicit  # config.assume_implicit_vr_switch
    bint stop_before_pixels
    int only_group        # stop at the first element outside this group; -1 = off
    uint64_t defer_size   # defer values longer than this; 0xFFFFFFFFFFFFFFFF = off
    const uint32_t* wanted  # sorted tags to keep at the top level; NULL = all
    Py_ssize_t n_wanted
    int64_t base          # file_offset = base + offset
    int max_depth         # of nested sequences

cdef enum ScanStatus:
    SCAN_OK = 0           # reached the end of the range
    SCAN_STOPPED = 1      # stop_before_pixels/only_group/sequence delimiter ended it
    SCAN_NEED_MORE = 2    # an element reaches beyond the range: `position` is its start, `wanted` the end it needs
    SCAN_EOF_VALUE = 3    # undefined-length value without delimiter
    SCAN_NO_ITEM = 4      # no tag to read where an item was expected
    SCAN_DEPTH = 5        # nested deeper than max_depth
    SCAN_TRUNCATED_HEADER = 6
    SCAN_TOO_MANY = 7
    SCAN_MEMORY = 8

cdef struct ScanResult:
    ScanStatus status
    uint64_t position     # where scanning ended or what is complained about
    uint64_t wanted

cdef class Table:
    cdef readonly object owner           # the object whose buffer is scanned (kept alive)
    cdef Py_buffer _buffer
    cdef bint _held
    cdef const unsigned char* data
    cdef Py_ssize_t size
    cdef Row* rows
    cdef uint32_t n_rows
    cdef uint32_t capacity
    cdef readonly bint little_endian
    cdef void* _others_run               # the state of this thread while a long scan goes on without the GIL
    cdef int64_t wasted_walks            # items walked in vain so far (bounds hostile encapsulation)

    cdef Row* add(self) noexcept nogil
    cdef void scan(self, uint64_t start, uint64_t stop, bint implicit, ScanOptions* options,
                  ScanResult* result, bint more_may_come) noexcept nogil
    cdef void scan_item_range(self, uint64_t start, uint64_t stop, uint64_t hard, bint implicit, bint undefined,
                             ScanOptions* options, ScanResult* result) noexcept nogil
    cdef void take_back(self) noexcept nogil
    cdef bytes value_bytes(self, Row* row)
    cdef int keep_only(self, uint64_t stop) except -1

cdef Table make_table(object owner, bint little_endian)
cdef ScanOptions current_options(bint little_endian)
cdef Table scan_items(Table source, Row* row, bint implicit)
cdef int raise_scan_error(ScanResult* result, int64_t base) except -1
cdef object vr_string(uint16_t code)     # interned 'CS' for (c0 << 8 | c1); None for 0
