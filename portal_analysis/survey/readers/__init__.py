"""From files and dataset folders to surveys, and what a survey asked."""

from portal_analysis.survey.readers.files import read_survey
from portal_analysis.survey.readers.folders import load_survey
from portal_analysis.survey.readers.papi import read_papi
from portal_analysis.survey.readers.presets import PRESETS, Preset, SurveyReadError
from portal_analysis.survey.readers.scores import estimates
from portal_analysis.survey.readers.wordings import questions

__all__ = [
    "PRESETS",
    "Preset",
    "SurveyReadError",
    "estimates",
    "load_survey",
    "questions",
    "read_papi",
    "read_survey",
]
