"""Names of persons in a text as people type them: with accents or without, in capitals or small letters.

Hands on where they stand; what is put in their place is said by :mod:`portal_analysis.audit.masking`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from portal_analysis import datasets, provinces, tables

WORD_LISTS = "portal-review-simulated"
"""The dataset that holds the list ``name_words``; the list itself is not simulated."""

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")
_HIGHLAND = re.compile(r"[hky]['’ʼ`]\w+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(part.split()) for part in text.split(","))


GIVEN = _words(
    """
    an anh bao bac bich binh cam canh chau chi chien chung cong cuc cuong dai dan dang dao dat diem diep dinh dong
    duc dung duy duyen gia giang ha hai han hang hanh hao hau hien hiep hieu hoa hoai hoan hoang hong hop hue hung
    huong huu huy huyen khai khang khanh khiem khoa khoi khue kien kieu kim ky lam lan le lien lieu linh loan loc
    loi long luan luong luyen ly mai man manh mau mien minh my nam nga ngan nghia ngoc nguyen nguyet nhan nhat nhi
    nhu nhung ninh oanh phat phi phong phu phuc phung phuoc phuong quan quang que quoc quy quyen quyet quynh sang
    sinh son suong tai tam tan tham thang thanh thao the thi thien thinh tho thoa thom thu thuan thuc thuy thuong
    tien tin tinh toan trang tri trinh trong truc trung truong tu tuan tung tuyen tuyet uyen van vi viet vinh vu
    vuong vy xuan yen kiet khuong luc lap sy si dieu hoi kha luu nghi phan sau thai tra tram ty uy vien vo tuu
    doan chinh bay du ba but quat hon nho be lua
    """
)
"""Syllables of given names, without accents."""

ONLY_NAMES = _words(
    """
    lan linh loan trang nhung oanh quyen hanh hue vinh
    """
)
"""Given names, without accents, that hardly another word is spelled like."""

MIDDLE = frozenset({"thi", "van"})
PLAIN = frozenset({"nguyen", "pham", "huynh", "tran"})
"""Family names that are hardly another word when typed without accents."""

RARE = _words(
    """
    cao ha khuc khuong kha la lai luc ma mao ong phi tieu ton ung vi au bach be banh cung dam dau giap hua khong kim
    """
)
"""Family names that are more often another word, without accents: they need "thi", "van" or two more names."""

HIGHLAND = _words(
    """
    nie eban kbuor mlo ayun bkrong hmok ksor rmah siu nay kpa rcom kso adrong knul buon ya hwing kdoh bya enuol
    lieng cil krong alang zoram hien ating bling poloong arat coor
    """
)
"""Names of clans of the Central Highlands and the Truong Son, without accents."""

CLANS = _words(
    """
    vang mua hang lau vu giang sung thao ly cu va tran phan chang ma lo quang cam ca tong vi
    """
)
"""Family names of the north before ``A`` or ``Thi``, such as Giang A Pao, without accents."""

NO_NAMES = _phrases(
    """
    dang nhap, dang ky, dang xuat, dang tai, dang ki, dang cho, dang loi, ho so, ho khau, le phi, ly do, ly lich,
    luu y, luu tru, chu ky, chu tich, do vay, do do, to khai, to giac, to cao, phan mem, phan anh, phan hoi, phan
    cap, phan quyen, nong nghiep, nong thon, nong dan, vu an, duong day, duong bo, duong sat, tong cuc, tong hop,
    tong dai, tong so, luong huu, chau au, chau a, duong lich, doan the, doan thanh, doan tncs, mac du, nguyen
    nhan, nguyen tac, nguyen lieu, nguyen van ban, tran ngap, pham vi, pham nhan, le tan, mai mot, mai moi, vu
    viec, vo chong, quang cao, cam on, ta on, tang cuong, ninh thuan, hoang sa, truong sa, truong hop, truong hoc,
    truong phong, chu so, dao tao, bui ban, trieu dong, lo trinh, lam sao, lam viec, lam on, lam don, ngo nghia,
    kieu dang, tran trong, nguyen si, van phong, thao tac, nghiem tuc, nghiem trong, vu cong, ha tang, cao hon,
    cao nhat, cao tuoi
    """
)
"""Beginnings that look like a name without accents, and are words of every form and letter."""

PLACES = _phrases(
    """
    ho chi minh, phan thiet, phan rang, lam dong, ly son, le chan, hoang mai, hoang sa, mai chau, mai son, luong
    son, luong tai, trieu phong, trieu son, ninh binh, ninh thuan, ninh kieu, vinh loc, thach that, thach ha,
    thach thanh, chu se, chu prong, chu puh, chu pah, nong cong, nong son, ly nhan, duong minh chau, chau doc,
    chau thanh, chau phu, to hieu, phung hiep, tran van thoi, phan ri, ho tay, ho guom, ho hoan kiem, ho ba be,
    lam ha, lam thao, lam binh, luong giang, kieu mai, dinh hoa, dinh quan, ngo quyen, duong kinh, vu thu, vu
    quang, vu ban, do luong, do son, hoang hoa, hoang su phi, hoang van thu, truong dinh, bui dinh tuy, chu lai,
    kien giang, an giang, ha giang, tien giang, hau giang, bac giang, cao bang, thai nguyen, tay nguyen, ba ria,
    vung tau, hoang lien son, quy nhon, nha trang, da lat, cao lanh, ha long, ha dong, ha tien, ha nam, ha noi
    """
)
"""Places that begin like a person, without accents; those of the list of provinces are added."""

D_BAR = 0x111
"""The letter d with a stroke, which is no d with an accent to Unicode."""

LONGEST = 8
"""Words after the first that a run of capitals may have to be a name."""

SMALL_FORMS = frozenset({"ong", "ba", "anh", "chi", "co", "chu", "bac", "thay"})
STOP = _words(
    """
    va o tai la co da dang se thi ma nhung voi cho den tu sdt so dien thoai cccd cmnd email gmail hien rat bi duoc
    khong and at from in my phone born live sinh nam ngay que muon can xin gui nop lam the nao moi hom de vi nen
    cung toi em
    """
)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    raw: str
    plain: str

    @property
    def capital(self) -> bool:
        return self.raw[0].isupper()


def folded(text: str) -> str:
    """Return a text in small letters without accents, of the same length."""
    return "".join(_base(letter) for letter in text)


@functools.lru_cache(maxsize=4096)
def _base(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    if len(plain) != 1:
        return letter
    return "d" if ord(plain) == D_BAR else plain


def names_in(text: str) -> Iterator[tuple[int, int]]:
    """Where names of persons stand."""
    plain = folded(text)
    tokens = [
        _Token(one.start(), one.end(), one.group(), plain[one.start() : one.end()])
        for one in _WORD.finditer(text)
    ]
    place = 0
    while place < len(tokens):
        run = _run(text, tokens, place)
        passed = _place_length(tokens, place, run)
        found = None if passed else _name_at(text, tokens, place, run)
        if found is not None:
            yield tokens[found[0]].start, tokens[found[1]].end
            passed = found[1] + 1 - place
        place += passed or 1


def _name_at(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return the first and last word of a name that begins at a word."""
    masked = text[max(tokens[place].start - 1, 0) : tokens[place].start] == "["
    street = run + 1 < len(tokens) and tokens[run + 1].plain in {"street", "road", "district", "ward"}
    if masked or street or _no_name(tokens, place):
        return None
    rules = (_highland, _introduced, _addressed, _of_family, _in_small_letters)
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
    named = before in name_words()["place word"] or plain in {
        "tp",
        "tinh",
        "huyen",
        "quan",
        "phuong",
        "duong",
        "pho",
    } - {one for one in ("duong", "phuong", "quan") if tokens[place - 1].capital}
    return run - place + 1 if named and tokens[place].capital else 0


