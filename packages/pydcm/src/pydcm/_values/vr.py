"""The VRs and the groups they fall into."""

from __future__ import annotations

from enum import Enum, unique


@unique
class VR(str, Enum):
    """A value representation (PS3.5 Table 6.2-1), or a choice of them that PS3.6 leaves to the data set."""

    __module__ = "pydcm.valuerep"

    AE = "AE"
    AS = "AS"
    AT = "AT"
    CS = "CS"
    DA = "DA"
    DS = "DS"
    DT = "DT"
    FD = "FD"
    FL = "FL"
    IS = "IS"
    LO = "LO"
    LT = "LT"
    OB = "OB"
    OD = "OD"
    OF = "OF"
    OL = "OL"
    OV = "OV"
    OW = "OW"
    PN = "PN"
    SH = "SH"
    SL = "SL"
    SQ = "SQ"
    SS = "SS"
    ST = "ST"
    SV = "SV"
    TM = "TM"
    UC = "UC"
    UI = "UI"
    UL = "UL"
    UN = "UN"
    UR = "UR"
    US = "US"
    UT = "UT"
    UV = "UV"
    OB_OW = "OB or OW"
    US_OW = "US or OW"
    US_SS = "US or SS"
    US_SS_OW = "US or SS or OW"

    def __str__(self) -> str:
        return str.__str__(self)


def _vrs(names: str) -> set[VR]:
    return {VR(name) for name in names.split()}


AMBIGUOUS_VR = {vr for vr in VR if " or " in vr.value}
"""Choices of VR that other elements of the data set decide."""

STANDARD_VR = set(VR) - AMBIGUOUS_VR
"""The VRs of PS3.5 Table 6.2-1."""

DEFAULT_CHARSET_VR = _vrs("AE AS CS DA DS DT IS TM UI UR")
"""Text whose characters are always those of the default repertoire (PS3.5 §6.1.2)."""

CUSTOMIZABLE_CHARSET_VR = _vrs("LO LT PN SH ST UC UT")
"""Text whose characters are those of (0008,0005) *Specific Character Set*."""

STR_VR = DEFAULT_CHARSET_VR | CUSTOMIZABLE_CHARSET_VR
"""VRs whose values are stored as text."""

BYTES_VR = _vrs("OB OD OF OL OV OW UN")
"""VRs whose values are :class:`bytes`."""

FLOAT_VR = _vrs("DS FD FL")
"""VRs whose values are :class:`float`."""

INT_VR = _vrs("AT IS SL SS SV UL US UV")
"""VRs whose values are :class:`int`."""

LIST_VR = {VR.SQ}
"""VRs whose values are sequences of items."""

ALLOW_BACKSLASH = _vrs("LT ST UT") | BYTES_VR | (AMBIGUOUS_VR - {VR.US_SS})
"""VRs in whose values a backslash does not part two values."""

LONG_VALUE_VR = _vrs("LT UC UT") | BYTES_VR | AMBIGUOUS_VR
"""VRs whose values may be too long to show whole."""

EXPLICIT_VR_LENGTH_32 = (BYTES_VR | _vrs("SQ SV UC UR UT UV")) & STANDARD_VR
"""VRs with a length field of 32 bits in explicit VR transfer syntaxes (PS3.5 Table 7.1-1)."""

EXPLICIT_VR_LENGTH_16 = STANDARD_VR - EXPLICIT_VR_LENGTH_32
"""VRs with a length field of 16 bits in explicit VR transfer syntaxes (PS3.5 Table 7.1-2)."""

BUFFERABLE_VRS = (BYTES_VR - {VR.UN}) | {VR.OB_OW}
"""VRs whose value may be a buffered stream."""
