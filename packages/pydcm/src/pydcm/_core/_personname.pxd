"""Names of persons at C speed."""

cdef class PersonNameCore:
    cdef object _original
    cdef tuple _components
    cdef object _encodings
    cdef public object validation_mode
    cdef readonly bint touched

    cdef tuple _get_components(self)
    cdef str _joined(self)


cdef object make_person_name(bytes raw, object encodings, object validation_mode)
