cdef class ListCore:
    cdef public list _list
    cdef public bint touched
    cpdef object _validate(self, object item)
    cdef list _validated(self, object iterable)


cdef class MultiValueCore(ListCore):
    cdef public object _constructor


cdef object wrap_list(type cls, list items)
cdef object make_multivalue(object constructor, list items)
