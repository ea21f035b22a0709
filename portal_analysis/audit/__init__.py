"""The audit wing: from anybody's audit files to criteria met and shortcomings counted."""
