"""The compiled part of PersonName: the encoded name, decoded when a part of it is first asked for."""

from cpython.object cimport Py_EQ, Py_NE, PyObject_Hash, PyObject_RichCompare

from pydcm._core._textvalues cimport is_clean, is_plain_ascii
from pydcm._core._vr cimport VR_PN

cdef enum:
    SPACE = 0x20
    EQUALS = 0x3D


cdef class PersonNameCore:
    """The C side of `PersonName`: the bytes, how they are encoded, and the component groups once somebody asked.

    Attributes
    ----------
    encodings : tuple of str or None
        Python's names of the encodings.
    validation_mode : int
        The validation mode the name was made with.
    touched : bool
        ``True`` if the name was changed after it was made.
    """

    @property
    def original_string(self):
        """The encoded name; ``None`` if it was made from text and not encoded yet."""
        return self._original

    @original_string.setter
    def original_string(self, value):
        self._original = value
        self.touched = True

    @property
    def encodings(self):
        return self._encodings

    @encodings.setter
    def encodings(self, value):
        self._encodings = tuple(value) if isinstance(value, list) else value
        self.touched = True

    @property
    def _components(self):
        return self._components

    @_components.setter
    def _components(self, value):
        self._components = None if value is None else tuple(value)
        self.touched = True

    def _start(self, original, components, encodings, validation_mode):
        """Fill the fields of a new name."""
        self._original = original
        self._components = components
        self._encodings = encodings
        self.validation_mode = validation_mode
        self.touched = False

    def _remember(self, bytes original):
        """Keep the encoded form worked out from the components: the name stays what it was."""
        self._original = original

    cdef tuple _get_components(self):
        cdef bytes raw
        cdef const unsigned char* p
        if self._components is None:
            if type(self._original) is bytes:
                raw = <bytes>self._original
                p = raw
                if is_plain_ascii(p, len(raw)) and _all_ascii_compatible(self._encodings):
                    self._components = tuple(raw.decode("ascii").rstrip("=").split("=")) if raw.rstrip(b"=") else ()
                    return self._components
            from pydcm._values.person_name import decode_components
            self._components = decode_components(self._original, self._encodings)
        return self._components

    cdef str _joined(self):
        cdef tuple groups = self._get_components()
        return "=".join(groups) if len(groups) != 1 else str(groups[0])

    @property
    def components(self):
        """The alphabetic, ideographic and phonetic component groups, those that are there (PS3.5 §6.2.1)."""
        return self._get_components()

    def __richcmp__(self, other, int op):
        if op != Py_EQ and op != Py_NE:
            return NotImplemented
        return PyObject_RichCompare(self._joined(), other, op)

    def __hash__(self):
        return PyObject_Hash(self._get_components())

    def __str__(self):
        return self._joined()

    def __repr__(self):
        return repr(self._joined())

    def __iter__(self):
        return iter(self._joined())

    def __len__(self):
        return len(self._joined())

    def __contains__(self, x):
        return x in self._joined()

    def __bool__(self):
        if self._original:
            return True
        return bool(self._components) and (len(self._components) > 1 or bool(self._components[0]))

    def __reduce_ex__(self, protocol):
        return _blank_name, (type(self),), {
            "original_string": self._original, "_components": self._components, "encodings": self._encodings,
            "validation_mode": self.validation_mode, **getattr(self, "__dict__", {}),
        }

    def __setstate__(self, state):
        for name, value in state.items():
            setattr(self, name, value)
        self.touched = False


# encodings tuple -> are all its encodings supersets of ASCII where no escape sequence occurs?
cdef dict _compatible = {}


cdef bint _all_ascii_compatible(object encodings):
    """May plain ASCII bytes be read without looking at the encodings, as with every DICOM character set they may?"""
    if encodings is None:
        return True
    known = _compatible.get(encodings)
    if known is None:
        try:
            known = all([bytes(range(0x20, 0x7F)).decode(name).encode("ascii") == bytes(range(0x20, 0x7F))
                         for name in encodings])
        except (LookupError, ValueError):
            known = False
        if len(_compatible) < 256:
            _compatible[encodings] = known
    return known


def _blank_name(type cls):
    """Return an empty `cls` for unpickling."""
    if not issubclass(cls, PersonNameCore):
        raise TypeError(f"{cls.__name__} is not a class of person names")
    return PersonNameCore.__new__(cls)


cdef type _PersonName = None


def set_person_name_class(type cls):
    """Tell the compiled readers which Python class person names have."""
    global _PersonName
    if not issubclass(cls, PersonNameCore):
        raise TypeError("the class of person names must derive from PersonNameCore")
    _PersonName = cls


cdef object make_person_name(bytes raw, object encodings, object validation_mode):
    """Return the `PersonName` of the clean ASCII bytes `raw`; padding and empty trailing groups are cut off.

    `encodings` is a tuple of Python's names (shared, not copied), a list of them or one name. Only for bytes that pass
    ``is_clean(PN)``.
    """
    global _PersonName
    cdef PersonNameCore self
    cdef const unsigned char* p = raw
    cdef Py_ssize_t n = len(raw)
    while n > 0 and (p[n - 1] == SPACE or p[n - 1] == 0):
        n -= 1
    while n > 0 and p[n - 1] == EQUALS:
        n -= 1
    if _PersonName is None:
        import pydcm._values.person_name  # noqa: F401 - registers its class
    self = PersonNameCore.__new__(_PersonName)
    self._original = raw if n == len(raw) else raw[:n]
    self._components = None
    if isinstance(encodings, str):
        encodings = (encodings,)
    self._encodings = tuple(encodings) if isinstance(encodings, list) else encodings
    self.validation_mode = validation_mode
    self.touched = False
    return self


def person_name_from_text(bytes raw not None, encodings=None, validation_mode=None):
    """Return a `PersonName` from clean ASCII bytes, or ``None`` if they need the complete path."""
    cdef const unsigned char* p = raw
    if not is_clean(VR_PN, p, len(raw)):
        return None
    return make_person_name(raw, encodings, validation_mode)
