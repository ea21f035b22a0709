"""Whether use goes with the quality of portals: rates of the survey and scores of the audit, province by province."""
