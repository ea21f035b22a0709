"""Make the simulated audit: judgements whose consensus gives every published count, and nothing else that is known.

Run as ``python data/portal-review-simulated/make.py``. Reads the published counts and the table of provinces beside
it and ``feedback_items.csv``; writes the tables and ``datapackage.json`` of this folder, the same bytes each time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import descriptor
import numpy as np

from portal_analysis.audit.consensus import decide
from portal_analysis.audit.judgements import OUTCOMES
from portal_analysis.sources import write_descriptor

HERE = Path(__file__).resolve().parent
SEED = 20230711
GRADED = ("inadequate", "average", "good")
YES_NO = ("no", "yes")
PUBLISHED_LEVELS = ("not_published", "published")

# criterion, round, published id, group, levels, counts of (worst … best) where nothing is published, else None
# and the published count decides; ``nested`` names the criterion without which this one cannot be met.
CRITERIA: tuple[dict[str, Any], ...] = (
    {"id": "policy_service_portal", "round": "2022", "group": "2022-i", "levels": PUBLISHED_LEVELS},
    {"id": "policy_egov_portal", "round": "2022", "group": "2022-i", "levels": PUBLISHED_LEVELS},
    {"id": "contact_service_portal", "round": "2022", "group": "2022-i", "levels": YES_NO},
    {"id": "contact_egov_portal", "round": "2022", "group": "2022-i", "levels": YES_NO},
    {"id": "lookup_ease", "published": "2023_1_1", "round": "2023", "group": "2023-1", "free": (19, 26, 18)},
    {"id": "2023_1_2", "round": "2023", "group": "2023-1", "free": (21, 25, 17)},
    {"id": "2023_1_3", "round": "2023", "group": "2023-1", "free": (8, 22, 33)},
    {"id": "2023_1_4", "round": "2023", "group": "2023-1", "free": (14, 30, 19)},
    {"id": "2023_2_1", "round": "2023", "group": "2023-2", "free": (33, 21, 9)},
    {"id": "2023_2_2", "round": "2023", "group": "2023-2", "free": (23, 24, 16)},
    {"id": "2023_2_3", "round": "2023", "group": "2023-2", "free": (12, 20, 31)},
    {"id": "2023_3_1", "round": "2023", "group": "2023-3", "free": (17, 31, 15)},
    {"id": "disability_access", "published": "2023_3_2", "round": "2023", "group": "2023-3", "free": (42, 17, 4)},
    {"id": "data_protection", "published": "2023_3_3", "round": "2023", "group": "2023-3", "free": (55, 6, 2)},
    {"id": "no_originals_required", "published": "2023.originals_required", "round": "2023", "group": "2023-2", "levels": YES_NO},
    {"id": "online_results", "published": "2023.no_online_results", "round": "2023", "group": "2023-2", "levels": YES_NO},
    {"id": "guide_posted", "round": "2023", "group": "2023-1", "levels": YES_NO, "free": (43, 20)},
    {"id": "disability_access", "round": "2024", "group": "2024-i", "rest": 20},
    {"id": "2024_i_compat", "round": "2024", "group": "2024-i", "free": (7, 45, 11)},
    {"id": "data_protection", "round": "2024", "group": "2024-x", "rest": 2},
    {"id": "support_information", "round": "2024", "group": "2024-ii", "rest": 27},
    {"id": "lookup_ease", "round": "2024", "group": "2024-ii", "rest": 29},
    {"id": "full_process_features", "round": "2024", "group": "2024-x", "rest": 23},
    {"id": "guide_posted", "round": "2024", "group": "2024-ii", "levels": YES_NO},
    {"id": "guide_three_forms", "round": "2024", "group": "2024-ii", "levels": YES_NO, "nested": "guide_posted"},
    {"id": "lookup_advanced", "round": "2024", "group": "2024-ii", "levels": YES_NO},
    {"id": "lookup_messaging", "round": "2024", "group": "2024-ii", "levels": YES_NO},
    {"id": "chatbot_present", "round": "2024", "group": "2024-ii", "levels": YES_NO},
    {"id": "chatbot_working", "round": "2024", "group": "2024-ii", "levels": YES_NO, "nested": "chatbot_present"},
)
