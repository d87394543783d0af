"""Value classes at C speed: DSfloat and IS.

``make_dsfloat`` and ``make_is`` build a value from bytes that were checked already; the classes' own constructors take
whatever a user hands over and follow the validation settings. A value remembers in ``touched`` that
somebody changed it, because then the bytes it was read from no longer say the same.
"""

cimport cython
from cpython.float cimport PyFloat_AS_DOUBLE
from cpython.number cimport PyNumber_Float
from cpython.object cimport Py_EQ, Py_NE, PyObject_RichCompare
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.string cimport memcpy

from pydcm._core._multival cimport ListCore

from pydcm._core._textvalues import is_clean_value

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    /* An instance of a float subclass, its C fields zeroed by tp_alloc. */
    static CYTHON_INLINE PyObject *pydcm_alloc_float(PyTypeObject *cls, double value) {
        PyObject *self = cls->tp_alloc(cls, 0);
        if (self) ((PyFloatObject *)self)->ob_fval = value;
        return self;
    }
    /* Give an extension type the constructor `make(cls, args, kwargs)` and the name users know it by. */
    typedef PyObject *(*pydcm_maker)(PyTypeObject *, PyObject *, PyObject *);
    static pydcm_maker pydcm_make_dsfloat;
    static PyObject *pydcm_tp_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs) {
        return pydcm_make_dsfloat(cls, args, kwargs ? kwargs : Py_None);
    }
    static void pydcm_take_over(PyTypeObject *cls, const char *name, pydcm_maker make) {
        pydcm_make_dsfloat = make;
        cls->tp_new = pydcm_tp_new;
        cls->tp_name = name;
        PyType_Modified(cls);
    }
    static CYTHON_INLINE PyObject *pydcm_new_int(PyTypeObject *cls, PyObject *args) {
        return PyLong_Type.tp_new(cls, args, NULL);
    }
    /* The attribute dictionary of an object, None as long as it has none: asking for `__dict__` would make one. */
    static CYTHON_INLINE PyObject *pydcm_dict_of(PyObject *self) {
        PyObject **where = _PyObject_GetDictPtr(self);
        PyObject *dict = (where && *where) ? *where : Py_None;
        Py_INCREF(dict);
        return dict;
    }
    static CYTHON_INLINE PyObject *pydcm_float_compare(PyObject *a, PyObject *b, int op) {
        return PyFloat_Type.tp_richcompare(a, b, op);
    }
    static CYTHON_INLINE PyObject *pydcm_float_repr(PyObject *a) { return PyFloat_Type.tp_repr(a); }
    static CYTHON_INLINE Py_hash_t pydcm_float_hash(PyObject *a) { return PyFloat_Type.tp_hash(a); }
    static CYTHON_INLINE PyObject *pydcm_int_compare(PyObject *a, PyObject *b, int op) {
        return PyLong_Type.tp_richcompare(a, b, op);
    }
    static CYTHON_INLINE PyObject *pydcm_int_repr(PyObject *a) { return PyLong_Type.tp_repr(a); }
    static CYTHON_INLINE Py_hash_t pydcm_int_hash(PyObject *a) { return PyLong_Type.tp_hash(a); }
    """
    object pydcm_alloc_float(type cls, double value)
    ctypedef object (*pydcm_maker)(type, tuple, dict)
    void pydcm_take_over(type cls, const char* name, pydcm_maker make)
    object pydcm_new_int(type cls, tuple args)
    dict pydcm_dict_of(object self)
    object pydcm_float_compare(object a, object b, int op)
    object pydcm_float_repr(object a)
    Py_hash_t pydcm_float_hash(object a) except -1
    object pydcm_int_compare(object a, object b, int op)
    object pydcm_int_repr(object a)
    Py_hash_t pydcm_int_hash(object a) except -1


cdef enum:
    INLINE = 16
    NO_TEXT = -1
    LONG_TEXT = 17
    SPACE = 0x20
    BACKSLASH = 0x5C


# -- DS ----------------------------------------------------------------------------------------------------------------

cdef class DSfloat(float):
    """A **DS** value as :class:`float` that remembers how it was written.

    An empty or blank string is returned as it is, and ``None`` gives ``None``.

    Parameters
    ----------
    val : str, int, float or decimal.Decimal
        The number or its text.
    auto_format : bool, optional
        Shorten the text to the 16 characters that DS allows if it is longer; the number itself stays as it is.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading validation mode if not given. Only ``RAISE`` has an effect.

    Raises
    ------
    OverflowError
        With ``RAISE``, if the text is longer than 16 characters.
    ValueError
        If `val` is not a number; with ``RAISE``, if the text is not a decimal string (PS3.5 §6.2).
    """

    def __init__(self, *args, **kwargs):
        # `_new_dsfloat` did it all; a subclass may still call this one with the constructor's arguments.
        pass

    def __dealloc__(self):
        Py_XDECREF(self._long)

    @property
    def original_string(self):
        """The text that the value was made from; there is no such attribute if it was made from a number."""
        cdef str text = text_of(self)
        if text is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'original_string'")
        return text

    @original_string.setter
    def original_string(self, value):
        _set_text(self, str(value))
        self.touched = True

    @original_string.deleter
    def original_string(self):
        if self._n == NO_TEXT:
            raise AttributeError("original_string")
        _set_text(self, None)
        self.touched = True

    @property
    def auto_format(self):
        """Was the text shortened to what DS allows?"""
        return bool(self._auto_format)

    @auto_format.setter
    def auto_format(self, value):
        self._auto_format = bool(value)
        self.touched = True

    def __richcmp__(self, other, int op):
        if (op == Py_EQ or op == Py_NE) and isinstance(other, str):
            return PyObject_RichCompare(str(self), other, op)
        return pydcm_float_compare(self, other, op)

    def __hash__(self):
        return pydcm_float_hash(self)

    def __str__(self):
        cdef str text = text_of(self)
        return pydcm_float_repr(self) if text is None else text

    def __repr__(self):
        return f"'{str(self)}'"

    def __reduce_ex__(self, protocol):
        return (_restore_dsfloat, (type(self), PyFloat_AS_DOUBLE(self), text_of(self), bool(self._auto_format)),
                getattr(self, "__dict__", None) or None)

    def __deepcopy__(self, memo):
        cdef DSfloat copy = _dsfloat(type(self), PyFloat_AS_DOUBLE(self))
        _set_text(copy, text_of(self))
        copy._auto_format = self._auto_format
        copy.touched = self.touched
        if getattr(self, "__dict__", None):
            copy.__dict__.update(self.__dict__)
        return copy

    def __copy__(self):
        return self.__deepcopy__(None)


cdef str text_of(DSfloat self):
    """Return the text of a DS value, ``None`` if it has none."""
    if self._n == NO_TEXT:
        return None
    if self._n == LONG_TEXT:
        return <str>self._long
    return PyUnicode_DecodeASCII(self._text, self._n, NULL)


cdef int _set_text(DSfloat self, str text) except -1:
    """Give a DS value its text, or with ``None`` take it away."""
    cdef Py_ssize_t n
    Py_XDECREF(self._long)
    self._long = NULL
    if text is None:
        self._n = NO_TEXT
        return 0
    n = PyUnicode_GET_LENGTH(text)
    if n <= INLINE and PyUnicode_IS_ASCII(text):
        memcpy(self._text, PyUnicode_1BYTE_DATA(text), n)
        self._n = <signed char>n
    else:
        Py_INCREF(text)
        self._long = <PyObject*>text
        self._n = LONG_TEXT
    return 0


cdef inline DSfloat _dsfloat(type cls, double value):
    """Return a `cls` without text."""
    cdef DSfloat self = <DSfloat>pydcm_alloc_float(cls, value)
    self._n = NO_TEXT
    return self


def _restore_dsfloat(type cls, double value, str text, bint auto_format):
    """Rebuild a pickled `DSfloat` as it was, without validating it again."""
    cdef DSfloat self
    if not issubclass(cls, DSfloat):
        raise TypeError(f"{cls.__name__} is not a DS class")
    self = _dsfloat(cls, value)
    _set_text(self, text)
    self._auto_format = auto_format
    return self


cdef int _parse_str(str text, double* out) except -1:
    """Parse `text` if it is a plain decimal string; return 1 if it was."""
    if not PyUnicode_IS_ASCII(text):
        return 0
    return parse_decimal(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text), out)


def _dsfloat_arguments(val, auto_format=False, validation_mode=None):
    """Bind the arguments of the `DSfloat` constructor."""
    return val, auto_format, validation_mode


cdef object _new_dsfloat(type cls, tuple args, dict kwargs):
    """What calling `DSfloat` does: blank text and ``None`` are handed back, which a ``__cinit__`` could not."""
    cdef double number = 0.0
    cdef str text = None
    cdef bint checked = False
    cdef DSfloat self
    if len(args) == 1 and kwargs is None:
        val = args[0]
        auto_format = False
        validation_mode = None
    else:
        val, auto_format, validation_mode = _dsfloat_arguments(*args, **(kwargs or {}))
    if val is None:
        return None
    if isinstance(val, str):
        text = val.strip()
        if not text:
            return val
        if not _parse_str(text, &number):
            number = PyNumber_Float(val)
    else:
        number = PyNumber_Float(val)
        if type(val) is not float and type(val) is not int:
            # A DSfloat or DSdecimal: its text comes along, and so does the wish to have it formatted.
            checked = bool(getattr(val, "auto_format", False))
            auto_format = auto_format or checked
            if hasattr(val, "auto_format"):
                text = getattr(val, "original_string", None)
    self = _dsfloat(cls, number)
    _set_text(self, text)
    self._auto_format = bool(auto_format)
    if auto_format:
        if not checked:
            _format_text(self, text)
    else:
        if validation_mode is None:
            validation_mode = _reading_mode()
        if validation_mode == _RAISE:
            _require_valid(self)
    return self


pydcm_take_over(DSfloat, "pydcm.valuerep.DSfloat", _new_dsfloat)


cdef int _RAISE = 2  # config.RAISE
cdef dict _config = None
cdef object _generation = None
cdef object _mode = None


cdef object _reading_mode():
    """Return ``config.settings.reading_validation_mode``, looked up again only after some option was changed."""
    global _config, _generation, _mode
    if _config is None:
        from pydcm import config
        _config = config.__dict__
    if _config["_generation"] is not _generation:
        _mode = _config["settings"].reading_validation_mode
        _generation = _config["_generation"]
    return _mode


cdef int _format_text(DSfloat self, str text) except -1:
    from pydcm.valuerep import format_number_as_ds, is_valid_ds
    if text is None:
        _set_text(self, format_number_as_ds(PyFloat_AS_DOUBLE(self)))
    elif not is_valid_ds(text):
        _set_text(self, format_number_as_ds(float(text)))
    return 0


cdef int _require_valid(DSfloat self) except -1:
    cdef str text = str(self)
    if len(text) > 16:
        raise OverflowError(
            "Values for elements with a VR of 'DS' must be <= 16 characters long, but the float provided requires > 16 "
            "characters to be accurately represented. Use a smaller string, set "
            "'config.settings.reading_validation_mode' to 'WARN' to override the length check, or explicitly construct "
            "a DS object with 'auto_format' set to True"
        )
    from pydcm.valuerep import is_valid_ds
    if not is_valid_ds(text):
        raise ValueError(f'Value "{text}" is not valid for elements with a VR of DS')
    return 0


cdef object make_dsfloat(double value, const unsigned char* text, Py_ssize_t n):
    """Return the `DSfloat` of the ASCII `text` (no space around it), which was parsed to `value`."""
    cdef DSfloat self = <DSfloat>pydcm_alloc_float(DSfloat, value)
    if n <= INLINE:
        memcpy(self._text, text, n)
        self._n = <signed char>n
    else:
        self._n = NO_TEXT
        _set_text(self, PyUnicode_DecodeASCII(<const char*>text, n, NULL))
    return self


cdef list ds_list(const unsigned char* text, Py_ssize_t n, bint any_length):
    """Return the `DSfloat` values of backslash-separated `text`, or ``None`` if one is blank or not a decimal string.

    `any_length` lets in texts over 16 characters, as reading does unless its validation mode is ``RAISE``.
    """
    cdef const unsigned char* end = text + n
    cdef const unsigned char* stop
    cdef const unsigned char* last
    cdef double value
    cdef list out = []
    while True:
        while text < end and text[0] == SPACE:
            text += 1
        stop = text
        while stop < end and stop[0] != BACKSLASH:
            stop += 1
        last = stop
        while last > text and (last - 1)[0] == SPACE:
            last -= 1
        if (last - text > INLINE and not any_length) or not parse_decimal(text, last - text, &value):
            return None
        out.append(make_dsfloat(value, text, last - text))
        if stop == end:
            return out
        text = stop + 1


# -- IS ----------------------------------------------------------------------------------------------------------------

class IS(int):
    """An **IS** value as :class:`int` that remembers how it was written.

    A blank string is returned as it is, ``None`` gives ``None``, and a number with a fraction gives an
    :class:`~pydcm.valuerep.ISfloat` where the settings let it pass.

    Parameters
    ----------
    val : str, int, float or decimal.Decimal
        The number or its text.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading validation mode if not given.

    Raises
    ------
    OverflowError
        With ``RAISE``, if the number needs more than 32 bits.
    TypeError
        With ``RAISE``, if the number has a fraction.
    ValueError
        If `val` is not a number; with ``RAISE``, if the text is not an integer string (PS3.5 §6.2).
    """

    __module__ = "pydcm.valuerep"

    # The text is kept only where it differs from the usual way to write the number; a value that was made from a number
    # and so has no text at all keeps None.

    def __new__(cls, val, validation_mode=None):
        cdef str text = None
        if val is None:
            return None
        if validation_mode is None:
            validation_mode = _reading_mode()
        if isinstance(val, str):
            text = val.strip()
            if not text:
                return val
            if not is_clean_value("IS", val):
                from pydcm.valuerep import validate_value
                validate_value("IS", val, validation_mode)
        try:
            self = int.__new__(cls, val)
        except ValueError:
            # "1.0" is let through: nothing is lost
            number = PyNumber_Float(val)
            if number - number != 0:
                raise ValueError(f"'{val}' is no whole number, as VR IS holds (PS3.5 §6.2)")
            self = int.__new__(cls, number)
        if not isinstance(val, int) and (text is not None or _may_have_fraction(val)) and self != PyNumber_Float(val):
            from pydcm.valuerep import ISfloat
            self = ISfloat(val, validation_mode)
        else:
            if text is None and isinstance(val, IS):
                text = getattr(val, "original_string", None)
            if text != pydcm_int_repr(self):
                self.__dict__["original_string"] = text
        if validation_mode == _RAISE and not -2147483648 <= self < 2147483648:
            raise OverflowError(
                "Elements with a VR of IS must have a value between -2**31 and (2**31 - 1). Set "
                "'config.settings.reading_validation_mode' to 'WARN' to override the value check"
            )
        return self

    def __init__(self, *args, **kwargs):
        pass

    @property
    def original_string(self):
        """The text that the value was made from; there is no such attribute if it was made from a number."""
        text = _kept_text(self)
        if text is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'original_string'")
        return text

    @original_string.setter
    def original_string(self, value):
        self.__dict__["original_string"] = value
        self.__dict__["touched"] = True

    @original_string.deleter
    def original_string(self):
        if _kept_text(self) is None:
            raise AttributeError("original_string")
        self.__dict__["original_string"] = None
        self.__dict__["touched"] = True

    def __eq__(self, other):
        if isinstance(other, str):
            return str(self) == other
        return pydcm_int_compare(self, other, Py_EQ)

    def __ne__(self, other):
        if isinstance(other, str):
            return str(self) != other
        return pydcm_int_compare(self, other, Py_NE)

    def __hash__(self):
        return pydcm_int_hash(self)

    def __str__(self):
        text = _kept_text(self)
        return pydcm_int_repr(self) if text is None else text

    def __repr__(self):
        return f"'{pydcm_int_repr(self)}'"

    def __reduce_ex__(self, protocol):
        return _restore_is, (type(self), int(self)), self.__dict__


cdef type _IS = IS


cdef object _kept_text(object self):
    """Return the text of the `IS` value `self`, ``None`` if it has none."""
    cdef dict attributes = pydcm_dict_of(self)
    if attributes is None or "original_string" not in attributes:
        return pydcm_int_repr(self)
    return attributes["original_string"]


cdef bint _may_have_fraction(object val):
    """Is `val` a float or a Decimal? Whatever else converts to int is taken at its word."""
    if isinstance(val, float):
        return True
    from decimal import Decimal
    return isinstance(val, Decimal)


def _restore_is(type cls, value):
    """Rebuild a pickled `IS`, without validating it again."""
    if not issubclass(cls, IS):
        raise TypeError(f"{cls.__name__} is not an IS class")
    return pydcm_new_int(cls, (value,))


cdef bint _is_usual(int64_t value, const unsigned char* text, Py_ssize_t n) noexcept:
    """Is `text`, which was parsed to `value`, just how Python writes it: no plus sign, no leading zero?"""
    if text[0] == 0x2D:
        return n > 1 and text[1] != 0x30
    return text[0] != 0x2B and (n == 1 or text[0] != 0x30)


cdef object make_is(int64_t value, const unsigned char* text, Py_ssize_t n):
    """Return the `IS` of the ASCII `text` (no space around it), which was parsed to `value`."""
    self = pydcm_new_int(_IS, (value,))
    if not _is_usual(value, text, n):
        self.__dict__["original_string"] = PyUnicode_DecodeASCII(<const char*>text, n, NULL)
    return self


cdef list is_list(const unsigned char* text, Py_ssize_t n):
    """Return the `IS` values of backslash-separated `text`, or ``None`` if one is not an integer string that passes."""
    cdef const unsigned char* end = text + n
    cdef const unsigned char* stop
    cdef const unsigned char* last
    cdef int64_t value
    cdef list out = []
    while True:
        stop = text
        while stop < end and stop[0] != BACKSLASH:
            stop += 1
        if stop - text > 12 or not parse_integer(text, stop - text, &value):
            return None
        if not -2147483648 <= value < 2147483648:
            return None
        while text[0] == SPACE:
            text += 1
        last = stop
        while (last - 1)[0] == SPACE:
            last -= 1
        out.append(make_is(value, text, last - text))
        if stop == end:
            return out
        text = stop + 1


# -- all ---------------------------------------------------------------------------------------------------------------

cdef bint value_touched(object value):
    """Was `value`, or one of the values it lists, changed in place since it was made?"""
    cdef object item
    cdef dict attributes
    if isinstance(value, ListCore):
        if (<ListCore>value).touched:
            return True
        for item in (<ListCore>value)._list:
            if value_touched(item):
                return True
        return False
    if isinstance(value, DSfloat):
        return (<DSfloat>value).touched
    if isinstance(value, PersonNameCore):
        return (<PersonNameCore>value).touched
    if isinstance(value, IS):
        attributes = pydcm_dict_of(value)
        return attributes is not None and "touched" in attributes
    return False


# -- for Python --------------------------------------------------------------------------------------------------------

@cython.boundscheck(False)  # the length is tested first
def dsfloats_from_text(const unsigned char[::1] text not None, bint any_length=True):
    """Return a list of `DSfloat` from backslash-separated `text`, or ``None`` if it needs the complete path."""
    return ds_list(&text[0], text.shape[0], any_length) if text.shape[0] else None


@cython.boundscheck(False)
def integers_from_text(const unsigned char[::1] text not None):
    """Return a list of `IS` from backslash-separated `text`, or ``None`` if it needs the complete path."""
    return is_list(&text[0], text.shape[0]) if text.shape[0] else None


def was_touched(value):
    """Was `value`, or one of the values it lists, changed in place since it was made?"""
    return value_touched(value)
