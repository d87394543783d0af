"""Structured reporting and other documents for :mod:`pydcm`; users know it as ``pydcm.sr``."""

from .codedict import Collection, Concepts, codes
from .coding import Code

__all__ = ["Code", "Collection", "Concepts", "codes"]
