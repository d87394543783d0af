"""Implementation of `pydcm.jsonrep`: the DICOM JSON Model (PS3.18 Annex F)."""
