"""Values of elements without ceremony: what cannot be read is absent, over-long decimal strings are numbers.

Headers of thousands of files are looked at for some twenty elements each; that is why this is compiled.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free
from libc.float cimport FLT_MAX
from libc.math cimport isfinite
from libc.stdlib cimport atoll
from libc.string cimport memchr

from copy import deepcopy
from struct import unpack

from pydcm.multival import MultiValue
from pydcm.raw import creator_tags, glance, glances
from pydcm.sequence import Sequence

cdef extern from "Python.h":
    char* PyOS_double_to_string(double value, char format_code, int precision, int flags, int* kind) except NULL
    double PyOS_string_to_double(const char* text, char** end, object overflow) except? -1.0


cdef double LARGEST_DOUBLE = 1e15     # text that was taken for numbers is larger, or much smaller


cdef object value_of(ds, int tag):
    """Return encoded text as bytes, other values converted (several as a tuple), ``None`` for what is not there or broken."""
    value = glance(ds, tag)
    if value is not ...:
        return value
    try:
        value = ds[tag].value
    except Exception:       # a broken element is one that is not there: what depends on it says so
        return None
    return tuple(value) if isinstance(value, MultiValue) else value


def floats(ds, int tag, Py_ssize_t count=0):
    """Return the numbers of an element; nothing unless all are finite and there are `count` of them (if that is set).

    Parameters
    ----------
    ds : Dataset
        Where to look.
    tag : int
        The element.
    count : int, optional
        How many numbers there have to be.

    Returns
    -------
    tuple of float
        Empty if the element is not there, or not of numbers.
    """
    return floats_of(value_of(ds, tag), count)


cdef double TENS[23]             # powers of ten that are exact
TENS[:] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
           1e20, 1e21, 1e22]


cdef bint plain_number(const char* p, const char* end, double* value) noexcept:
    """Read a decimal number; false for one that is unusual.

    Up to 15 digits and a power of ten up to 22 are exact numbers, so their product or quotient is rounded once, as it is
    in Python.
    """
    cdef long long digits = 0
    cdef int n_digits = 0, power = 0, exponent = 0
    cdef bint negative, lower
    while p < end and p[0] == c" ":
        p += 1
    while p < end and end[-1] == c" ":
        end -= 1
    negative = p < end and p[0] == c"-"
    if p < end and (p[0] == c"-" or p[0] == c"+"):
        p += 1
    while p < end and c"0" <= p[0] <= c"9":
        digits = digits * 10 + p[0] - c"0"
        n_digits += 1
        if n_digits > 15:
            return False
        p += 1
    if p < end and p[0] == c".":
        p += 1
        while p < end and c"0" <= p[0] <= c"9":
            digits = digits * 10 + p[0] - c"0"
            n_digits += 1
            power -= 1
            if n_digits > 15:
                return False
            p += 1
    if not n_digits:
        return False
    if p < end and (p[0] == c"e" or p[0] == c"E"):
        p += 1
        lower = p < end and p[0] == c"-"
        if p < end and (p[0] == c"-" or p[0] == c"+"):
            p += 1
        if p == end:
            return False
        while p < end and c"0" <= p[0] <= c"9" and exponent < 100:
            exponent = exponent * 10 + p[0] - c"0"
            p += 1
        power += -exponent if lower else exponent
    if p < end or not -22 <= power <= 22:
        return False
    value[0] = <double> digits / TENS[-power] if power < 0 else <double> digits * TENS[power]
    if negative:
        value[0] = -value[0]
    return True


cdef list plain_numbers(bytes content):
    """Return the numbers of a decimal string, ``None`` if one of them is unusual."""
    cdef const char* p = PyBytes_AS_STRING(content)
    cdef const char* end = p + PyBytes_GET_SIZE(content)
    cdef const char* stop
    cdef double value = 0
    cdef list numbers = []
    while end > p and (end[-1] == 0 or end[-1] == c" "):
        end -= 1
    if p == end:
        return numbers
    while True:
        stop = <const char*> memchr(p, c"\\", end - p)
        if stop == NULL:
            stop = end
        if not plain_number(p, stop, &value):
            return None
        numbers.append(value)
        if stop == end:
            return numbers
        p = stop + 1


cdef list doubles_of(bytes content):
    """Return the numbers that bytes of an unknown type hold if they are no text, ``None`` if they are.

    Private elements of no known type (in files with implicit types) have what the scanner wrote: 64 bits each.
    """
    cdef Py_ssize_t at, length = PyBytes_GET_SIZE(content)
    cdef const unsigned char* p = <const unsigned char*> PyBytes_AS_STRING(content)
    if length == 0 or length % 8:
        return None
    for at in range(length):
        if (p[at] < 32 and p[at] != 0) or p[at] > 126 or (p[at] == 0 and at + 1 < length and p[at + 1] > 32):
            break
    else:
        return None
    numbers = list(unpack(f"<{length // 8}d", content))
    return numbers if all([isfinite(one) and abs(one) < LARGEST_DOUBLE for one in numbers]) else None


cdef tuple floats_of(value, Py_ssize_t count):
    cdef double number
    cdef list numbers = None
    if value is None:
        return ()
    if type(value) is bytes:
        numbers = plain_numbers(<bytes> value)
        if numbers is None:
            numbers = doubles_of(<bytes> value)
    if numbers is None:
        numbers = []
        try:
            if type(value) is bytes:
                value = (<bytes> value).rstrip(b"\0 ").split(b"\\")
            elif isinstance(value, (str, int, float)) or not hasattr(value, "__iter__"):
                value = (value,)
            for one in value:
                number = float(one)
                if not isfinite(number):
                    return ()
                numbers.append(number)
        except (TypeError, ValueError):
            return ()
    if count and len(numbers) != count:
        return ()
    return tuple(numbers)


def number(ds, int tag):
    """Return the first number of an element, ``None`` if there is none."""
    numbers = floats(ds, tag)
    return numbers[0] if numbers else None


def integer(ds, int tag):
    """Return the first number of an element as an integer, ``None`` if there is none."""
    return integer_of(value_of(ds, tag))


cdef object integer_of(value):
    if type(value) is int:
        return value
    cdef tuple numbers = floats_of(value, 0)
    return int(numbers[0]) if numbers else None


def text(ds, int tag):
    """Return an element as text, ``""`` if it is not there; several values are separated by backslashes."""
    return text_of(value_of(ds, tag), ds, tag)


cdef str text_of(value, ds, tag):
    """Return what :func:`value_of` found as text; the data set decodes what is not ASCII."""
    if value is None:
        return ""
    if type(value) is bytes:
        if is_ascii(<bytes> value):
            return (<bytes> value).strip(b"\0 ").decode("ascii")
        try:
            value = ds[tag].value
        except Exception:
            return (<bytes> value).strip(b"\0 ").decode("latin-1")
        if value is None:
            return ""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value).strip("\0 ")
    return "\\".join([str(one) for one in value]).strip("\0 ")


cdef bint is_ascii(bytes content):
    cdef const unsigned char* p = <const unsigned char*> PyBytes_AS_STRING(content)
    cdef Py_ssize_t i
    for i in range(PyBytes_GET_SIZE(content)):
        if p[i] > 127 or p[i] == 27:           # escape sequences change the character set
            return False
    return True


cdef list blocks_of(ds, int group):
    """Return creators, in capitals, and the first element's tag of each block that they have reserved in a group."""
    cdef unsigned int tag
    return [(text_of(value_of(ds, tag), ds, tag).upper(), group << 16 | (tag & 0xFF) << 8) for tag in creator_tags(ds, group)]