def _no_name(tokens: list[_Token], place: int) -> bool:
    return any(" ".join(one.plain for one in tokens[place : place + size]) in NO_NAMES for size in (2, 3))


def _highland(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """H'Hen Niê, K'Brê, Y Moan Niê, Ksor Phước: by the form of the first word, or by the clan."""
    token = tokens[place]
    if _HIGHLAND.fullmatch(token.plain):
        last = max(place, run)
        clan = last == place and place + 1 < len(tokens) and tokens[place + 1].plain in HIGHLAND
        return place, last + (1 if clan and _adjacent(text, tokens, place, place + 1) else 0)
    clans = [one.plain in HIGHLAND for one in tokens[place : run + 1]]
    if token.capital and run > place and ((token.plain in {"y", "a"} and any(clans[1:])) or clans[0]):
        return place, run
    if run > place and (
        token.raw == "Y" or (token.plain, tokens[place + 1].plain) in {("ro", "cham"), ("a", "lang")}
    ):
        return place, run
    return None


def _introduced(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """After "tôi là", "tên tôi là", "họ tên:", "my name is": a run of capitals, or words that names are made of."""
    before = [one.plain for one in tokens[max(place - 4, 0) : place]]
    named = bool({"ten", "name", "hoten"} & set(before[-3:])) and (
        before[-1:] in (["la"], ["is"], ["ten"], ["tnn"])
    )
    said = before[-2:] in (
        ["toi", "la"],
        ["em", "la"],
        ["minh", "la"],
        ["con", "la"],
        ["chau", "la"],
        ["i", "am"],
    )
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
        if _no_name(tokens, place + 1) or _place_length(tokens, place + 1, run):
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


def _of_family(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return a run of capitals that begins with a family name."""
    token = tokens[place]
    if not token.capital or run == place:
        return None
    rare = token.plain in RARE and (tokens[place + 1].plain in MIDDLE or run - place > 1)
    if _is_family(token) or rare or (token.plain in CLANS and tokens[place + 1].plain in {"a", "thi"}):
        return place, run
    return None


def _in_small_letters(text: str, tokens: list[_Token], place: int, run: int) -> tuple[int, int] | None:
    """Return a family name in small letters or alone in capitals, with "thi", "van" or known syllables behind it."""
    token = tokens[place]
    if not (_is_family(token) or token.plain in RARE):
        return None
    last = place + 1
    while last < len(tokens) and last - place < 4 and _adjacent(text, tokens, last - 1, last) and (
        tokens[last].plain in GIVEN | MIDDLE and tokens[last].plain not in STOP - GIVEN
    ):  # fmt: skip
        last += 1
    length = last - place
    middle = length > 2 and tokens[place + 1].plain in MIDDLE
    known = _is_family(token) or (middle and tokens[place + 1].plain == "thi")
    enough = known and (middle or length > 2 or (length == 2 and token.plain in PLAIN))
    return (place, last - 1) if enough else None


@functools.lru_cache(maxsize=1)
def name_words() -> dict[str, frozenset[str]]:
    """Return the words by which names are recognised, in small letters, by their use."""
    listed = tables.read_csv_text(datasets.dataset(WORD_LISTS).file("name_words"))
    return {
        str(use): frozenset(unicodedata.normalize("NFC", word).lower() for word in words)
        for use, words in listed.groupby("use")["word"]
    }


@functools.lru_cache(maxsize=1)
def _plain_families() -> frozenset[str]:
    return frozenset(folded(name) for name in name_words()["family name"])


@functools.lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    listed = [name for units in (63, 34) for name in provinces.units(units)["name_vi"]]
    return PLACES | {folded(name) for name in listed if " " in name}
