"""Privacy: retention, access, erasure, the information notice."""
