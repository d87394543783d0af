# distutils: language = c
"""List-like holders of DICOM values at C speed.

``ListCore`` is a mutable sequence around a plain :class:`list`. Every item that enters through the public interface passes
``_validate()``; values that the reader has converted already are wrapped by ``wrap_list()`` without a second pass. ``touched``
turns true with the first change, which tells the writer that the bytes the values came from no longer speak for them.
"""

cimport cython
from cpython.object cimport Py_EQ, Py_NE, PyObject_RichCompare

from _collections_abc import MutableSequence


cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_instance(PyTypeObject *cls, PyObject *no_args) {
        return cls->tp_new(cls, no_args, NULL);
    }
    """
    object pydcm_new_instance(type cls, tuple no_args)


cdef object _GenericAlias = type(list[int])
cdef tuple _NO_ARGS = ()
# The Python class that stands for a multi-valued element; `multival` puts it here when it is imported.
cdef type _multivalue_class = None


cdef inline int _require_iterable(object val) except -1:
    if not hasattr(val, "__iter__"):
        raise TypeError("An iterable is required")
    return 0


@cython.collection_type("sequence")
cdef class ListCore:
    """A mutable sequence whose items all pass ``_validate()``.

    Parameters
    ----------
    iterable : iterable, optional
        The first items.

    Attributes
    ----------
    touched : bool
        ``True`` once the sequence was changed after it was made.
    """

    def __init__(self, iterable=None):
        self._list = []
        self.touched = False
        if iterable is not None:
            self._list = self._validated(iterable)

    cpdef object _validate(self, object item):
        """Return `item` as it is to be stored, or raise if it does not belong here."""
        raise NotImplementedError(f"'{type(self).__name__}._validate()' must be implemented")

    cdef list _validated(self, object iterable):
        cdef list out = []
        for item in iterable:
            out.append(self._validate(item))
        return out

    # -- reading -------------------------------------------------------------------------------------------------

    def __len__(self):
        return len(self._list)

    def __getitem__(self, index):
        return self._list[index]

    def __iter__(self):
        return iter(self._list)

    def __reversed__(self):
        return reversed(self._list)

    def __contains__(self, item):
        return item in self._list

    def __richcmp__(self, other, int op):
        if op != Py_EQ and op != Py_NE:
            return NotImplemented
        if isinstance(other, ListCore):
            other = (<ListCore>other)._list
        return PyObject_RichCompare(self._list, other, op)

    def index(self, value, *bounds):
        """Return the position of the first item equal to `value`; ``index(value, start, stop)`` searches a part."""
        if len(bounds) == 2 and bounds[1] is None:
            bounds = bounds[:1]
        return self._list.index(value, *bounds)

    def count(self, value):
        """Return how many items equal `value`."""
        return self._list.count(value)

    # -- changing ------------------------------------------------------------------------------------------------

    def __setitem__(self, index, val):
        if isinstance(index, slice):
            self._list[index] = self._validated(val)
        else:
            self._list[index] = self._validate(val)
        self.touched = True

    def __delitem__(self, index):
        del self._list[index]
        self.touched = True

    def __iadd__(self, other):
        _require_iterable(other)
        self._list.extend(self._validated(other))
        self.touched = True
        return self

    def append(self, item):
        """Add `item` at the end."""
        self._list.append(self._validate(item))
        self.touched = True

    def extend(self, val):
        """Add every item of the iterable `val` at the end."""
        _require_iterable(val)
        self._list.extend(self._validated(val))
        self.touched = True

    def insert(self, position, item):
        """Put `item` before `position`."""
        self._list.insert(position, self._validate(item))
        self.touched = True

    def pop(self, index=-1):
        """Remove and return the item at `index`."""
        item = self._list.pop(index)
        self.touched = True
        return item

    def remove(self, value):
        """Remove the first item equal to `value`."""
        self._list.remove(value)
        self.touched = True

    def clear(self):
        """Remove all items."""
        self._list.clear()
        self.touched = True

    def reverse(self):
        """Turn the order of the items round."""
        self._list.reverse()
        self.touched = True

    # -- copies --------------------------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol):
        return _blank, (type(self),), self.__getstate__()

    def __getstate__(self):
        return {"_list": self._list, "touched": self.touched, **getattr(self, "__dict__", {})}

    def __setstate__(self, state):
        # `copy.copy` hands over the very list of the original: the copy gets one of its own.
        for name, value in state.items():
            setattr(self, name, list(value) if name == "_list" else value)

    @classmethod
    def __class_getitem__(cls, item):
        return _GenericAlias(cls, item)


cdef class MultiValueCore(ListCore):
    """Items made by one constructor.

    Parameters
    ----------
    type_constructor : callable
        Called with each item that is put in; what it returns is stored. It must take values of its own type.
    iterable : iterable
        The first items.
    """

    def __init__(self, type_constructor, iterable):
        self._constructor = type_constructor
        ListCore.__init__(self, iterable)

    cpdef object _validate(self, object item):
        """Return `item` converted by the constructor."""
        return self._constructor(item)

    def sort(self, *args, **kwargs):
        """Sort in place; takes what :meth:`list.sort` takes."""
        self._list.sort(*args, **kwargs)
        self.touched = True

    def __getstate__(self):
        return {"_constructor": self._constructor, **ListCore.__getstate__(self)}

    def __str__(self):
        cdef list parts
        if not self._list:
            return ""
        parts = [repr(x) if isinstance(x, (str, bytes)) else str(x) for x in self._list]
        return "[" + ", ".join(parts) + "]"

    def __repr__(self):
        return str(self)


MutableSequence.register(ListCore)


def _blank(type cls):
    """Return an empty, unvalidated instance of the `ListCore` subclass `cls` (used to copy and to unpickle)."""
    if not issubclass(cls, ListCore):
        raise TypeError(f"{cls.__name__} is not a list of DICOM values")
    return wrap_list(cls, [])


def set_multivalue_class(type cls):
    """Tell the compiled readers which Python class to give multi-valued elements."""
    global _multivalue_class
    if not issubclass(cls, MultiValueCore):
        raise TypeError("the class of multi-valued elements must derive from MultiValueCore")
    _multivalue_class = cls


cdef object wrap_list(type cls, list items):
    """Return a `cls` (a `ListCore` subclass) that owns `items` as they are, its ``__init__`` not called."""
    cdef ListCore self = <ListCore>pydcm_new_instance(cls, _NO_ARGS)
    self._list = items
    self.touched = False
    return self


cdef object make_multivalue(object constructor, list items):
    """Return a `MultiValue` that owns the converted `items`; later items go through `constructor`."""
    global _multivalue_class
    cdef MultiValueCore self
    if _multivalue_class is None:
        import pydcm.multival  # noqa: F401 - registers its class
    self = <MultiValueCore>pydcm_new_instance(_multivalue_class, _NO_ARGS)
    self._list = items
    self.touched = False
    self._constructor = constructor
    return self
