"""Tools for looking at DICOM files, and for repairing them while they are read."""
