from pydcm._core._outbuffer import OutBuffer

class Charset:
    names: str | list[str] | None
    def __init__(self, names: str | list[str] | None) -> None: ...

class ValueEncoder(OutBuffer):
    def __init__(self, implicit: bool, little: bool) -> None: ...
