"""Uncompressed images from files into their places of a volume, rescaled on the way, without the GIL."""
cimport cython
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <errno.h>
    #include <fcntl.h>
    #include <stdint.h>
    #include <sys/stat.h>
    #ifdef _MSC_VER
    #include <intrin.h>
    #define slices_claim(next, n) _InterlockedExchangeAdd64((next), (n))
    #else
    #define slices_claim(next, n) __atomic_fetch_add((next), (n), __ATOMIC_RELAXED)
    #endif
    /* Writes to a byte what is there, unless another thread has just written to it. */
    static void slices_keep(unsigned char *p) {
    #ifdef _MSC_VER
        char now = *(volatile char *)p;
        _InterlockedCompareExchange8((volatile char *)p, now, now);
    #else
        unsigned char now = __atomic_load_n(p, __ATOMIC_RELAXED);
        __atomic_compare_exchange_n(p, &now, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    #endif
    }
    #define slices_stop(next) (*(volatile int64_t *)(next) = INT64_MIN / 2)
    #define slices_seen(flag) (*(volatile const int64_t *)(flag))
    #ifdef __linux__
    #include <sys/mman.h>
    #include <time.h>
    static int64_t slices_nanoseconds(void) {
        struct timespec t;
        return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0 ? t.tv_sec * (int64_t)1000000000 + t.tv_nsec : 0;
    }
    /* Whole pages (Linux 5.14); the one at each end is left to the first writer. Huge pages take a quarter of the time
       of small ones (3/8 ns a byte), unless the system has to find or to clear them in a slow way: `loss` is what they
       have cost more, in nanoseconds. From a quarter of what small pages cost for all of the memory they are not asked
       for again, not earlier: giving up is dear too, and a single slow page (a processor that was taken away) is none
       of their fault. */
    static int slices_provide(void *p, size_t n, int64_t *loss, void *all, size_t size) {
        const int64_t most = (int64_t)size * 3 / 32;
        uintptr_t start = ((uintptr_t)p + 4095) & ~(uintptr_t)4095, end = ((uintptr_t)p + n) & ~(uintptr_t)4095;
        int64_t begun = slices_nanoseconds(), now;
        if (start < end && madvise((void *)start, end - start, 23 /* MADV_POPULATE_WRITE */)) return 0;
        now = slices_seen(loss);
        if (now < most) {
            now += slices_nanoseconds() - begun - (int64_t)n * 3 / 8;
            *(volatile int64_t *)loss = now > -most ? now : -most;
            if (now >= most) {
                start = ((uintptr_t)all + 4095) & ~(uintptr_t)4095;
                end = ((uintptr_t)all + size) & ~(uintptr_t)4095;
                madvise((void *)start, end - start, 15 /* MADV_NOHUGEPAGE */);
            }
        }
        return 1;
    }
    #else
    static int slices_provide(void *p, size_t n, int64_t *loss, void *all, size_t size) {
        (void)p; (void)n; (void)loss; (void)all; (void)size;
        return 0;
    }
    #endif
    #ifdef _WIN32
    #include <io.h>
    static int slices_open(const char *path) { return _open(path, _O_RDONLY | _O_BINARY | _O_NOINHERIT); }
    static void slices_close(int fd) { _close(fd); }
    static long long slices_size(int fd) { return _filelengthi64(fd); }
    static long long slices_read(int fd, void *to, long long n, long long offset) {
        long long done = 0;
        if (_lseeki64(fd, offset, SEEK_SET) < 0) return -1;
        while (done < n) {
            long long ask = n - done > 0x40000000 ? 0x40000000 : n - done;
            int got = _read(fd, (char *)to + done, (unsigned)ask);
            if (got <= 0) break;
            done += got;
        }
        return done;
    }
    #else
    #include <unistd.h>
    static int slices_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
    static void slices_close(int fd) { close(fd); }
    static long long slices_size(int fd) {
        struct stat status;
        return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (long long)status.st_size : -1;
    }
    static long long slices_read(int fd, void *to, long long n, long long offset) {
        long long done = 0;
        while (done < n) {
            size_t ask = (size_t)(n - done > 0x40000000 ? 0x40000000 : n - done);
            ssize_t got = pread(fd, (char *)to + done, ask, (off_t)(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            done += got;
        }
        return done;
    }
    #endif
    """
    int64_t slices_claim(int64_t* next, int64_t n) nogil
    int64_t slices_seen(const int64_t* flag) nogil
    void slices_stop(int64_t* next) nogil
    void slices_keep(unsigned char* p) nogil
    int slices_provide(void* p, size_t n, int64_t* loss, void* all, size_t size) nogil
    int slices_open(const char* path) nogil
    void slices_close(int fd) nogil
    long long slices_size(int fd) nogil
    long long slices_read(int fd, void* to, long long n, long long offset) nogil

cdef extern from "Python.h":
    int PyErr_CheckSignals() noexcept     # the exception stays set while threads and memory are seen to

ctypedef fused Stored:
    int8_t
    int16_t
    int32_t
    uint8_t
    uint16_t
    uint32_t
    float
    double

ctypedef fused Real:
    float
    double

ctypedef fused Out:
    uint8_t                # bytes of stored values, as they are
    float
    double

cdef enum:
    DONE = 0
    OTHER_LAYOUT = 1      # the pixel data is not the file's last element, or not of the expected length
    UNREADABLE = 2
    COLUMNS = 7           # of `jobs`
    STEP = 1 << 21        # memory is asked for in pieces of this size, that of a huge page
    PIECE = 1 << 16       # bytes of a frame that are read before they are scaled: they stay in the processor's own cache


cdef inline void put(const Stored* src, Real* dst, int64_t rows, int64_t columns, int64_t stride, double slope,
                     double intercept, int shift, bint single) noexcept nogil:
    """Write one image; slope and intercept tell how much arithmetic it needs."""
    cdef int64_t y, x
    cdef float slope32 = <float> slope, intercept32 = <float> intercept
    cdef float product
    cdef const Stored* row
    # single precision is exact for whole numbers of 16 bits and fewer
    cdef bint whole = slope == 1.0 and -65536 < intercept < 65536 and intercept == <double> <int32_t> intercept
    if stride == columns:                 # whole frames are one long row
        columns, rows = columns * rows, 1
    for y in range(rows):
        row = src + y * stride
        if slope == 1.0 and intercept == 0.0:
            if Stored is float or Stored is double:
                for x in range(columns):
                    dst[x] = <Real> row[x]
            elif shift:
                for x in range(columns):
                    dst[x] = <Real> (<Stored> (<Stored> (row[x] << shift) >> shift))
            else:
                for x in range(columns):
                    dst[x] = <Real> row[x]
        else:
            if Stored is float or Stored is double:
                for x in range(columns):
                    dst[x] = <Real> (row[x] * slope + intercept)
            elif shift and single:
                for x in range(columns):
                    product = <float> (<Stored> (<Stored> (row[x] << shift) >> shift)) * slope32
                    dst[x] = <Real> (product + intercept32)
            elif shift:
                for x in range(columns):
                    dst[x] = <Real> (<Stored> (<Stored> (row[x] << shift) >> shift) * slope + intercept)
            elif whole and (Stored is int16_t or Stored is uint16_t or Stored is int8_t or Stored is uint8_t):
                for x in range(columns):
                    dst[x] = <Real> (<float> row[x] + intercept32)
            elif single and (Stored is int16_t or Stored is uint16_t or Stored is int8_t or Stored is uint8_t):
                for x in range(columns):
                    product = <float> row[x] * slope32
                    dst[x] = <Real> (product + intercept32)
            else:
                for x in range(columns):
                    dst[x] = <Real> (row[x] * slope + intercept)
        dst += columns


cdef inline void dispatch(int code, const void* src, Real* dst, const int64_t* job, const double* scale,
                          int shift, bint single) noexcept nogil:
    cdef int64_t start = job[2], stride = job[3], rows = job[4], columns = job[5]
    if code == 0:
        put(<const int8_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 1:
        put(<const uint8_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 2:
        put(<const int16_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 3:
        put(<const uint16_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 4:
        put(<const int32_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 5:
        put(<const uint32_t*> src + start, dst, rows, columns, stride, scale[0], scale[1], shift, single)
    elif code == 6:
        put(<const float*> src + start, dst, rows, columns, stride, scale[0], scale[1], 0, single)
    else:
        put(<const double*> src + start, dst, rows, columns, stride, scale[0], scale[1], 0, single)


cdef inline void copy_rows(const uint8_t* src, uint8_t* dst, const int64_t* job, int64_t itemsize) noexcept nogil:
    cdef int64_t y, length = job[5] * itemsize
    for y in range(job[4]):
        memcpy(dst + y * length, src + (job[2] + y * job[3]) * itemsize, length)


cdef inline bint is_pixel_tag(const uint8_t* p) noexcept nogil:
    return p[0] == 0xE0 and p[1] == 0x7F and p[3] == 0 and (p[2] == 0x10 or p[2] == 0x08 or p[2] == 0x09)


cdef bint is_pixel_header(const uint8_t* p, int64_t total) noexcept nogil:
    """Say whether the 12 bytes at `p` end with the header of a pixel data element of `total` bytes, little endian."""
    cdef int i
    for i in range(4):
        if p[8 + i] != ((total >> (8 * i)) & 0xFF):
            return False
    if is_pixel_tag(p + 4):               # implicit VR: tag and length
        return True
    # explicit VR: tag, "O" and another letter, two zeros, length
    return is_pixel_tag(p) and p[4] == 79 and 66 <= p[5] <= 87 and p[6] == 0 and p[7] == 0


cdef int locate(int fd, int64_t total, int64_t* offset) noexcept nogil:
    """Find pixel data of `total` bytes that is the last element of a file."""
    cdef uint8_t head[12]
    cdef int64_t size = slices_size(fd)
    if size < 0:
        return UNREADABLE
    if size < total + 12:
        return OTHER_LAYOUT
    if slices_read(fd, head, 12, size - total - 12) != 12:
        return UNREADABLE
    if not is_pixel_header(head, total):
        return OTHER_LAYOUT
    offset[0] = size - total
    return DONE


cdef bint read_whole(int fd, int64_t offset, int64_t nbytes, void* buffer, Out* out, const int64_t* job, int code,
                     int64_t itemsize, const double* scale, int shift, bint single) noexcept nogil:
    """Read all of a frame into its place, piece by piece; say whether it was all there."""
    cdef int64_t[6] part
    cdef int64_t at = 0, n
    if Out is uint8_t:
        return slices_read(fd, &out[job[6] * itemsize], nbytes, offset) == nbytes
    else:
        while at < nbytes:
            n = min(<int64_t> PIECE, nbytes - at)
            if slices_read(fd, buffer, n, offset + at) != n:
                return False
            part[:] = [0, 0, 0, n // itemsize, 1, n // itemsize]
            dispatch(code, buffer, out + job[6] + at // itemsize, part, scale, shift, single)
            at += n
        return True


cdef int look_for_signals() noexcept with gil:
    return PyErr_CheckSignals()


cdef int raise_it() except -1:
    return -1


@cython.boundscheck(False)
@cython.wraparound(False)
def read_frames(list names not None, const int64_t[:, ::1] jobs not None, const double[:, ::1] scales not None,
                const int64_t[::1] frame_bytes not None, const int64_t[::1] total_bytes not None,
                const int64_t[::1] offsets not None, Out[::1] out not None, int8_t[::1] status not None, int code,
                int shift, bint single, int64_t[::1] state, int64_t[::1] turn not None) -> None:
    """Read images of uncompressed little-endian files into their places.

    Threads that call this at the same time with the same arguments share the work. Handlers of signals run in the main
    thread after every few files; an exception of theirs stops all threads.

    Parameters
    ----------
    names : list of bytes
        The files.
    jobs : array of int64, (n, 7)
        Per image: number of the file; start of its frame in the pixel data (bytes); first sample within the frame;
        samples from row to row; rows; samples per row; first sample in `out`. Jobs of one file follow one another.
    scales : array of float64, (n, 2)
        Slope and intercept of each image; 1 and 0 copy the stored values.
    frame_bytes, total_bytes : arrays of int64, one per file
        Length of a frame, and of the whole (even) pixel data value.
    offsets : array of int64, one per file
        Where the pixel data starts; -1 to look for it at the end of the file.
    out : array, one axis
        The volume: float32 or float64; or its bytes, which get the stored values as they are.
    status : array of int8, one per file
        Gets 0 for done, 1 for another layout than expected, 2 for a file that cannot be read.
    code : int
        Type of the stored values: ``i1 u1 i2 u2 i4 u4 f4 f8`` from 0.
    shift : int
        Number of unused high bits (not looked at when bytes are copied).
    single : bool
        Whether samples of up to 16 bits are scaled in single precision.
    state : array of int64, (3,), or None
        What :func:`touch` has used: pages of `out` that it has not come to are asked for image by image.
    turn : array of int64, (2,)
        Which file is next, 0 at first (below zero, all threads stop after theirs), and how many to take at once.
    """
    cdef Py_ssize_t n_jobs = jobs.shape[0], n_files, i
    cdef int64_t file = -1, largest = 0, loaded = -1, offset = -1, itemsize, n, room
    cdef int64_t width[8]
    cdef int fd = -1
    cdef void* buffer = NULL
    cdef const char** paths = NULL
    cdef bytes one
    cdef tuple kept = tuple(names)        # holds the paths
    cdef const int64_t* job
    cdef int64_t* loss = NULL
    cdef int64_t provided = 0
    cdef int64_t unit, first, at_once
    cdef bint interrupted = False
    if turn.shape[0] != 2 or not 0 < turn[1] < 1 << 32:
        raise ValueError("a turn has two numbers")
    at_once = turn[1]
    cdef Py_ssize_t* starts = NULL
    if state is not None:
        if state.shape[0] != 3:
            raise ValueError("the state of a memory has three numbers")
        loss, provided = &state[2], state[0]
    n_files = len(kept)
    width[:] = [1, 1, 2, 2, 4, 4, 4, 8]
    if jobs.shape[1] != COLUMNS or scales.shape[0] != n_jobs or scales.shape[1] != 2:
        raise ValueError("a job has seven numbers, a slope and an intercept")
    if not 0 <= code < 8 or not 0 <= shift < 32:
        raise ValueError(f"there is no sample type {code} with {shift} unused bits")
    itemsize = width[code]
    unit = itemsize if Out is uint8_t else sizeof(Out)
    room = out.shape[0] // itemsize if Out is uint8_t else out.shape[0]
    if min(frame_bytes.shape[0], total_bytes.shape[0], offsets.shape[0], status.shape[0]) < n_files:
        raise ValueError("each file needs its lengths, its offset and its status")
    # every index is checked here, once; the loop below trusts them
    for i in range(n_jobs):
        job = &jobs[i, 0]
        if not 0 <= job[0] < n_files:
            raise ValueError(f"job {i} is of file {job[0]}, there are {n_files}")
        n = frame_bytes[job[0]]
        if n < 1 or n > <int64_t> 1 << 40 or job[1] < 0 or job[1] > total_bytes[job[0]] - n:
            raise ValueError(f"job {i} wants a frame that starts at byte {job[1]} of {total_bytes[job[0]]}")
        if (job[2] < 0 or job[4] < 1 or job[5] < 1 or job[3] < job[5] or job[3] > 1 << 32 or job[4] > 1 << 32
                or job[2] > n or job[4] > n or (job[2] + (job[4] - 1) * job[3] + job[5]) > n // itemsize):
            raise ValueError(f"job {i} wants samples past the end of its frame")
        if job[6] < 0 or job[6] > room or job[4] * job[5] > room - job[6]:
            raise ValueError(f"job {i} has no room in the output")
        if i and job[0] < jobs[i - 1, 0]:
            raise ValueError(f"job {i} is of a file before that of job {i - 1}")
        if n > largest:
            largest = n
    if not n_jobs:
        return
    for one in kept:
        if b"\0" in one:
            raise ValueError("a file name has a null character")
    buffer = malloc(largest)
    paths = <const char**> malloc(n_files * sizeof(char*))
    starts = <Py_ssize_t*> calloc(n_files + 1, sizeof(Py_ssize_t))
    if buffer == NULL or paths == NULL or starts == NULL:
        free(buffer)
        free(paths)
        free(starts)
        raise MemoryError
    for i in range(n_files):
        paths[i] = <bytes> kept[i]
    for i in range(n_jobs):
        starts[jobs[i, 0] + 1] = i + 1
    for i in range(n_files):
        starts[i + 1] = max(starts[i + 1], starts[i])     # a file without jobs
    with nogil:
        while True:
            first = slices_claim(&turn[0], at_once)
            if not 0 <= first < n_files:
                break
            if look_for_signals() != 0:
                interrupted = True
                slices_stop(&turn[0])
                break
            for file in range(first, min(first + at_once, n_files)):
                if slices_seen(&turn[0]) < 0:
                    break
                loaded = -1
                offset = offsets[file]
                fd = slices_open(paths[file])
                status[file] = DONE if fd >= 0 else UNREADABLE
                if fd >= 0 and offset < 0:
                    status[file] = locate(fd, total_bytes[file], &offset)
                for i in range(starts[file], starts[file + 1]):
                    if status[file] != DONE:
                        break
                    job = &jobs[i, 0]
                    n = job[4] * job[5]
                    if loss != NULL and (job[6] + n) * unit > provided:
                        slices_provide(<char*> &out[0] + job[6] * unit, n * unit, loss, &out[0],
                                       out.shape[0] * sizeof(Out))
                    if n * itemsize == frame_bytes[file] and job[2] == 0 and job[3] == job[5]:
                        if not read_whole(fd, offset + job[1], frame_bytes[file], buffer, &out[0], job, code, itemsize,
                                          &scales[i, 0], shift, single):
                            status[file] = UNREADABLE
                        continue
                    if loaded != job[1]:
                        if slices_read(fd, buffer, frame_bytes[file], offset + job[1]) != frame_bytes[file]:
                            status[file] = UNREADABLE
                            break
                        loaded = job[1]
                    if Out is uint8_t:
                        copy_rows(<const uint8_t*> buffer, &out[job[6] * itemsize], job, itemsize)
                    else:
                        dispatch(code, buffer, &out[job[6]], job, &scales[i, 0], shift, single)
                if fd >= 0:
                    slices_close(fd)
    free(starts)
    free(paths)
    free(buffer)
    if interrupted:
        raise_it()


@cython.boundscheck(False)
@cython.wraparound(False)
def scale_frame(const uint8_t[::1] src not None, Real[::1] out not None, int code, double slope, double intercept,
                bint single) -> None:
    """Rescale one decoded image, as :func:`read_frames` does.

    Parameters
    ----------
    src : array of bytes
        The samples.
    out : array of float32 or float64
        Their place.
    code, single
        As for :func:`read_frames`.
    slope, intercept : float
        From stored to real-world values.
    """
    cdef int64_t width[8]
    cdef int64_t[6] job
    cdef double[2] scale
    cdef int64_t n = out.shape[0]
    width[:] = [1, 1, 2, 2, 4, 4, 4, 8]
    if not 0 <= code < 8:
        raise ValueError(f"there is no sample type {code}")
    if src.shape[0] != n * width[code]:
        raise ValueError(f"{src.shape[0]} bytes are not {n} samples")
    if not n:
        return
    job[:] = [0, 0, 0, n, 1, n]
    scale[:] = [slope, intercept]
    with nogil:
        dispatch(code, &src[0], &out[0], job, scale, 0, single)


@cython.boundscheck(False)
@cython.wraparound(False)
def touch(uint8_t[::1] memory not None, int64_t[::1] state not None) -> None:
    """Have the system provide the pages of some new memory now; its content stays what it is.

    Threads that call this at the same time share the work, and others may fill the memory meanwhile.

    Parameters
    ----------
    memory : array of bytes
        What is needed.
    state : array of int64, (3,)
        Zeros at first; of all calls for this memory: how far they are; whether they shall stop (set by anybody);
        what huge pages have cost more than small ones, ns.
    """
    cdef int64_t start, n, at, size = memory.shape[0]
    if state.shape[0] != 3 or state[0] < 0:
        raise ValueError("the state of a memory has three numbers")
    if not size:
        return
    with nogil:
        while not slices_seen(&state[1]):
            start = slices_claim(&state[0], STEP)
            if start >= size:
                break
            n = min(<int64_t> STEP, size - start)
            if not slices_provide(&memory[start], n, &state[2], &memory[0], size):
                for at in range(start, start + n, 4096):
                    slices_keep(&memory[at])