def find_private(ds, int group, str creator, int element):
    """Return the tag of a private element: the block its creator has reserved, wherever it is (PS3.5 §7.8).

    Parameters
    ----------
    ds : Dataset
        Where to look.
    group : int
        The odd group number.
    creator : str
        Prefix of the creator's name, without regard to case.
    element : int
        The last two digits of the element number.

    Returns
    -------
    int or None
        ``None`` if it is not there.
    """
    cdef str wanted = creator.upper()
    cdef str name
    for name, first in blocks_of(ds, group):
        if name.startswith(wanted) and (first | element) in ds:
            return first | element
    return None


cdef class HeaderCore:
    """What :class:`pydcm_pixels._vendors.header.Header` needs often: elements of a frame, wherever its file has them.

    It remembers what it was asked for: a sidecar depends on nothing else, and another image whose header gives the same
    answers has the same one.

    Parameters
    ----------
    frame : Frame
        The image.

    Attributes
    ----------
    seen : dict
        What was looked up: by tag, by ``(group, element, creator)``, or by name for Siemens' CSA header.
    """

    cdef readonly object frame
    cdef readonly object ds
    cdef readonly dict seen
    cdef bint _plain                # one image a file: elements are in its data set, or in `_nested`
    cdef list _nested
    cdef list _holders
    cdef dict _blocks               # by number of the holder and group
    cdef object _csa

    def __init__(self, frame):
        self.frame = frame
        self.ds = frame.ds
        self.seen = {}
        self._plain = frame.groups is None
        self._nested = []
        self._holders = [frame.ds] if self._plain else None
        self._blocks = {}

    def add_items(self, items):
        """Look in items of a single-frame file's sequences as well, for what its data set does not have itself."""
        cdef list found = list(items)
        if self._plain and found:
            self._nested += found
            self._holders += found
            self.seen = {key: value for key, value in self.seen.items() if value is not None}

    cdef object holder_of(self, int tag):
        if not self._plain:
            return self.frame.find(tag)
        if self._nested and tag not in self.ds:
            for item in self._nested:
                if tag in item:
                    return item
        return self.ds

    cdef object look(self, int tag):
        cdef object key = tag
        if key in self.seen:
            return self.seen[key]
        holder = self.holder_of(tag)
        found = self.seen[key] = None if holder is None else value_of(holder, tag)
        return found

    def text(self, int tag):
        """Return an element's text, values joined by backslashes; ``""`` if it is not there."""
        found = self.look(tag)
        if type(found) is bytes and is_ascii(<bytes> found):
            return (<bytes> found).strip(b"\0 ").decode("ascii").strip()
        if found is None:
            return ""
        return text_of(found, self.holder_of(tag), tag).strip()

    def own_text(self, int tag):
        """Return the text of an element that a file has outside of sequences; ``""`` without."""
        return self.text(tag) if self._plain and not self._nested else text(self.ds, tag)

    def number(self, int tag):
        """Return an element's first number, ``None`` if there is none."""
        cdef tuple numbers = floats_of(self.look(tag), 0)
        return numbers[0] if numbers else None

    def integer(self, int tag):
        """Return an element's first integer, 0 if it is not there."""
        return integer_of(self.look(tag)) or 0

    def numbers(self, int tag):
        """Return an element's numbers."""
        return list(floats_of(self.look(tag), 0))

    def name(self, int tag):
        """Return a person's name."""
        return str(self.look(tag) or "").strip()

    def items(self, int tag):
        """Return the items of a sequence, none if it is not there."""
        found = self.look(tag)
        return found if isinstance(found, Sequence) else ()

    def holders(self):
        """Return the data sets that may hold private elements: the frame's, the shared ones, the file's."""
        if self._holders is None:
            self._holders = self.frame.holders()
        return self._holders

    cdef tuple find_private(self, int group, str creator, int element):
        """Return the data set that has a private element, and its tag there; ``None`` if none has."""
        cdef Py_ssize_t at
        cdef list blocks
        cdef str wanted = creator.upper()
        cdef str name
        for at, holder in enumerate(self.holders()):
            key = at << 16 | group
            blocks = self._blocks.get(key)
            if blocks is None:
                blocks = self._blocks[key] = blocks_of(holder, group)
            for name, first in blocks:
                if name.startswith(wanted) and (first | element) in holder:
                    return holder, first | element
        return None

    cdef object look_private(self, int group, str creator, int element):
        key = (group, element, creator)
        if key in self.seen:
            return self.seen[key]
        found = self.find_private(group, creator, element)
        value = self.seen[key] = None if found is None else value_of(found[0], found[1])
        return value

    def private(self, int group, str creator, int element):
        """Return the value of a private element, ``None`` if it is not there; text may be encoded still."""
        return self.look_private(group, creator, element)

    def private_numbers(self, int group, str creator, int element):
        """Return the numbers of a private element, also where it is of an unknown type."""
        value = self.look_private(group, creator, element)
        if value is None:
            return []
        if type(value) is bytes:
            result = doubles_of(<bytes> value)
            if result is not None:
                return result
            if len(value) == 8 and not any(value):
                return [0.0]        # of an unknown type as well
            value = (<bytes> value).strip(b"\0 ").split(b"\\")
        elif isinstance(value, (str, int, float)) or not hasattr(value, "__iter__"):
            value = (value,)
        result = []
        for one in value:
            try:
                result.append(float(one))
            except (TypeError, ValueError):
                break
        return result

    def private_number(self, int group, str creator, int element):
        """Return the first number of a private element, ``None`` if there is none."""
        found = self.private_numbers(group, creator, element)
        return found[0] if found else None

    def private_text(self, int group, str creator, int element):
        """Return the text of a private element, ``""`` if it is not there."""
        value = self.look_private(group, creator, element)
        if value is None:
            return ""
        if type(value) is bytes and is_ascii(<bytes> value):
            return (<bytes> value).strip(b"\0 ").decode("ascii").strip()
        found = self.find_private(group, creator, element)
        return text_of(value, found[0], found[1]).strip()

    def csa(self, str name):
        """Return the text of the values of an entry of Siemens' CSA image header, none if it has no such entry."""
        if name in self.seen:
            return self.seen[name]
        found = self.seen[name] = self._entry(name)
        return found

    cdef list _entry(self, str name):
        if self._csa is None:
            from pydcm_pixels._core._csa import CSAHeader

            found = self.find_private(0x0029, "SIEMENS CSA HEADER", 0x10)
            value = None if found is None else value_of(found[0], found[1])
            self._csa = CSAHeader(value if type(value) is bytes else b"")
        return self._csa.get(name) or []

    def answers(self):
        """Return what was asked for so far in the form that :meth:`differs` takes, ``None`` if it cannot be compared.

        Those are the headers of multi-frame files, and those with elements in sequences.
        """
        cdef dict groups = {}
        cdef dict elements = {}
        cdef dict entries = {}
        if not self._plain or self._nested:
            return None
        for key, value in self.seen.items():
            if isinstance(value, Sequence):
                value = deepcopy(value)          # whoever has the data set may change it
            if type(key) is int:
                elements[key] = value
            elif type(key) is str:
                entries[key] = value
            else:
                groups[key[0]] = blocks_of(self.ds, key[0])
                place = self.find_private(key[0], key[2], key[1])
                if place is not None:
                    elements[place[1]] = value
        elements[0x00080005] = value_of(self.ds, 0x00080005)    # the same bytes may be other text
        return tuple(elements), list(elements.values()), groups, entries

    def differs(self, tuple answers not None):
        """Return the tags whose elements differ from other headers' :meth:`answers`; ``None`` if more than a few do."""
        cdef list different = []
        cdef Py_ssize_t i
        cdef tuple tags = answers[0]
        cdef list values = answers[1]
        cdef list found
        if self._nested:
            return None
        for group, blocks in answers[2].items():
            if blocks_of(self.ds, group) != blocks:
                return None
        found = glances(self.ds, tags)
        for i in range(len(tags)):
            value = found[i]
            if value is ...:
                value = value_of(self.ds, tags[i])
            wanted = values[i]
            if value is wanted or type(value) is type(wanted) and value == wanted:
                continue
            if len(different) == 8:
                return None
            different.append(tags[i])
        for name, texts in answers[3].items():
            if self._entry(name) != texts:
                return None
        return different


