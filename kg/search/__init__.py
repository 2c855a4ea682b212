"""Finding things by their words, in an index that stands beside the store."""
