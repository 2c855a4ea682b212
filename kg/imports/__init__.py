"""Taking in what others made: their statements become claims that stand in records, by the tables of the ontology."""
