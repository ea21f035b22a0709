"""Which numbers may leave a table of microdata: thresholds, what follows by subtraction, what is withheld for it."""
