"""Engine, types, leases: the only package that asks which database it is."""
