"""The arithmetic of claims: is each number possible at its n, and do the claims fit one another?

Hands on :func:`check_arithmetic`, one row a check with its verdict and the reason in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from portal_analysis.claims.arithmetic import grim_power
from portal_analysis.claims.claim import COUNTED, Claim, whole_range
from portal_analysis.claims.relations import MANY, RELATIONS, STATED, Finding, near, reckon
from portal_analysis.claims.spans import ClaimError
from portal_analysis.claims.statements import Claims
from portal_analysis.language.catalogue import check_language, word
from portal_analysis.language.labels import is_missing
from portal_analysis.shape import rows_of

CONSISTENCY = ("possible", "impossible", "impossible if unweighted", "not checkable")
"""The verdicts on a check."""

CHECKS = ("possible at n", "within n", "whole number", *RELATIONS)
"""What is checked: three things of a claim alone, and the relations of several."""

CHECK_COLUMNS = [
    "claim_id",
    "check",
    "check_label",
    "claimed",
    "n",
    "counts_low",
    "counts_high",
    "power",
    "verdict",
    "verdict_label",
    "why",
]


def check_arithmetic(
    claims: Claims | pd.DataFrame, relations: pd.DataFrame | None = None, lang: str = "en"
) -> pd.DataFrame:
    """Reckon whether published numbers are possible, each at its n, and with one another.

    Parameters
    ----------
    claims : Claims or DataFrame
        Statements from :func:`load_claims`, or a table with ``claim_id`` and ``value`` (a number, or text as
        published: ``"3.10"``) and, as far as known, ``decimals, qualifier, unit`` (``percent``, ``points``, ``times``,
        ``portals``, …), ``n`` or ``base`` (what it is out of), ``weighted`` (True, False, or empty: not stated).
        Claims without a number are passed over. Proposals (:func:`propose_claims`) are such a table.
    relations : DataFrame, optional
        What claims say of one another: ``relation``; ``of``, the ids of the claims, joined by ``"; "`` or as a list;
        ``claim_id``, the claim that states the result. Of :class:`Claims` its own relations are added.

        * ``difference``: the second less the first; ``percent change``: of the second on the first. Either sign.
        * ``ratio``: the second by the first; "doubled" is a claim of 2.
        * ``share``: what per cent the first is of the second, or one claim of its own base.
        * ``sum``: of all, to the claim stated, or to 100 without one.
        * ``part``: the first is a part of the second, so not above it.
        * ``same sample``: all have one n. ``same measure``: and two are one rate.
    lang : {"en", "vi"}
        Language of ``check_label``, ``claimed``, ``verdict_label`` and ``why``.

    Returns
    -------
    DataFrame
        One row a check: ``claim_id, check, check_label, claimed, n, counts_low, counts_high, power, verdict,
        verdict_label, why``. ``counts_*`` are the least and the greatest number of units that the claim can stand for
        (of ``same sample`` and ``same measure``: by how many units the claims are apart); ``power`` is the share of
        all values that the check would have found impossible (:func:`grim_power`). The verdict is

        * ``possible``: some numbers that round to the claims satisfy it;
        * ``impossible``: none do;
        * ``impossible if unweighted``: none do, but weights, of which nothing is stated, could be the reason;
        * ``not checkable``: the number is weighted.

    Raises
    ------
    ClaimError
        If the table lacks a column, a number is none, an id is missing, repeated or unknown, or a relation is not
        known or has the wrong number of claims.
    WordingError
        If the language is not known.

    Notes
    -----
    A number leaves open what rounds to it, or what the word before it allows (:func:`span`); a count of portals,
    persons or the like without such a word and with its last figure (``decimals`` 0) none but itself. A check fails
    only if *no* choice of such values satisfies it. All reckoning is in fractions.

    References
    ----------
    Brown & Heathers (2017), as of :func:`~portal_analysis.claims.arithmetic.grim`.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> told = pd.DataFrame(
    ...     {"claim_id": ["a", "b", "c"], "value": ["17", "42", "2.5"], "unit": ["percent", "percent", "times"]}
    ... )
    >>> grown = pd.DataFrame([{"relation": "ratio", "of": "a; b", "claim_id": "c"}])
    >>> pa.check_arithmetic(told, grown)["verdict"].tolist()
    ['possible']
    >>> checks = pa.check_arithmetic(pa.load_claims()).set_index("claim_id")
    >>> print(checks.loc["article.profile_3_05", "why"])
    3.05% of 16,117 stands for 491–492, if unweighted. At this n every value with so many decimals is possible.
    """
    check_language(lang)
    known = _read(claims, lang)
    told = [_told(row, known) for row in _relations(claims, relations)]
    rows = [row for claim in known.values() for row in _alone(claim)]
    rows += [_between(name, result, of, lang) for name, result, of in told]
    return pd.DataFrame(rows, columns=CHECK_COLUMNS).astype(
        {"n": "Int64", "counts_low": "Int64", "counts_high": "Int64"}
    )


def _read(claims: Claims | pd.DataFrame, lang: str) -> dict[str, Claim]:
    table = claims.statements if isinstance(claims, Claims) else claims
    if not isinstance(table, pd.DataFrame):
        raise ClaimError(f"expected claims or a table of them, got {type(table).__name__}")
    if missing := [name for name in ("claim_id", "value") if name not in table]:
        raise ClaimError(f"a table of claims needs the columns {missing}; it has {list(table.columns)}")
    if table["claim_id"].isna().any():
        raise ClaimError(f"claim_id is empty in row {int(table['claim_id'].isna().to_numpy().argmax()) + 1}")
    if len(twice := table.loc[table["claim_id"].duplicated(), "claim_id"].unique()):
        raise ClaimError(
            f"claim_id must name one claim each; more than once there is {sorted(map(str, twice))}"
        )
    rows = [row for row in rows_of(table) if not is_missing(row["value"]) and row.get("kind") != "definition"]
    found = {str(row["claim_id"]): Claim(row, lang) for row in rows}
    for claim in found.values():
        _validate(claim)
    return found


def _validate(claim: Claim) -> None:
    """Raise where a claim cannot be reckoned with, and say which."""
    try:
        _ = claim.span, claim.n, claim.weighted
    except ClaimError as error:
        raise ClaimError(f"claim '{claim.id}': {error}") from None


def _relations(claims: Claims | pd.DataFrame, relations: pd.DataFrame | None) -> Iterable[dict[str, Any]]:
    own = rows_of(claims.relations) if isinstance(claims, Claims) else []
    if relations is None:
        return own
    if not isinstance(relations, pd.DataFrame) or not {"relation", "of"} <= set(relations):
        raise ClaimError(
            "relations are a table with the columns 'relation', 'of' and, where one states it, 'claim_id'"
        )
    return [*own, *rows_of(relations)]


def _told(row: Mapping[str, Any], known: Mapping[str, Claim]) -> tuple[str, Claim | None, list[Claim]]:
    """Return a relation with its claims."""
    name = str(row["relation"])
    if name not in RELATIONS:
        raise ClaimError(f"relation {name!r} is not known; relations are {list(RELATIONS)}")
    ids = _ids(row["of"], name)
    result = None if is_missing(row.get("claim_id")) or row["claim_id"] == "" else str(row["claim_id"])
    if unknown := [one for one in [*ids, result] if one is not None and one not in known]:
        raise ClaimError(f"relation {name!r} is of claims that have no number or are not there: {unknown}")
    if (result is None) != (name not in STATED) and name != "sum":
        raise ClaimError(
            f"relation {name!r} {'needs' if name in STATED else 'takes no'} claim_id that states its result"
        )
    if name == "share" and len(ids) == 1 and (base := known[ids[0]].whole_of_it):
        return name, known[result] if result is not None else None, [known[ids[0]], base]
    if len(ids) < 2 or (len(ids) > 2 and name not in MANY):
        raise ClaimError(
            f"relation {name!r} is of two claims{' or more' if name in MANY else ''}, not of {ids}"
        )
    return name, known[result] if result is not None else None, [known[one] for one in ids]


def _ids(told: Any, name: str) -> list[str]:
    """Return the ids of the claims that a relation is of."""
    if not isinstance(told, str | list | tuple):
        raise ClaimError(
            f"relation {name!r}: 'of' holds the ids of claims, joined by '; ' or as a list, not {told!r}"
        )
    return [str(one).strip() for one in (told.split(";") if isinstance(told, str) else told)]


def _alone(claim: Claim) -> list[dict[str, Any]]:
    """Return the checks of a claim on its own."""
    found = []
    if claim.unit in COUNTED and claim.decimals > 0 and claim.qualifier == "exact":
        fits = claim.value.denominator == 1
        key = "reckoned.whole" if fits else "reckoned.not_whole"
        found.append(
            _row("whole number", [claim], Finding(fits, False, claim.word(key, claimed=claim.written)))
        )
    if claim.n is None:
        return found
    if claim.is_share:
        return [*found, _at_n(claim, claim.n)]
    if claim.unit in COUNTED or not claim.unit:
        fits = claim.span.low <= claim.n
        told = {"claimed": claim.written, "n": claim.whole(claim.n)}
        key = "reckoned.within" if fits else "reckoned.above"
        found.append(_row("within n", [claim], Finding(fits, False, claim.word(key, **told)), claim.n))
    return found


def _at_n(claim: Claim, n: int) -> dict[str, Any]:
    """Return whether a percentage is possible at its n."""
    if claim.weighted:
        row = _row("possible at n", [claim], Finding(True, False, claim.word("reckoned.weighted")), n)
        return {**row, **_verdict("not checkable", claim.lang)}
    counts = claim.counts
    unsaid = claim.weighted is None
    told = {"claimed": claim.written, "n": claim.whole(n)}
    exact = claim.qualifier == "exact"
    power = grim_power(n, claim.decimals) if exact else float("nan")
    if counts:
        text = claim.word(
            "reckoned.counts_if" if unsaid else "reckoned.counts",
            counts=whole_range(counts, claim.lang),
            **told,
        )
        text += f" {claim.word('reckoned.powerless')}" if power == 0 else ""
    else:
        text = claim.word("reckoned.none_near", near=near(claim, n), **told)
    row = _row("possible at n", [claim], Finding(bool(counts), unsaid, text, counts), n)
    return {**row, "power": power}


def _between(name: str, result: Claim | None, of: list[Claim], lang: str) -> dict[str, Any]:
    sizes = {one.n for one in of}
    size = sizes.pop() if len(sizes) == 1 and name not in STATED else None
    return _row(name, [result] if result else of, reckon(name, result, of, lang), size)


def _row(name: str, of: list[Claim], finding: Finding, n: int | None = None) -> dict[str, Any]:
    lang = of[0].lang
    verdict = (
        "possible"
        if finding.fits
        else "impossible if unweighted"
        if finding.excused_by_weights
        else "impossible"
    )
    counts = finding.counts or None
    return {
        "claim_id": "; ".join(one.id for one in of),
        "check": name,
        "check_label": word(f"check.{name}", lang),
        "claimed": "; ".join(one.written for one in of),
        "n": n,
        "counts_low": counts[0] if counts else None,
        "counts_high": counts[-1] if counts else None,
        "power": float("nan"),
        **_verdict(verdict, lang),
        "why": finding.why,
    }


def _verdict(verdict: str, lang: str) -> dict[str, str]:
    return {"verdict": verdict, "verdict_label": word(f"consistency.{verdict}", lang)}
