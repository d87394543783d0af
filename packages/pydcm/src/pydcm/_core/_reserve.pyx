"""Room on the disk for a large file, asked for before it is written."""
from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stdint.h>
    #ifdef __linux__
    #include <errno.h>
    #include <sys/vfs.h>
    #include <unistd.h>
    #include <sys/syscall.h>
    /* ext4 writes into reserved blocks in two thirds of the time that it needs where it finds them page by page. Other
       file systems gain nothing, or lose by it (btrfs would not compress the file), and are left alone. The length of
       the file stays what it is (FALLOC_FL_KEEP_SIZE). */
    static int pydcm_reserve(int fd, int64_t nbytes) {
    #if defined(SYS_fallocate) && defined(__LP64__)
        struct statfs system;
        if (fstatfs(fd, &system) || system.f_type != 0xEF53) return 0;
        if (syscall(SYS_fallocate, fd, 1, 0L, (long)nbytes) && (errno == ENOSPC || errno == EDQUOT)) return errno;
    #else
        (void)fd; (void)nbytes;
    #endif
        return 0;
    }
    #else
    static int pydcm_reserve(int fd, int64_t nbytes) { (void)fd; (void)nbytes; return 0; }
    #endif
    """
    int pydcm_reserve(int fd, int64_t nbytes) nogil


def reserve(int fd, int64_t nbytes) -> None:
    """Reserve the blocks of a new file, where that is known to make writing it faster.

    Parameters
    ----------
    fd : int
        An open file descriptor.
    nbytes : int
        How long the file is going to be.

    Raises
    ------
    OSError
        If there is no room for it.
    """
    cdef int error
    if nbytes <= 0:
        return
    with nogil:
        error = pydcm_reserve(fd, nbytes)
    if error:
        import os

        raise OSError(error, os.strerror(error))
