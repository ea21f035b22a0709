"""Which numbers may leave a table of microdata: thresholds, what follows by subtraction, and what is withheld for it."""