def rounded(double value, int digits=6, *, bint single=True):
    """Return a number with six significant digits, as dcm2niix prints it (after its rounding to single precision).

    Parameters
    ----------
    value : float
        The number.
    digits : int, optional
        How many to keep.
    single : bool, optional
        Round to single precision first.
    """
    cdef char* text
    cdef char* end
    cdef bint whole = True
    if single and -FLT_MAX <= value <= FLT_MAX:
        value = <float> value
    text = PyOS_double_to_string(value, c'g', digits, 0, NULL)
    try:
        end = text
        while end[0]:
            if end[0] in (c'.', c'e', c'n'):
                whole = False
                break
            end += 1
        if whole:
            return atoll(text)
        return PyOS_string_to_double(text, NULL, OverflowError)
    finally:
        PyMem_Free(text)


def put(dict result not None, str name, value, *, int digits=6):
    """Add a text that is not empty, or a number that is positive.

    Parameters
    ----------
    result : dict
        The sidecar.
    name : str
        Of the field.
    value : str, float or None
        Its value.
    digits : int, optional
        How many are kept of a number; more than six also keep double precision.
    """
    if isinstance(value, str):
        if value:
            result[name] = value
    elif value is not None and value > 0:
        result[name] = rounded(value, digits, single=digits == 6)
