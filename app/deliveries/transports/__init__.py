"""One module per kind of channel; found by the entry points of `vigie.transports`."""
