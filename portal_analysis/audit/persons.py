"""Names of persons in a text as people type them: with accents or without, in capitals or small letters.

Hands on where they stand; what is put in their place is said by :mod:`portal_analysis.audit.masking`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal_analysis import datasets, provinces, tables
from portal_analysis.letters import composed, plain_in_place

WORD_LISTS = "portal-review-simulated"
"""The dataset that holds the list ``name_words``; the list itself is not simulated."""

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")
_HIGHLAND = re.compile(r"[hky]['’ʼ`]\w+")


with Path(__file__).with_name("persons.toml").open("rb") as _stream:
    _LISTS: dict[str, str] = tomllib.load(_stream)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(part.split()) for part in text.split(","))


GIVEN = _words(_LISTS["given"])
"""Syllables of given names, without accents."""

ONLY_NAMES = _words(_LISTS["only_names"])
"""Given names, without accents, that hardly another word is spelled like."""

MIDDLE = frozenset({"thi", "van"})
PLAIN = frozenset({"nguyen", "pham", "huynh", "tran"})
"""Family names that are hardly another word when typed without accents."""
RARE = _words(_LISTS["rare"])
"""Family names that are more often another word, without accents: they need "thi", "van" or two more names."""
HIGHLAND = _words(_LISTS["highland"])
"""Names of clans of the Central Highlands and the Truong Son, without accents."""
CLANS = _words(_LISTS["clans"])
"""Family names of the north before ``A`` or ``Thi``, such as Giang A Pao, without accents."""
SURE_CLANS = _words("giang sung thao mua vang hau lau chang ly cu vu ho va")
"""Those of them that are hardly another word before ``a``, ``mi`` or ``thi``."""

NO_NAMES = _phrases(_LISTS["no_names"])
"""Beginnings that look like a name without accents, and are words of every form and letter."""
ORDINARY = _phrases(_LISTS["ordinary"])
"""Pairs of words that are made of syllables of names, without accents, and mean something."""

KNOWN_PERSONS = _phrases(_LISTS["known_persons"])
"""Persons whom streets, schools and wards are called after; with a form of address before it a name is somebody's."""

PLACES = _phrases(_LISTS["places"])
"""Places that begin like a person, without accents; those of the list of provinces are added."""

NAMED_AFTER = _phrases(_LISTS["named_after"])
"""What is called after persons; of one word only with its accents, for without them it may be another."""

_SELVES = {"toi la", "em la", "minh la", "con la", "chau la", "i am"}
_ALSO_NAMES = {"duong", "phuong", "quan"}
_PLACE_WORDS = {"tp", "tinh", "huyen", "pho", *_ALSO_NAMES}

_TOWNS = _words("xa tran truong thuc sieu do thanh moi phuong hoi khu phong cho")
"""What stands before or behind "thi" in words of towns and markets."""

CLEAR = _phrases(_LISTS["clear"])
"""Family names of fewer people, with their accents: with a name in capitals behind them they are one."""

MEN = _words(_LISTS["men"])
_NO_MEN = _words("hoa minh nghe phong ban hoc thu bang kien hien de giang lang yen chan quan lam phu")
"""What stands behind "van" in words of culture and in districts."""

LONGEST = 8
"""Words after the first that a run of capitals may have to be a name."""

SMALL_FORMS = _words("ong ba anh chi co chu bac thay")
STOP = _words(_LISTS["stop"])


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    raw: str
    plain: str

    @property
    def capital(self) -> bool:
        return self.raw[0].isupper()


def names_in(text: str) -> Iterator[tuple[int, int]]:
    """Where names of persons stand."""
    plain = plain_in_place(text)
    spelled = text.lower() if _is_shouted(text) else text
    spelled = spelled if len(spelled) == len(text) else text
    tokens = [
        _Token(one.start(), one.end(), one.group(), plain[one.start() : one.end()])
        for one in _WORD.finditer(spelled)
    ]
    place = 0
    while place < len(tokens):
        run = _run(text, tokens, place)
        passed = _place_length(tokens, place, run) or _no_name(tokens, place)
        found = None if passed else _name_at(text, tokens, place, run)
        if found is not None:
            yield tokens[found[0]].start, tokens[found[1]].end
            passed = found[1] + 1 - place
        place += passed or 1


