"""What claims say of one another: differences, ratios, sums, shares, parts of a whole, two on one sample.

Hands on :data:`RELATIONS` and :func:`reckon`, which says whether claims fit together and why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from portal_analysis.claims.claim import Claim, whole_range
from portal_analysis.claims.spans import Span
from portal_analysis.language import numbers
from portal_analysis.language.catalogue import word

HUNDRED = Span(Fraction(100), Fraction(100))
"""What parts add up to where no claim states their sum."""


class Finding(NamedTuple):
    """Whether claims fit, whether weights could excuse that they do not, and why; with the counts that it rests on."""

    fits: bool
    excused_by_weights: bool
    why: str
    counts: range | None = None


def _difference(of: Sequence[Claim]) -> Span:
    return of[1].span.minus(of[0].span)


def _change(of: Sequence[Claim]) -> Span:
    return of[1].span.over(of[0].span).times(Fraction(100)).minus(HUNDRED)


def _sum(of: Sequence[Claim]) -> Span:
    total = of[0].span
    for one in of[1:]:
        total = total.plus(one.span)
    return total


def _ratio(of: Sequence[Claim]) -> Span:
    return of[1].span.over(of[0].span)


def _share(of: Sequence[Claim]) -> Span:
    return of[0].span.over(of[1].span).times(Fraction(100))


STATED: dict[str, Callable[[Sequence[Claim]], Span]] = {
    "difference": _difference,
    "percent change": _change,
    "ratio": _ratio,
    "share": _share,
    "sum": _sum,
}
"""Relations whose result a claim states, and what the claims that it is of give."""

EITHER_SIGN = ("difference", "percent change")
"""Relations whose result is published without a sign: "up by 2 points", "down by 2 points"."""


def _stated(name: str, result: Claim | None, of: Sequence[Claim], lang: str) -> Finding:
    found = STATED[name](of)
    wanted = HUNDRED if result is None else result.span
    fits = found.meets(wanted) or (name in EITHER_SIGN and found.negative().meets(wanted))
    places = max(one.decimals for one in ([*of, result] if result else of)) + 1
    told = {
        "parts": "; ".join(one.written for one in of),
        "found": _interval(found, max(1, places), lang),
        "claimed": result.written if result else numbers.number(1, "proportion", lang),
    }
    return Finding(fits, False, word(f"reckoned.{'fits' if fits else 'misses'}", lang, **told))


def _interval(found: Span, places: int, lang: str) -> str:
    low, high = (numbers.plain(float(end), lang, places) for end in (found.low, found.high))
    return word("number.range_signed", lang, low=low, high=high) if low != high else low


def _part(result: Claim | None, of: Sequence[Claim], lang: str) -> Finding:
    part, whole = of
    fits = part.span.low < whole.span.high or part.span.meets(whole.span)
    key = "reckoned.part" if fits else "reckoned.part_above"
    return Finding(fits, False, word(key, lang, part=part.written, whole=whole.written))


def _same_sample(result: Claim | None, of: Sequence[Claim], lang: str) -> Finding:
    sizes = list(dict.fromkeys(one.n for one in of if one.n is not None))
    if len(sizes) > 1:
        told = "; ".join(numbers.count(size, lang) for size in sizes)
        return Finding(False, False, word("reckoned.sizes", lang, told=told))
    shares = [one for one in of if one.is_share and one.weighted is not True]
    if not sizes or len(shares) < 2:
        return Finding(True, False, word("reckoned.no_size", lang))
    shared = {id(one): Claim({**one.row, "n": sizes[0]}, lang).counts for one in shares}
    if not all(shared.values()):
        return Finding(False, True, _one_impossible(shares, sizes[0], lang))
    told = "; ".join(
        word("reckoned.stands_for", lang, claimed=one.written, counts=whole_range(shared[id(one)], lang))
        for one in shares
    )
    apart = _apart(list(shared.values()))
    text = {"told": told, "n": numbers.count(sizes[0], lang), "apart": whole_range(apart, lang)}
    return Finding(True, False, word("reckoned.apart", lang, **text), apart)


def _one_impossible(shares: Sequence[Claim], size: int, lang: str) -> str:
    told = [one.written for one in shares if not Claim({**one.row, "n": size}, lang).counts]
    return word("reckoned.none", lang, claimed="; ".join(told), n=numbers.count(size, lang))


def _apart(counts: Sequence[range]) -> range:
    """Return by how many the least and the greatest count differ."""
    least, most = min(counts, key=lambda one: one[0]), max(counts, key=lambda one: one[-1])
    return range(max(0, most[0] - least[-1]), most[-1] - least[0] + 1)


def _same_measure(result: Claim | None, of: Sequence[Claim], lang: str) -> Finding:
    fits = of[0].span.meets(of[1].span)
    told = _same_sample(None, of, lang)
    both = "; ".join(one.written for one in of)
    text = word("reckoned.one_rate" if fits else "reckoned.two_rates", lang, told=both)
    same_way = of[0].weighted == of[1].weighted and of[0].weighted is not None
    return Finding(fits and told.fits, not same_way, f"{text} {told.why}", told.counts)


BETWEEN: dict[str, Callable[[Claim | None, Sequence[Claim], str], Finding]] = {
    "part": _part,
    "same sample": _same_sample,
    "same measure": _same_measure,
}
"""Relations that no claim states."""

RELATIONS = (*STATED, *BETWEEN)

MANY = ("sum", "same sample")
"""Relations of two claims or more; the others are of two."""


def reckon(name: str, result: Claim | None, of: Sequence[Claim], lang: str) -> Finding:
    """Return whether claims fit together and why."""
    return _stated(name, result, of, lang) if name in STATED else BETWEEN[name](result, of, lang)


def near(claim: Claim, n: int) -> str:
    """Write the percentages of whole numbers next to a claimed one: "29 (46.03%) and 30 (47.62%)"."""
    exact = claim.value * n / 100
    around = dict.fromkeys(min(n, max(0, one)) for one in (math.floor(exact), math.ceil(exact)))
    places = claim.decimals + 1
    return word("word.and", claim.lang).join(
        word(
            "number.count_spoken",
            claim.lang,
            count=claim.whole(one),
            share=numbers.number(one / n, "proportion", claim.lang, places),
        )
        for one in around
    )
