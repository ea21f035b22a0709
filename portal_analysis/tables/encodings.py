"""Vietnamese text from before Unicode: TCVN3 (.VnTime), VNI, VISCII, Windows-1258.

Hands on text in Unicode's composed form, and says which of these a text that was read as something else must be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from portal_analysis.letters import composed

TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừử"
    "ữứựỳỷỹýỵỐ"
)
"""The letters of the bytes A1 to FF (TCVN 5712). In the fonts called .VnTimeH the small letters look like capitals."""
VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóô"
    "õỏọụùúũủýợỮ"
)
"""The letters of the bytes 80 to FF; six more stand among the control codes."""
VISCII_CONTROLS = MappingProxyType({0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"})

TONES = MappingProxyType({"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"})
CIRCUMFLEX = MappingProxyType(
    {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
)
BREVE = MappingProxyType({"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"})
VNI_ALONE = MappingProxyType({"ñ": "đ", "ö": "ư", "ô": "ơ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"})

NAMES = MappingProxyType(
    {
        **dict.fromkeys(("tcvn3", "tcvn", "tcvn5712", "tcvn57121", "vntime", "abc"), "tcvn3"),
        **dict.fromkeys(("vni", "vniwindows", "vnitimes"), "vni"),
        "viscii": "viscii",
        **dict.fromkeys(("windows1258", "cp1258", "1258", "ms1258"), "windows-1258"),
    }
)
TONE_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")
ONSETS = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]"
CORES = (
    "a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oai|oao|oay|oă|oe|oeo|oi|oo|ôi|ơi|ua|uâ|uây|uê|ui|uô|uôi|uơ|"
    "uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu"
)
SYLLABLE = re.compile(f"({ONSETS})?({CORES})(ch|nh|ng|[cmnpt])?")
WORD = re.compile(r"\S+")
UNICODE_LETTERS = re.compile("[đĐăĂơƠưƯ\u1ea0-\u1ef9]")
"""Letters that no text read as Western can hold: where they stand, the text is in Unicode already."""


def vietnamese(encoding: str | None) -> str | None:
    """Return the one name of a Vietnamese encoding (``cp1258`` is ``windows-1258``); None for any other."""
    return None if encoding is None else NAMES.get(re.sub(r"[^a-z0-9]", "", encoding.lower()))


def decoded(raw: bytes, encoding: str) -> str:
    """Return bytes as text.

    Raises
    ------
    UnicodeDecodeError, LookupError
        If the bytes are not in that encoding, or there is none of that name.
    """
    name = vietnamese(encoding)
    if name is None:
        return composed(raw.decode(encoding))
    if name == "windows-1258":
        return composed(raw.decode("cp1258"))
    return recoded(raw.decode("latin-1"), name)


def recoded(text: str, encoding: str) -> str:
    """Return text in Unicode that was typed for old fonts and read letter by letter as if it were Western.

    Parameters
    ----------
    text : str
        Its letters below U+0100 stand for bytes.
    encoding : {"tcvn3", "vni", "viscii", "windows-1258"}

    Examples
    --------
    >>> recoded("Hµ Néi", "tcvn3"), recoded("Haø Noäi", "vni")
    ('Hà Nội', 'Hà Nội')
    """
    if encoding == "windows-1258":
        return _again(text, "cp1258")
    if encoding == "vni":
        return VNI_PATTERN.sub(lambda match: VNI[match.group()], text)
    return composed(text.translate(LETTERS[encoding]))


def recognised(texts: Iterable[str]) -> tuple[str, str, str] | None:
    """Return the encoding that texts must be in, with an example as it stands and as it reads; None if they may stay.

    Only said if nearly all words with marks become Vietnamese syllables by it, and few of them are now.
    """
    spelled = list(dict.fromkeys(text for text in texts if not text.isascii()))
    if any(UNICODE_LETTERS.search(text) for text in spelled):
        return None
    words = _marked_words(spelled)
    if len(set(words)) < 2 or _share(words) > 0.7:
        return None
    for name, convert in CANDIDATES.items():
        read = [convert(text) for text in spelled]
        changed = {old for old in words if len(old) > 1 and convert(old) != old} or set(spelled)
        if read != spelled and len(changed) > 1 and _share(_marked_words(read)) >= 0.9:
            return next((name, old, new) for old, new in zip(spelled, read, strict=True) if old != new)
    return None


def _marked_words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in WORD.findall(text) if not word.isascii()]


def _vni() -> dict[str, str]:
    """Return what each sequence of letters and marks of the VNI fonts means."""
    found = dict(VNI_ALONE)
    for base in "aeouy":
        found |= {base + mark: base + tone for mark, tone in TONES.items()}
    for base in "aeo":
        found |= {base + mark: base + "\u0302" + tone for mark, tone in CIRCUMFLEX.items()}
    found |= {"a" + mark: "a\u0306" + tone for mark, tone in BREVE.items()}
    for old, new in (("ö", "ư"), ("ô", "ơ")):
        found |= {old + mark: new + tone for mark, tone in TONES.items()}
    small = {old: composed(new) for old, new in found.items()}
    capital = {old.upper(): new.upper() for old, new in small.items()}
    mixed = {old[0].upper() + old[1:]: new.upper() for old, new in small.items() if len(old) > 1}
    return {**small, **capital, **mixed}


VNI = _vni()
VNI_PATTERN = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
LETTERS: Mapping[str, dict[int, str]] = MappingProxyType(
    {
        "tcvn3": dict(enumerate(TCVN3, start=0xA1)),
        "viscii": {**dict(enumerate(VISCII, start=0x80)), **VISCII_CONTROLS},
    }
)


def _again(text: str, encoding: str) -> str:
    """Return what text that was read as Western says in its own encoding; the text itself if it is not in that."""
    for western in ("cp1252", "latin-1"):
        try:
            return composed(text.encode(western).decode(encoding))
        except UnicodeError:
            continue
    return text


CANDIDATES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "utf-8": lambda text: _again(text, "utf-8"),
        "tcvn3": lambda text: recoded(text, "tcvn3"),
        "vni": lambda text: recoded(text, "vni"),
        "viscii": lambda text: recoded(text, "viscii"),
        "windows-1258": lambda text: recoded(text, "windows-1258"),
    }
)


def _share(words: list[str]) -> float:
    """Return the share of words that are Vietnamese syllables."""
    return sum(is_syllable(word) for word in words) / max(len(words), 1)


def is_syllable(word: str) -> bool:
    """Tell whether a word, marks at its ends aside, is spelled as a Vietnamese syllable with one tone at most."""
    bare = word.strip(".,;:!?()[]\"'“”‘’-–/0123456789")
    if not bare or not (bare.islower() or bare.isupper() or bare.istitle()):
        return False
    apart = unicodedata.normalize("NFD", bare.lower())
    if sum(letter in TONE_MARKS for letter in apart) > 1:
        return False
    plain = composed("".join(letter for letter in apart if letter not in TONE_MARKS))
    return SYLLABLE.fullmatch(plain) is not None
