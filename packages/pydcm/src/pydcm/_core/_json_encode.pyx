"""Data sets as DICOM JSON Model (PS3.18 §F.2), as text or as dictionaries.

Values that were read and nobody has looked at are turned from their bytes into text without a Python object in between,
provided that they are plainly clean; the rest goes through its data element. The text is the one that `json.dumps` with
sorted keys makes of the dictionaries.
"""
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport uint16_t, uint32_t

from pydcm._core._dataset cimport DatasetCore
from pydcm._core._element cimport ElementCore
from pydcm._core._json_text cimport GROUPS, Text, is_exact, vr_of, write_row
from pydcm._core._multival cimport ListCore
from pydcm._core._personname cimport PersonNameCore
from pydcm._core._scan cimport CHILDREN, DEFERRED, UNDEFINED, Row, vr_string
from pydcm._core._value cimport FALLBACK, convert_row, fast_enabled
from pydcm._core._valuetypes cimport DSfloat, text_of
from pydcm._core._vr cimport VR_SQ

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


cdef frozenset TEXT_VRS = frozenset("AE AS CS DA DT LO LT SH ST TM UC UI UR UT".split())
cdef type element_class = None
cdef type dataset_class = None
cdef type is_class = None
cdef object limits = None
cdef dict plain_classes = {}     # classes of data sets -> have they the standard methods?


cdef int prepare() except -1:
    """Bind what is defined on top of this module."""
    global element_class, dataset_class, is_class, limits
    from pydcm import dataelem, dataset, limits as bounds, valuerep
    limits = bounds
    is_class = valuerep.IS
    dataset_class = dataset.Dataset
    element_class = dataelem.DataElement
    return 0


cdef bint elements_are_plain() except -1:
    """Do data elements convert themselves in the standard way (and not by a replacement of their method)?"""
    cdef object method = element_class.to_json_dict
    return (getattr(method, "__qualname__", "") == "DataElement.to_json_dict"
            and getattr(method, "__module__", "") == "pydcm.dataelem")


cdef bint is_plain(object dataset) except -1:
    """Does this data set's class convert itself in the standard way?"""
    cdef type cls = type(dataset)
    if cls is dataset_class:
        return True
    known = plain_classes.get(cls)
    if known is None:
        known = cls.to_json is dataset_class.to_json and cls.to_json_dict is dataset_class.to_json_dict
        if len(plain_classes) < 1000:
            plain_classes[cls] = known
    return known


# -- from values ---------------------------------------------------------------------------------------------------------

cdef int write_scalar(Text out, object value, bint decimal, bint text_allowed) except -1:
    """Write one value: text or a number. Returns 0 if it is neither in the usual way."""
    cdef str text
    cdef Py_ssize_t n
    cdef type kind = type(value)
    if isinstance(value, str):
        if not text_allowed or not value:
            return 0
        out.string(value)
        return 1
    if decimal:
        if kind is not DSfloat:
            return 0
        text = text_of(<DSfloat>value)
        if text is not None:
            n = PyUnicode_GET_LENGTH(text)
            if not PyUnicode_IS_ASCII(text) or not is_exact(PyUnicode_1BYTE_DATA(text), n):
                return 0
        out.real(<double>value)
        return 1
    if kind is float:
        out.real(<double>value)
        return 1
    if kind is int or kind is is_class:
        out.ascii(int.__repr__(value))
        return 1
    return 0


cdef int write_name(Text out, PersonNameCore name) except -1:
    cdef tuple groups = name._get_components()
    cdef int i
    out.add(b"{", 1)
    for i in range(max(1, min(3, len(groups)))):
        out.add(b", \"" if i else b"\"", 3 if i else 1)
        out.put(GROUPS[i])
        out.add(b'": ', 3)
        out.string(groups[i] if groups else "")
    return out.add(b"}", 1)


