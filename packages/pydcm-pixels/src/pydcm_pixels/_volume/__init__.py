"""The volume: voxels with their place in the patient, and what can be done with them."""
