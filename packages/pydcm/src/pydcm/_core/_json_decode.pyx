"""Data sets from DICOM JSON Model objects (PS3.18 §F.2).

What is plainly clean becomes a data element right here; everything else goes through `DataElement.from_json`, which knows
every exception and has every message.
"""
from binascii import a2b_base64

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint16_t, uint32_t

from pydcm._core._dataset cimport DatasetCore
from pydcm._core._element cimport ElementCore, make_element, tag_object
from pydcm._core._multival cimport make_multivalue, wrap_list
from pydcm._core._personname cimport make_person_name
from pydcm._core._scan cimport vr_string
from pydcm._core._textvalues cimport is_clean
from pydcm._core._value cimport fast_enabled
from pydcm._core._vr cimport *

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    static CYTHON_INLINE PyObject *pydcm_new_str_of(PyTypeObject *cls, PyObject *args) {
        return PyUnicode_Type.tp_new(cls, args, NULL);
    }
    """
    object pydcm_new_str_of(type cls, tuple args)

cdef enum:
    BACKSLASH = 0x5C

cdef object UNUSUAL = object()     # a value that has to go the complete way
cdef type dataset_class = None
cdef type element_class = None
cdef type sequence_class = None
cdef type uid_class = None
cdef object ds_class = None
cdef object is_class = None
cdef object person_class = None
cdef object make_tag = None
cdef object limits = None
cdef object find_value = None
cdef object settings = None


cdef int prepare() except -1:
    """Bind what is defined on top of this module."""
    global dataset_class, element_class, sequence_class, uid_class, ds_class, is_class, person_class, make_tag, limits
    global find_value, settings
    from pydcm import config, dataelem, dataset, limits as bounds, sequence, tag, uid, valuerep
    from pydcm._json.decode import value_of
    limits = bounds
    settings = config
    find_value = value_of
    make_tag = tag.Tag
    uid_class = uid.UID
    ds_class = valuerep.DSfloat
    is_class = valuerep.IS
    person_class = valuerep.PersonName
    sequence_class = sequence.Sequence
    element_class = dataelem.DataElement
    dataset_class = dataset.Dataset
    return 0


cdef bint parse_tag(object key, uint32_t* tag) noexcept:
    """Parse eight hexadecimal digits."""
    cdef const unsigned char* p
    cdef unsigned char c
    cdef uint32_t value = 0
    cdef int i
    if type(key) is not str or not PyUnicode_IS_ASCII(key) or PyUnicode_GET_LENGTH(key) != 8:
        return False
    p = PyUnicode_1BYTE_DATA(key)
    for i in range(8):
        c = p[i]
        if 0x30 <= c <= 0x39:
            value = (value << 4) | (c - 0x30)
        elif 0x41 <= c <= 0x46:
            value = (value << 4) | (c - 0x37)
        elif 0x61 <= c <= 0x66:
            value = (value << 4) | (c - 0x57)
        else:
            return False
    tag[0] = value
    return True


cdef uint16_t vr_code(object vr) noexcept:
    cdef const unsigned char* p
    if type(vr) is not str or not PyUnicode_IS_ASCII(vr) or PyUnicode_GET_LENGTH(vr) != 2:
        return 0
    p = PyUnicode_1BYTE_DATA(vr)
    return <uint16_t>((p[0] << 8) | p[1])


cdef inline bint is_text(uint16_t vr) noexcept:
    return (vr == VR_CS or vr == VR_LO or vr == VR_SH or vr == VR_UI or vr == VR_DA or vr == VR_TM or vr == VR_DT
            or vr == VR_UC or vr == VR_ST or vr == VR_LT or vr == VR_UT or vr == VR_AE or vr == VR_AS or vr == VR_UR)


cdef object plain_text(object value, uint16_t vr):
    """Return `value` if it is text that needs neither splitting nor a warning."""
    cdef const unsigned char* p
    cdef Py_ssize_t n, i
    if type(value) is not str or not PyUnicode_IS_ASCII(value):
        return UNUSUAL
    p = PyUnicode_1BYTE_DATA(value)
    n = PyUnicode_GET_LENGTH(value)
    if not is_clean(vr, p, n):
        return UNUSUAL
    if vr != VR_ST and vr != VR_LT and vr != VR_UT and vr != VR_UR:
        for i in range(n):
            if p[i] == BACKSLASH:
                return UNUSUAL
    return pydcm_new_str_of(uid_class, (value,)) if vr == VR_UI else value


cdef object name_group(dict groups, str name):
    """Return a component group, empty if there is none; UNUSUAL if it is not plain text."""
    cdef object text = groups.get(name, "")
    return text if type(text) is str and PyUnicode_IS_ASCII(text) and "=" not in text else UNUSUAL


cdef object person_name(object value):
    cdef str text
    cdef object first, second, third
    cdef bytes raw
    if type(value) is not dict:
        return UNUSUAL
    first = name_group(<dict>value, "Alphabetic")
    second = name_group(<dict>value, "Ideographic")
    third = name_group(<dict>value, "Phonetic")
    if first is UNUSUAL or second is UNUSUAL or third is UNUSUAL:
        return UNUSUAL
    text = first
    if third:
        text = f"{first}={second}={third}"
    elif second:
        text = f"{first}={second}"
    if not text or text[-1] == " " or "\\" in text:
        return UNUSUAL
    raw = PyBytes_FromStringAndSize(<const char*>PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))
    if not is_clean(VR_PN, <const unsigned char*>raw, len(raw)):
        return UNUSUAL
    return make_person_name(raw, None, settings.settings.reading_validation_mode)


cdef object whole_number(object value, uint16_t vr):
    """Return `value` if it is an integer that the binary VR can hold."""
    cdef bint fits
    if type(value) is not int:
        return UNUSUAL
    if vr == VR_US:
        fits = 0 <= value <= 0xFFFF
    elif vr == VR_SS:
        fits = -0x8000 <= value <= 0x7FFF
    elif vr == VR_UL:
        fits = 0 <= value <= 0xFFFFFFFF
    elif vr == VR_SL:
        fits = -0x80000000 <= value <= 0x7FFFFFFF
    elif vr == VR_UV:
        fits = 0 <= value <= 0xFFFFFFFFFFFFFFFF
    else:
        fits = -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF
    return value if fits else UNUSUAL


cdef object convert_item(object value, uint16_t vr):
    """Return one item of "Value" converted, or UNUSUAL."""
    cdef uint32_t tag = 0
    if is_text(vr):
        return plain_text(value, vr)
    if vr == VR_DS:
        return ds_class(<double>value) if type(value) is float or type(value) is int else UNUSUAL
    if vr == VR_IS:
        return is_class(value) if type(value) is int else UNUSUAL
    if vr == VR_PN:
        return person_name(value)
    if vr == VR_US or vr == VR_SS or vr == VR_UL or vr == VR_SL or vr == VR_UV or vr == VR_SV:
        return whole_number(value, vr)
    if vr == VR_FD or vr == VR_FL:
        return float(value) if type(value) is float or type(value) is int else UNUSUAL
    if vr == VR_AT:
        return tag_object(tag) if parse_tag(value, &tag) else UNUSUAL
    return UNUSUAL


cdef object constructor_of(uint16_t vr):
    """What values that are added later to a list of this VR go through; None: what the element itself does."""
    if vr == VR_UI:
        return uid_class
    if vr == VR_DS:
        return ds_class
    if vr == VR_IS:
        return is_class
    if vr == VR_PN:
        return person_class
    if vr == VR_AT:
        return make_tag
    return str if is_text(vr) else None


cdef ElementCore fast_element(uint32_t tag, uint16_t vr, dict attribute):
    """Return the element of an attribute object that is plainly clean, else None."""
    cdef object given = attribute.get("Value")
    cdef object value, item
    cdef list values
    cdef ElementCore element
    if given is None:
        given = attribute.get("InlineBinary")
        if len(attribute) != 2 or type(given) is not str or not (
                vr == VR_OB or vr == VR_OW or vr == VR_OF or vr == VR_OD or vr == VR_OL or vr == VR_OV):
            return None
        return make_element(tag_object(tag), vr_string(vr), a2b_base64(given), None, 0)
    if type(given) is not list or len(attribute) != 2 or len(<list>given) == 0:
        return None
    values = <list>given
    if len(values) == 1:
        value = convert_item(values[0], vr)
        return None if value is UNUSUAL else make_element(tag_object(tag), vr_string(vr), value, None, 0)
    values = []
    for item in <list>given:
        value = convert_item(item, vr)
        if value is UNUSUAL:
            return None
        values.append(value)
    element = make_element(tag_object(tag), vr_string(vr), None, None, 0)
    constructor = constructor_of(vr)
    element._val = make_multivalue(element._convert if constructor is None else constructor, values)
    return element


cdef object decode(type cls, object model, object handler, str parent, int depth):
    """Return a `cls` with the elements of a JSON object."""
    cdef object ds, key, attribute, value, value_key, element
    cdef bint plain = cls is dataset_class
    cdef bint fast = fast_enabled()
    cdef DatasetCore core
    cdef uint32_t tag
    cdef uint16_t vr
    if depth > limits.MAX_DEPTH:
        from pydcm.errors import DicomLimitError
        raise DicomLimitError(f"The JSON object has sequences nested deeper than {limits.MAX_DEPTH}", limit="MAX_DEPTH")
    if not hasattr(model, "items"):
        raise TypeError(f"A data set in JSON is an object, not a {type(model).__name__} (PS3.18 §F.2)")
    ds = cls()
    core = <DatasetCore?>ds
    for key, attribute in model.items():
        if not hasattr(attribute, "keys"):
            raise TypeError(
                f"The attribute '{key}' of a data set in JSON is an object, not a {type(attribute).__name__} (PS3.18 §F.2.2)"
            )
        if "vr" not in attribute:
            if parent:
                raise KeyError(f"Data element '{parent}' must have key 'vr' for each attribute in JSON: '{key}' has none")
            raise KeyError(f"Data element '{key}' must have key 'vr' in JSON (PS3.18 §F.2.2)")
        element = None
        tag = 0
        vr = vr_code(attribute["vr"])
        if parse_tag(key, &tag):
            if vr == VR_SQ and type(attribute.get("Value")) is list and len(attribute) == 2:
                value = wrap_list(sequence_class, [
                    decode(cls, {} if item is None else item, handler, key, depth + 1) for item in attribute["Value"]
                ])
                element = make_element(tag_object(tag), "SQ", value, None, 0)
            elif fast and vr and type(attribute) is dict:
                try:
                    element = fast_element(tag, vr, <dict>attribute)
                except Exception:
                    element = None      # the complete way says it better
        if element is None:
            value, value_key = find_value(attribute)
            element = element_class.from_json(cls, key, attribute["vr"], value, value_key, handler)
        elif plain and not tag & 0x10000:
            core.store(tag, (<ElementCore>element)._tag, element)
            if vr == VR_SQ:
                (<ElementCore>element)._val._adopted_by(ds)
                core._set_pixel_representation(element)
            continue
        ds.add(element)
    return ds


def dataset_from_dict(type cls not None, model, handler=None, str parent=""):
    """Return a data set made from a DICOM JSON Model object.

    Parameters
    ----------
    cls : type
        The class of the data set and of the items of its sequences.
    model : dict
        The object.
    handler : callable or None
        Called with the tag, the VR and the URI of bulk data; returns the value.
    parent : str, optional
        The tag of the sequence that the data set is an item of.
    """
    if dataset_class is None:
        prepare()
    return decode(cls, model, handler, parent, 1)