def _is_shouted(text: str) -> bool:
    """Tell whether a text is typed in capitals, so that they tell nothing."""
    letters = [one for one in text if one.isalpha()]
    return len(letters) > 30 and sum(one.isupper() for one in letters) > 0.7 * len(letters)


def _name_at(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return the first and last word of a name that begins at a word."""
    masked = text[max(tokens[place].start - 1, 0) : tokens[place].start] == "["
    street = run + 1 < len(tokens) and tokens[run + 1].plain in {"street", "road", "district", "ward"}
    if masked or street:
        return None
    rules = (_highland, _introduced, _addressed, _of_family, _western, _in_small_letters)
    return next((found for rule in rules if (found := rule(text, tokens, place, run)) is not None), None)


def _run(text: str, tokens: list[_Token], place: int) -> int:
    """Return the last word of the run of capitalised words that begins at a word."""
    last = place
    while (
        last + 1 < len(tokens)
        and last - place < LONGEST
        and tokens[last].capital
        and tokens[last + 1].capital
    ):
        gap = text[tokens[last].end : tokens[last + 1].start]
        title = gap == ". " and tokens[last].raw.lower() in name_words()["form of address"]
        if gap.strip(" ") and not title:
            break
        last += 1
    return last


def _adjacent(text: str, tokens: list[_Token], first: int, last: int) -> bool:
    """Do words stand behind each other with nothing but blanks between them?"""
    return all(not text[tokens[n].end : tokens[n + 1].start].strip(" ") for n in range(first, last))


def _is_family(token: _Token) -> bool:
    known = name_words()["family name"]
    return token.raw.lower() in known or (token.raw.isascii() and token.plain in _plain_families())


def _place_length(tokens: list[_Token], place: int, run: int) -> int:
    """Return how many words from one on are a place: by its name, or by a word such as "thành phố" before it."""
    for length in range(min(4, len(tokens) - place), 1, -1):
        if " ".join(one.plain for one in tokens[place : place + length]) in _places():
            return length
    before = tokens[place - 1].raw.lower() if place else ""
    plain = tokens[place - 1].plain if place else ""
    if run > place and any(
        _is_phrase(tokens[max(place - size, 0) : place], NAMED_AFTER) for size in (1, 2, 3)
    ):
        return run - place + 1
    for size in (4, 3, 2):
        if (
            tokens[place].capital
            and run < place + size
            and not _is_somebody(plain)
            and _is_phrase(tokens[place : place + size], KNOWN_PERSONS)
        ):
            return size
    taken = _ALSO_NAMES if tokens[place - 1].capital else set()
    named = before in name_words()["place word"] or plain in _PLACE_WORDS - taken
    return run - place + 1 if named and tokens[place].capital else 0


def _is_somebody(before: str) -> bool:
    """Tell whether a word, without accents, says that the next ones are a person's name."""
    return before in {
        *map(plain_in_place, name_words()["form of address"]),
        "ten",
        "la",
        "is",
        "name",
        "toi",
        "i'm",
    }


def _no_name(tokens: list[_Token], place: int) -> int:
    """Return of how many words a phrase is that begins at a word and is no name; 0 if none does."""
    return next((size for size in (3, 2) if _is_phrase(tokens[place : place + size], NO_NAMES)), 0)


def _is_phrase(tokens: list[_Token], phrases: frozenset[str]) -> bool:
    """Tell whether words are one of the phrases: with their accents, or typed without any."""
    raw = " ".join(one.raw.lower() for one in tokens)
    return raw in phrases or (raw.isascii() and raw in _plain_phrases(phrases))


@functools.lru_cache(maxsize=8)
def _plain_phrases(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(plain_in_place(one) for one in phrases if " " in one)


def _highland(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """H'Hen Niê, K'Brê, Y Moan Niê, Ksor Phước: by the form of the first word, or by the clan."""
    token = tokens[place]
    if _HIGHLAND.fullmatch(token.plain):
        last = max(place, run)
        while (
            last + 1 < len(tokens)
            and tokens[last + 1].plain in HIGHLAND
            and _adjacent(text, tokens, last, last + 1)
        ):
            last += 1
        return place, last
    clans = [one.plain in HIGHLAND for one in tokens[place : run + 1]]
    if (small := _small_highland(text, tokens, place)) is not None:
        return place, max(small, run)
    if run > place and token.raw == "Ka":
        return place, run
    if token.capital and run > place and ((token.plain in {"y", "a"} and any(clans[1:])) or clans[0]):
        return place, run
    if run > place and (
        token.raw == "Y" or (token.plain, tokens[place + 1].plain) in {("ro", "cham"), ("a", "lang")}
    ):
        return place, run
    return None


def _small_highland(text: str, tokens: list[_Token], place: int) -> int | None:
    """Ksor h'ble, y bhiu bya, giang a pao: the last word of such a name in small letters."""
    behind = [
        one
        for at, one in enumerate(tokens[place + 1 : place + 4], place + 1)
        if _adjacent(text, tokens, place, at)
    ]
    first = tokens[place].plain
    if first in HIGHLAND and behind and _HIGHLAND.fullmatch(behind[0].plain):
        return place + 1
    if first == "y" and len(behind) > 1 and behind[1].plain in HIGHLAND:
        return place + 2 + (len(behind) > 2 and behind[2].plain in HIGHLAND)
    if (
        first in SURE_CLANS
        and len(behind) > 1
        and behind[0].plain in {"a", "mi", "thi", "seo"}
        and behind[1].plain not in STOP
    ):
        return place + 2
    return None


def _introduced(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """After "tôi là", "tên tôi là", "họ tên:", "my name is": a run of capitals, or words that names are made of."""
    before = [one.plain for one in tokens[max(place - 4, 0) : place]]
    named = bool({"ten", "name", "hoten"} & set(before[-3:])) and (
        before[-1:] in (["la"], ["is"], ["ten"], ["tnn"])
    )
    said = before[-1:] == ["i'm"] or " ".join(before[-2:]) in _SELVES
    if not (named or said) or not _near(text, tokens, place):
        return None
    if tokens[place].capital and (run > place or named) and tokens[place].plain not in STOP:
        return place, run
    last = place
    while last < len(tokens) and last - place < 5 and tokens[last].plain not in STOP - GIVEN and (
        _is_family(tokens[last]) or tokens[last].plain in GIVEN | MIDDLE | RARE
    ) and _adjacent(text, tokens, place, last):  # fmt: skip
        last += 1
    return (
        (place, last - 1)
        if last - place >= (1 if named else 2)
        and (named or (_is_family(tokens[place]) or tokens[place].plain in RARE))
        else None
    )


def _near(text: str, tokens: list[_Token], place: int) -> bool:
    return not text[tokens[place - 1].end : tokens[place].start].strip(" :\"'“")


def _addressed(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """After a form of address: a run of capitals, or in small letters a given name with its accents."""
    known = name_words()
    titles = known["form of address"] | SMALL_FORMS
    token = tokens[place]
    if token.raw.lower() in titles and token.capital and run > place:
        nobody = tokens[place + 1].plain in SMALL_FORMS | {"em"}
        if nobody or _no_name(tokens, place + 1) or _place_length(tokens, place + 1, run):
            return None
        return (
            (place + 1, run)
            if token.raw.lower() in known["form of address"] or _family_like(tokens[place + 1])
            else None
        )
    gap = text[tokens[place - 1].end : token.start] if place else "-"
    if (gap != ". " and gap.strip(" ")) or tokens[place - 1].raw.lower() not in titles:
        return None
    if token.capital:
        clear = tokens[place - 1].raw.lower() in known["form of address"] or _family_like(token)
        return (place, run) if clear and token.plain not in titles else None
    clear = tokens[place - 1].plain in {"chi", "ong", "ba"} and not tokens[place - 1].raw.isascii()
    more = (
        place + 1 < len(tokens)
        and tokens[place + 1].plain in GIVEN
        and _adjacent(text, tokens, place, place + 1)
    )
    if _is_family(token) and more:
        return None
    return (place, place) if clear and token.plain in ONLY_NAMES else None


def _family_like(token: _Token) -> bool:
    return _is_family(token) or token.plain in GIVEN


def _western(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Mai Nguyen, Quoc Tran: the given name first."""
    last = tokens[place + 1] if run == place + 1 else None
    if last is None or tokens[place].plain not in GIVEN - {"anh", "chi", "ba", "bac", "dang"}:
        return None
    return (place, run) if last.plain in PLAIN and _is_family(last) else None


def _of_family(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return a run of capitals that begins with a family name."""
    token = tokens[place]
    if not token.capital or run == place:
        return None
    rare = token.plain in RARE and (tokens[place + 1].plain in MIDDLE or run - place > 1)
    woman = run - place > 1 and tokens[place + 1].plain == "thi" and tokens[place + 2].plain not in _TOWNS
    man = run - place > 1 and tokens[place + 1].raw.lower() in MEN
    man = man and tokens[place + 2].plain not in _NO_MEN
    clear = not token.raw.isascii() and token.raw.lower() in CLEAR
    rare = rare or clear or ((woman or man) and token.plain not in _TOWNS)
    if _is_family(token) or rare or (token.plain in CLANS and tokens[place + 1].plain in {"a", "thi"}):
        return place, run
    return None


def _in_small_letters(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return a family name in small letters or alone in capitals, with "thi", "van" or known syllables behind it."""
    token = tokens[place]
    if not (_is_family(token) or token.plain in RARE):
        return None
    last = place + 1
    titled = place > 0 and tokens[place - 1].plain in SMALL_FORMS
    while last < len(tokens) and last - place < 4 and _adjacent(text, tokens, last - 1, last) and (
        tokens[last].plain in GIVEN | MIDDLE or (titled and last == place + 2 and tokens[last - 1].plain in MIDDLE)
    ) and tokens[last].plain not in STOP - GIVEN:  # fmt: skip
        last += 1
    length = last - place
    middle = length > 2 and tokens[place + 1].plain in MIDDLE
    known = _is_family(token) or (middle and tokens[place + 1].plain == "thi")
    pairs = {" ".join(one.plain for one in tokens[at : at + 2]) for at in range(max(place - 1, 0), last)}
    plainly = middle or not pairs & ORDINARY
    enough = known and plainly and (middle or length > 2 or (length == 2 and token.plain in PLAIN))
    return (place, last - 1) if enough else None


@functools.lru_cache(maxsize=1)
def name_words() -> dict[str, frozenset[str]]:
    """Return the words by which names are recognised, in small letters, by their use."""
    listed = tables.read_csv_text(datasets.dataset(WORD_LISTS).file("name_words"))
    return {
        str(use): frozenset(composed(word).lower() for word in words)
        for use, words in listed.groupby("use")["word"]
    }


@functools.lru_cache(maxsize=1)
def _plain_families() -> frozenset[str]:
    return frozenset(plain_in_place(name) for name in name_words()["family name"])


@functools.lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    listed = [name for units in (63, 34) for name in provinces.units(units)["name_vi"]]
    return PLACES | {plain_in_place(name) for name in listed if " " in name}
