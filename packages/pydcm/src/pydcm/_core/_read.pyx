"""From files to data sets: read the bytes that are needed, scan them once, put the table into a data set."""
from cpython.ref cimport Py_DECREF, PyObject
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp

from pydcm._core._dataset cimport DatasetCore
from pydcm._core._rows cimport make_sequence
from pydcm._core._scan cimport (
    SCAN_EOF_VALUE, SCAN_NEED_MORE, SCAN_OK, SCAN_STOPPED, Row, ScanOptions, ScanResult, Table, current_options,
    make_table, raise_scan_error,
)

cdef extern from *:
    """
    #include <errno.h>
    #include <fcntl.h>
    #include <sys/stat.h>
    #ifdef _WIN32
    #include <io.h>
    #define PYDCM_FLAGS (_O_RDONLY | _O_BINARY | _O_NOINHERIT)
    typedef struct _stat64 pydcm_stat_t;
    static int pydcm_open(const char *path) { return _open(path, PYDCM_FLAGS); }
    static int pydcm_fstat(int fd, pydcm_stat_t *out) { return _fstat64(fd, out); }
    static long long pydcm_read(int fd, char *p, long long n) { return _read(fd, p, (unsigned)(n > 0x40000000 ? 0x40000000 : n)); }
    static void pydcm_close(int fd) { _close(fd); }
    #define PYDCM_IS_FILE(s) (((s).st_mode & _S_IFMT) == _S_IFREG)
    #define PYDCM_MTIME(s) ((double)(s).st_mtime)
    #else
    #include <unistd.h>
    typedef struct stat pydcm_stat_t;
    static int pydcm_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
    static int pydcm_fstat(int fd, pydcm_stat_t *out) { return fstat(fd, out); }
    static long long pydcm_read(int fd, char *p, long long n) {
        ssize_t got;
        do { got = read(fd, p, (size_t)(n > 0x40000000 ? 0x40000000 : n)); } while (got < 0 && errno == EINTR);
        return got;
    }
    static void pydcm_close(int fd) { close(fd); }
    #define PYDCM_IS_FILE(s) S_ISREG((s).st_mode)
    #ifdef __APPLE__
    #define PYDCM_MTIME(s) ((double)(s).st_mtimespec.tv_sec + 1e-9 * (double)(s).st_mtimespec.tv_nsec)
    #else
    #define PYDCM_MTIME(s) ((double)(s).st_mtim.tv_sec + 1e-9 * (double)(s).st_mtim.tv_nsec)
    #endif
    #endif
    static double pydcm_mtime(pydcm_stat_t *s) { return PYDCM_MTIME(*s); }
    static int pydcm_is_file(pydcm_stat_t *s) { return PYDCM_IS_FILE(*s); }
    static long long pydcm_size(pydcm_stat_t *s) { return (long long)s->st_size; }
    static PyObject *pydcm_os_error(PyObject *path) {
        return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    """
    ctypedef struct pydcm_stat_t:
        pass
    int pydcm_open(const char* path) nogil
    int pydcm_fstat(int fd, pydcm_stat_t* out) nogil
    long long pydcm_read(int fd, char* p, long long n) nogil
    void pydcm_close(int fd) nogil
    double pydcm_mtime(pydcm_stat_t* s) nogil
    int pydcm_is_file(pydcm_stat_t* s) nogil
    long long pydcm_size(pydcm_stat_t* s) nogil
    object pydcm_os_error(object path)

cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_read(PyTypeObject *cls, PyObject *no_args) {
        return cls->tp_new(cls, no_args, NULL);
    }
    """
    object pydcm_new_read(type cls, tuple no_args)

cdef extern from "Python.h":
    object PyUnicode_EncodeFSDefault(object path)
    PyObject* PyBytes_FromStringAndSize(const char* content, Py_ssize_t n) except NULL
    char* PyBytes_AS_STRING(PyObject* content)
    int _PyBytes_Resize(PyObject** content, Py_ssize_t n) except -1
    Py_ssize_t Py_SIZE(object content)

cdef enum:
    FIRST_WINDOW = 16384
    LEAST_HEADER = 8192
    SPARE = 4096               # bytes by which the next header may be longer
    MOST_HEADER = 1 << 18
    MOST_EXPECTED = 16777216

cdef long long expected_size = FIRST_WINDOW
cdef long long header_size = FIRST_WINDOW

cdef tuple NO_ARGS = ()
cdef type file_dataset_class = None
cdef type file_meta_class = None
cdef object open_file = open


def read_file(path, long long limit=-1):
    """Return (content, modification time in seconds, is that all of it?, size of the file) of a file.

    Time and size of what is no regular file are ``None``.

    Parameters
    ----------
    path : str
        The file.
    limit : int, optional
        Read at most this many bytes.

    Raises
    ------
    OSError
        If it cannot be opened or read.
    """
    global expected_size
    cdef bytes name = PyUnicode_EncodeFSDefault(path)
    cdef const char* c_name = name
    cdef pydcm_stat_t status
    cdef int fd, stated = -1
    cdef bint is_file = False
    cdef long long size = 0, total = -1
    cdef long long room = limit if 0 <= limit < expected_size else expected_size
    cdef PyObject* content = NULL
    cdef char* p
    if b"\0" in name:
        raise ValueError("embedded null byte")
    # Files of one series are of one size: with room for as many bytes as last time the GIL is let go of only once. Coming
    # back to it may cost a thread more than reading from the system's cache does.
    content = PyBytes_FromStringAndSize(NULL, room)
    p = PyBytes_AS_STRING(content)
    with nogil:
        fd = pydcm_open(c_name)
        if fd >= 0:
            stated = pydcm_fstat(fd, &status)
            is_file = stated >= 0 and pydcm_is_file(&status)
            if is_file:
                size = pydcm_size(&status)
                if 0 <= limit < size:
                    size = limit
                if size <= room:
                    total = read_all(fd, p, size)
                    pydcm_close(fd)
    if fd < 0 or not is_file:
        Py_DECREF(<object>content)
        if fd < 0:
            pydcm_os_error(path)
        pydcm_close(fd)
        with open_file(path, "rb") as stream:     # a pipe or a device: its size is not known; a folder: the error says so
            return stream.read(), None, True, None
    if size > room:
        Py_DECREF(<object>content)
        content = PyBytes_FromStringAndSize(NULL, size)
        p = PyBytes_AS_STRING(content)
        with nogil:
            total = read_all(fd, p, size)
            pydcm_close(fd)
    if total < 0:
        Py_DECREF(<object>content)
        pydcm_os_error(path)
    expected_size = min(max(size, <long long>FIRST_WINDOW), <long long>MOST_EXPECTED)
    if total < Py_SIZE(<object>content):
        _PyBytes_Resize(&content, total)
    result = <object>content
    Py_DECREF(result)
    return result, pydcm_mtime(&status), pydcm_size(&status) <= size, pydcm_size(&status)


cdef long long read_all(int fd, char* p, long long size) noexcept nogil:
    """Read up to `size` bytes and return how many there were; -1 if that failed."""
    cdef long long got, total = 0
    while total < size:
        got = pydcm_read(fd, p + total, size - total)
        if got < 0:
            return -1
        if got == 0:
            break
        total += got
    return total


cdef class Scanned:
    """Rows of one stretch of elements, ready to be put into a data set."""
    cdef readonly Table table
    cdef readonly object first
    cdef readonly object last
    cdef readonly object position      # where scanning ended, as an offset into the table's buffer
    cdef readonly bint implicit
    cdef readonly bint cut_off         # an undefined length had no delimiter

    def row(self, uint32_t number):
        """Return (tag, VR bytes as int, length, offset of value, value offset in the file, header, next row)."""
        cdef Row* row = &self.table.rows[number]
        return row.tag, row.vr, row.length, row.offset, row.file_offset, row.header, row.next

    def tag_at(self, uint32_t number):
        """Return the tag of a row."""
        return self.table.rows[number].tag

    def value_at(self, uint32_t number):
        """Return the encoded value of a row."""
        return self.table.value_bytes(&self.table.rows[number])

    def cut(self, uint32_t number, uint64_t position):
        """Forget rows from `number` on: scanning ended at `position`."""
        self.last = number
        self.position = position

    def fill(self, DatasetCore dataset, parent_encoding=None, first=None, last=None):
        """Make `dataset`, an empty one, a view of these rows, or of those in [first, last)."""
        dataset.table = self.table
        dataset.first = self.first if first is None else first
        dataset.last = self.last if last is None else last
        dataset._read_implicit = bool(self.implicit)
        dataset._read_little = self.table.little_endian
        if parent_encoding is not None:
            dataset._parent_enc = parent_encoding
        return dataset


def scan_buffer(source, Py_ssize_t start, stop, bint implicit, bint little_endian, int64_t base, *,
                bint stop_before_pixels=False, wanted=None, defer_size=None, int only_group=-1, Scanned after=None):
    """Scan the elements in source[start:stop].

    Parameters
    ----------
    source : bytes-like
        The buffer; the rows keep it alive.
    start, stop : int
        The range of the data set in it; `stop` ``None`` is the end.
    implicit, little_endian : bool
        How it is encoded.
    base : int
        What to add to offsets in the buffer to get offsets in the file.
    stop_before_pixels : bool, optional
        Stop before (7FE0,0008), (7FE0,0009) or (7FE0,0010).
    wanted : sequence of int, optional
        Sorted tags to keep at the top level.
    defer_size : int, optional
        Note values longer than this without holding them.
    only_group : int, optional
        Stop at the first element of another group.
    after : Scanned, optional
        Append to the table of an earlier scan of the same buffer.

    Returns
    -------
    Scanned
        The rows.
    """
    cdef Scanned scanned = Scanned.__new__(Scanned)
    cdef ScanOptions options = current_options(little_endian)
    cdef ScanResult result
    cdef uint64_t c_start, c_stop
    cdef uint32_t* tags = NULL
    cdef Table table
    table = after.table if after is not None else make_table(source, little_endian)
    table.little_endian = little_endian
    c_stop = table.size if stop is None else min(<Py_ssize_t>stop, table.size)
    c_start = min(<uint64_t>start, c_stop)
    options.base = base
    options.stop_before_pixels = stop_before_pixels
    options.only_group = only_group
    if defer_size is not None:
        options.defer_size = <uint64_t>defer_size
    scanned.table = table
    scanned.first = table.n_rows
    scanned.implicit = implicit
    try:
        if wanted is not None:
            tags = <uint32_t*>PyMem_Malloc((len(wanted) + 1) * sizeof(uint32_t))
            if tags == NULL:
                raise MemoryError
            for i, tag in enumerate(wanted):
                tags[i] = tag
            options.wanted = tags
            options.n_wanted = len(wanted)
        table.scan(c_start, c_stop, implicit, &options, &result, False)
    finally:
        PyMem_Free(tags)
    scanned.last = table.n_rows
    scanned.position = result.position
    if result.status == SCAN_EOF_VALUE:
        scanned.cut_off = True
    else:
        raise_scan_error(&result, base)
    return scanned


def scan_windows(read_at, uint64_t start, bint implicit, bint little_endian, *, bint stop_before_pixels=False,
                 wanted=None, defer_size=None, bytes first=b""):
    """Scan a data set piece by piece: values that are not asked for are skipped and never read.

    Parameters
    ----------
    read_at : callable
        ``read_at(offset, n)`` returns up to `n` bytes from `offset`; fewer only at the end of the file.
    start : int
        Offset of the data set in the file.
    implicit, little_endian, stop_before_pixels, wanted, defer_size
        As for `scan_buffer`.
    first : bytes, optional
        What is already known of the file from `start` on.

    Returns
    -------
    Scanned
        The rows; their buffer holds only the pieces that were read.
    """
    cdef Scanned scanned = Scanned.__new__(Scanned)
    cdef ScanOptions options = current_options(little_endian)
    cdef ScanResult result
    cdef uint32_t* tags = NULL
    cdef Table table, piece
    cdef list pieces = []
    cdef uint64_t window_start = start, position = start, kept = 0, shift
    cdef uint32_t number, done
    cdef Py_ssize_t size = FIRST_WINDOW, ask
    cdef bytes window = first
    cdef bint at_end = False
    cdef Row* row
    options.stop_before_pixels = stop_before_pixels
    if defer_size is not None:
        options.defer_size = <uint64_t>defer_size
    table = make_table(b"", little_endian)
    try:
        if wanted is not None:
            tags = <uint32_t*>PyMem_Malloc((len(wanted) + 1) * sizeof(uint32_t))
            if tags == NULL:
                raise MemoryError
            for i, tag in enumerate(wanted):
                tags[i] = tag
            options.wanted = tags
            options.n_wanted = len(wanted)
        while True:
            if not window and not at_end:
                window = read_at(window_start, size)
                at_end = len(window) < size
            piece = make_table(window, little_endian)
            options.base = <int64_t>window_start
            piece.scan(position - window_start, <uint64_t>piece.size, implicit, &options, &result, not at_end)
            shift = kept
            done = table.n_rows
            for number in range(piece.n_rows):
                row = table.add()
                table.take_back()
                if row == NULL:
                    raise MemoryError
                row[0] = piece.rows[number]
                row.offset += shift
                row.next += done
            position = window_start + result.position
            if result.status == SCAN_OK and not at_end:
                result.position = <uint64_t>piece.size    # the window ended between two elements
            elif result.status != SCAN_NEED_MORE:
                break
            if result.position >= <uint64_t>piece.size:
                # go on behind a value that was skipped (or right behind this window)
                pieces.append(window)
                kept += <uint64_t>piece.size
                window_start = position
                window = b""
                size = FIRST_WINDOW
                continue
            # an element reaches beyond the window: take more, at least twice as much as before
            ask = max(<Py_ssize_t>(result.wanted - <uint64_t>piece.size), piece.size, FIRST_WINDOW)
            more = read_at(window_start + <uint64_t>piece.size, ask)
            at_end = len(more) < ask
            if result.position > 0:
                # what is scanned is kept as it is, the rest moves into a new window
                pieces.append(window[:result.position])
                kept += result.position
                window = window[result.position:] + more
                window_start = position
            else:
                window = window + more
    finally:
        PyMem_Free(tags)
    pieces.append(window)
    scanned.table = make_table(b"".join(pieces) if len(pieces) > 1 else window, little_endian)
    scanned.table.rows, table.rows = table.rows, scanned.table.rows
    scanned.table.n_rows, table.n_rows = table.n_rows, scanned.table.n_rows
    scanned.table.capacity, table.capacity = table.capacity, scanned.table.capacity
    scanned.first = 0
    scanned.last = scanned.table.n_rows
    scanned.position = position
    scanned.implicit = implicit
    if result.status == SCAN_EOF_VALUE:
        scanned.cut_off = True
    else:
        raise_scan_error(&result, <int64_t>window_start)
    return scanned


# ---- the straight way: a whole, plain file ---------------------------------------------------------------------------

cdef int transfer_syntax(Table table, uint32_t first, uint32_t last) noexcept:
    """Return 1: explicit little endian, 2: implicit, 0: anything that needs a closer look."""
    cdef uint32_t number
    cdef Row* row
    cdef const unsigned char* p
    cdef uint64_t n
    for number in range(first, last):
        row = &table.rows[number]
        if row.tag != 0x00020010:
            continue
        p = table.data + row.offset
        n = row.nbytes
        while n and (p[n - 1] == 0 or p[n - 1] == 0x20):
            n -= 1
        if n == 17 and memcmp(p, <const char*>b"1.2.840.10008.1.2", 17) == 0:
            return 2
        if n >= 22 and memcmp(p, <const char*>b"1.2.840.10008.1.2.4.", 20) == 0:
            return 1
        if n == 19 and memcmp(p, <const char*>b"1.2.840.10008.1.2.1", 19) == 0:
            return 1
        if n == 19 and memcmp(p, <const char*>b"1.2.840.10008.1.2.5", 19) == 0:
            return 1
        return 0
    return 0


def likely_header():
    """Return how many bytes of a file to read for its header: a few more than that of the last file had."""
    return header_size


def read_plain(bytes content, path, mtime, fileobj_type, bint complete=True, bint stop_before_pixels=False,
               nbytes=None):
    """Return the FileDataset of a file with nothing unusual about it; None if it needs the complete reader.

    Parameters
    ----------
    content : bytes
        The file.
    path : str or None
        Its name.
    mtime : float or None
        When it was last modified.
    fileobj_type : callable
        What opens it again.
    complete : bool, optional
        ``False`` if `content` is only the beginning.
    stop_before_pixels : bool, optional
        Stop in front of the pixel data.
    nbytes : int, optional
        Size of the file.
    """
    global file_dataset_class, file_meta_class, header_size
    cdef Table table
    cdef ScanOptions options
    cdef ScanResult result
    cdef DatasetCore dataset, meta
    cdef uint32_t first
    cdef uint64_t position
    cdef const unsigned char* p
    cdef int syntax
    cdef bint explicit_looking
    cdef Py_ssize_t size = len(content)
    cdef dict attributes
    if size < 160 or memcmp(<const char*>content + 128, <const char*>b"DICM", 4) != 0:
        return None
    table = make_table(content, True)
    p = table.data
    # (0002,0000) UL, length 4: what every regular file begins with; its value says where the data set starts
    if memcmp(p + 132, <const char*>b"\x02\x00\x00\x00UL\x04\x00", 8) != 0:
        return None
    options = current_options(True)
    options.only_group = 2
    table.scan(132, <uint64_t>size, False, &options, &result, False)
    if result.status != SCAN_STOPPED or table.n_rows == 0:
        return None
    position = result.position
    if position != 144 + (<uint64_t>p[140] | (<uint64_t>p[141] << 8) | (<uint64_t>p[142] << 16) | (<uint64_t>p[143] << 24)):
        return None
    first = table.n_rows
    syntax = transfer_syntax(table, 0, first)
    if syntax == 0 or <uint64_t>size - position < 8 or (p[position] == 0 and p[position + 1] == 0):
        return None
    explicit_looking = 0x40 < p[position + 4] < 0x5B and 0x40 < p[position + 5] < 0x5B
    if explicit_looking != (syntax == 1):
        return None
    options.only_group = -1
    options.stop_before_pixels = stop_before_pixels
    table.scan(position, <uint64_t>size, syntax == 2, &options, &result, not complete)
    if result.status == SCAN_EOF_VALUE or (not complete and result.status != SCAN_STOPPED):
        return None
    raise_scan_error(&result, 0)
    if stop_before_pixels:
        # thousands of headers at once should not hold the beginnings of their pixels
        table.keep_only(result.position)
        content = table.owner
        header_size = min(max(result.position + SPARE, <uint64_t>LEAST_HEADER), <uint64_t>MOST_HEADER)
    if file_dataset_class is None:
        from pydcm.dataset import FileDataset, FileMetaDataset
        file_dataset_class = FileDataset
        file_meta_class = FileMetaDataset
    meta = <DatasetCore>pydcm_new_read(file_meta_class, NO_ARGS)
    meta.table = table
    meta.first = 0
    meta.last = first
    meta._read_implicit = False
    meta._read_little = True
    if complete:
        meta._origin = (content, 132, position, False)
    dataset = <DatasetCore>pydcm_new_read(file_dataset_class, NO_ARGS)
    dataset.table = table
    dataset.first = first
    dataset.last = table.n_rows
    dataset._read_implicit = syntax == 2
    dataset._read_little = True
    if complete and not stop_before_pixels:
        dataset._origin = (content, position, size, False)
    attributes = dataset.__dict__
    attributes["preamble"] = content[:128]
    attributes["file_meta"] = meta
    attributes["filename"] = path
    attributes["buffer"] = None
    attributes["fileobj_type"] = fileobj_type
    attributes["timestamp"] = mtime
    if stop_before_pixels and nbytes is not None:
        attributes["_file_size"] = nbytes
    return dataset


def sequence_from_buffer(source, bint implicit, bint little_endian, bint undefined, int64_t base, encoding, *,
                         bint single=False):
    """Return (Sequence, bytes used) for encoded items.

    Parameters
    ----------
    source : bytes-like
        The items.
    implicit, little_endian : bool
        How they are encoded.
    undefined : bool
        Whether a sequence delimiter ends them.
    base : int
        What to add to offsets in the buffer to get offsets in the file.
    encoding : str or list of str
        The Python encodings of text in items that do not name their own.
    single : bool, optional
        Stop after the first item.
    """
    cdef Table table = make_table(source, little_endian)
    cdef ScanOptions options = current_options(little_endian)
    cdef ScanResult result
    options.base = base
    # items are read while the position is in front of the end: an end of 1 means one item
    table.scan_item_range(
        0, 1 if single else <uint64_t>table.size, <uint64_t>table.size, implicit, undefined, &options, &result
    )
    raise_scan_error(&result, base)
    return make_sequence(table, 0, table.n_rows, undefined, encoding, None), result.position
