"""Two collectors that are not part of Vigie, as an example of a package of one's own."""
