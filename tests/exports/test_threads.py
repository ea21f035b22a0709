"""Threads that plot and export at once write the bytes that one alone writes; values can be sent to processes."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.exports import export
from portal_analysis.figures import plot_estimates, plot_tiles

KINDS = ["svg", "pdf", "png", "csv", "json"]


@pytest.mark.slow
def test_threads_write_what_one_alone_writes(table, labels, tmp_path):
    def write(number: int) -> dict[str, bytes]:
        lang = ("en", "vi")[number % 2]
        plot = (plot_estimates, plot_tiles)[number // 2 % 2]
        figure = plot(table, lang=lang, labels=labels, size=("report", "slide")[number // 4 % 2])
        done = export("use", table, figure, tmp_path / f"{kind_of_run}{number}", KINDS, lang)
        return {kind: path.read_bytes() for kind, path in done.files.items()}

    kind_of_run = "alone"
    alone = [write(number) for number in range(8)]
    kind_of_run = "together"
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(write, range(8)))
    for number, (one, other) in enumerate(zip(alone, together, strict=True)):
        assert {kind: one[kind] == other[kind] for kind in KINDS} == dict.fromkeys(KINDS, True), number


def test_surveys_and_audits_can_be_sent_and_copied():
    data = pd.DataFrame({"w": [1.0, 2.0, 3.0], "use": [0, 1, 1]})
    survey = pa.Survey(data, pa.Design("w"), source="mine", labels={"use": "Used"}, min_n=2)
    audit = pa.load_audit("portal-review-simulated")
    for again in (pickle.loads(pickle.dumps(survey)), copy.deepcopy(survey)):
        pd.testing.assert_frame_equal(again.data, survey.data)
        assert (again.min_n, again.source, again.design) == (2, "mine", survey.design)
        assert pa.mean(again, "use")["estimate"].item() == pa.mean(survey, "use")["estimate"].item()
    for copied in (pickle.loads(pickle.dumps(audit)), copy.deepcopy(audit)):
        pd.testing.assert_frame_equal(copied.judgements, audit.judgements)
        assert (copied.source, copied.simulated) == (audit.source, audit.simulated)
