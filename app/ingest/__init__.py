"""From a due source to stored items: collect, analyse, store."""