cdef int write_value(Text out, object vr, object value) except -1:
    """Write a converted value; 0, and nothing written, if it is none of the usual kinds."""
    cdef Py_ssize_t start = out.n, i = 0
    cdef bint decimal = vr == "DS"
    cdef bint text_allowed = vr in TEXT_VRS
    cdef list values
    cdef object item
    if not (type(vr) is str and len(vr) == 2) or vr == "SQ" or vr == "AT":
        return 0
    if isinstance(value, ListCore):
        values = (<ListCore>value)._list
    elif type(value) is list:
        values = <list>value
    else:
        values = [value]
    if len(values) == 0 or (vr in ("FL", "FD")) and type(values[0]) is not float:
        return 0
    out.open_values()
    for item in values:
        if i:
            out.add(b", ", 2)
        i += 1
        if vr == "PN":
            if isinstance(item, PersonNameCore) and item:
                write_name(out, <PersonNameCore>item)
                continue
        elif write_scalar(out, item, decimal, text_allowed):
            continue
        out.n = start
        return 0
    return out.close_values(<const char*>PyUnicode_1BYTE_DATA(vr)) + 1


cdef class Encoder:
    """Writes data sets with one choice of options."""
    cdef Text out
    cdef object handler
    cdef object threshold
    cdef Py_ssize_t longest_inline
    cdef bint plain_elements
    cdef int depth

    def __cinit__(self, threshold, handler):
        if element_class is None:
            prepare()
        self.out = Text()
        self.threshold = threshold
        self.handler = handler
        self.longest_inline = threshold // 4 * 3 if handler is not None else <Py_ssize_t>(<size_t>-1 >> 1)
        self.plain_elements = elements_are_plain()

    cdef int enter(self) except -1:
        self.depth += 1
        if self.depth > limits.MAX_DEPTH:
            from pydcm.errors import DicomLimitError
            raise DicomLimitError(f"The data set has sequences nested deeper than {limits.MAX_DEPTH}", limit="MAX_DEPTH")
        return 0

    cdef object report(self, uint32_t tag):
        from pydcm import config
        config.logger.error(f"Error while processing tag {tag:08X}")

    # ---- text

    cdef int write_dataset(self, DatasetCore ds) except -1:
        cdef Text out = self.out
        cdef Py_ssize_t i, n
        cdef bint fast = self.plain_elements and fast_enabled()
        cdef bint first = True
        cdef Row* row
        cdef uint32_t tag
        cdef list tags = None
        self.enter()
        ds.ensure_index()
        n = ds.n_index
        if ds._extra:
            tags = ds.sorted_tags()
            n = len(tags)
        out.add(b"{", 1)
        i = 0
        while i < n:
            if not first:
                out.add(b", ", 2)
            first = False
            if tags is not None:
                tag = <uint32_t>tags[i]
                out.tag(tag)
                out.add(b": ", 2)
                self.write_tag(ds, tag)
            else:
                if i >= ds.n_index:    # converting an element may have changed the data set
                    break
                row = &ds.table.rows[ds._index[i]]
                tag = row.tag
                out.tag(tag)
                out.add(b": ", 2)
                if not (fast and (ds._objects == NULL or ds._objects[i] == NULL)
                        and write_row(out, ds.table, row, self.longest_inline)):
                    self.write_tag(ds, tag)
            i += 1
        out.add(b"}", 1)
        self.depth -= 1
        return 0

    cdef int write_tag(self, DatasetCore ds, uint32_t tag) except -1:
        cdef ElementCore element
        try:
            element = <ElementCore?>ds.lookup(tag)
            self.write_element(element)
        except Exception:
            self.report(tag)
            raise
        return 0

    cdef int write_element(self, ElementCore element) except -1:
        cdef Text out = self.out
        cdef bint first = True
        cdef object item
        if self.plain_elements and type(element) is element_class:
            if element._vr == "SQ" and isinstance(element._val, ListCore):
                out.open_values()
                for item in (<ListCore>element._val)._list:
                    if not first:
                        out.add(b", ", 2)
                    first = False
                    if is_plain(item):
                        self.write_dataset(<DatasetCore?>item)
                    else:
                        self.write_model(item.to_json(
                            bulk_data_threshold=self.threshold, bulk_data_element_handler=self.handler,
                            dump_handler=same,
                        ))
                return out.close_values("SQ")
            if write_value(out, element._vr, element._val):
                return 0
        return self.write_model(element.to_json_dict(self.handler, self.threshold))

    cdef int write_model(self, object model) except -1:
        import json
        return self.out.ascii(json.dumps(model, sort_keys=True))

    # ---- dictionaries

    cdef dict model_of_dataset(self, DatasetCore ds):
        cdef dict result = {}
        cdef bint fast = self.plain_elements and fast_enabled()
        cdef Py_ssize_t i
        cdef uint32_t tag
        cdef object value, key
        cdef Row* row
        cdef uint16_t vr
        self.enter()
        ds.ensure_index()
        i = 0
        while i < ds.n_index:
            row = &ds.table.rows[ds._index[i]]
            tag = row.tag
            value = None
            vr = vr_of(row)
            if (fast and vr and vr != VR_SQ and (ds._objects == NULL or ds._objects[i] == NULL)
                    and not row.flags & (CHILDREN | DEFERRED | UNDEFINED)
                    and (not self.handler or <Py_ssize_t>row.nbytes <= self.longest_inline)):
                value = convert_row(ds.table, row, vr, ds)
                value = None if value is FALLBACK else self.model_of_value(vr_string(vr), value)
            result[f"{tag:08X}"] = self.model_of_tag(ds, tag) if value is None else value
            i += 1
        if ds._extra:
            for key in list(ds._extra):
                result[f"{key:08X}"] = self.model_of_tag(ds, <uint32_t>key)
        self.depth -= 1
        return result

    cdef object model_of_tag(self, DatasetCore ds, uint32_t tag):
        cdef ElementCore element
        cdef list items
        cdef object item, model
        try:
            element = <ElementCore?>ds.lookup(tag)
            if self.plain_elements and type(element) is element_class:
                if element._vr == "SQ" and isinstance(element._val, ListCore):
                    items = []
                    for item in (<ListCore>element._val)._list:
                        items.append(self.model_of_dataset(<DatasetCore?>item) if is_plain(item) else item.to_json(
                            bulk_data_threshold=self.threshold, bulk_data_element_handler=self.handler,
                            dump_handler=same,
                        ))
                    return {"vr": "SQ", "Value": items}
                model = self.model_of_value(element._vr, element._val)
                if model is not None:
                    return model
            return element.to_json_dict(bulk_data_element_handler=self.handler,
                                        bulk_data_threshold=self.threshold)
        except Exception:
            self.report(tag)
            raise

    cdef object model_of_value(self, object vr, object value):
        """Return the attribute object of a value of the usual kinds, else None."""
        cdef list values, result
        cdef object item
        cdef type kind
        cdef str text
        if isinstance(value, str):
            return {"vr": vr, "Value": [value]} if value and vr in TEXT_VRS else None
        if isinstance(value, ListCore):
            values = (<ListCore>value)._list
        elif type(value) is list:
            values = <list>value
        else:
            values = [value]
        result = []
        for item in values:
            kind = type(item)
            if vr == "DS":
                if kind is not DSfloat:
                    return None
                text = text_of(<DSfloat>item)
                if text is not None and (not PyUnicode_IS_ASCII(text) or not is_exact(
                        PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))):
                    return None
                result.append(<double>item)
            elif kind is is_class:
                result.append(int(item))
            elif (kind is float or kind is int) and vr not in ("AT", "IS"):
                result.append(float(item) if vr == "FL" or vr == "FD" else item)
            elif isinstance(item, str) and item and vr in TEXT_VRS:
                result.append(item)
            else:
                return None
        return {"vr": vr, "Value": result} if result else None


def same(model):
    """Return `model`: a dump handler for the objects of sequence items."""
    return model


def dataset_to_text(DatasetCore ds not None, threshold, handler):
    """Return a data set as JSON text.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        The data set.
    threshold : int
        Binary values whose base64 text takes more characters than this go to `handler`.
    handler : callable or None
        Returns the URI for a data element; without it all binary values are in the text.
    """
    cdef Encoder encoder = Encoder(threshold, handler)
    encoder.write_dataset(ds)
    return PyUnicode_DecodeASCII(encoder.out.data, encoder.out.n, NULL)


def dataset_to_dict(DatasetCore ds not None, threshold, handler):
    """Return a data set as a DICOM JSON Model object; see `dataset_to_text`."""
    return (<Encoder>Encoder(threshold, handler)).model_of_dataset(ds)
