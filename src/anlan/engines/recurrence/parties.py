"""How a person is written down, made one spelling, before a room hashes it under a file's own key."""

import re

from anlan.engines.addresses.numerals import fold_width
from anlan.engines.addresses.sounds import folded, syllables

PHONE, NAME, SOUND = "phone", "name", "sound"
_TITLES = re.compile(r"(先生|女士|小姐|师傅|老板|阿姨|大爷|大妈|某某?|同志)$")
_ASIDE = re.compile(r"[（(].*?[)）]")
_NOT_A_NAME = re.compile(r"[^一-鿿㐀-䶿\U00020000-\U0003ffff·a-zA-Z]")
_FEWEST_DIGITS = 7


def party_keys(*, name: str = "", phone: str = "") -> tuple[str, ...]:
    """The comparable keys of one person, as "kind:value": phone, name, and the name's sound.

    A surname with a title (王先生) or a bare surname names nobody and gives no key. The sound is
    that of the characters without tones, zh/z and ang/an folded, so that 张敏, 章闽 and 张 敏 meet.
    A number keeps its last eleven digits: +86, blanks and dashes go. The room hashes each value
    under the key of one open file; the values themselves are kept nowhere.
    """
    keys = []
    digits = re.sub(r"\D", "", fold_width(phone))[-11:]
    if len(digits) >= _FEWEST_DIGITS:
        keys.append(f"{PHONE}:{digits}")
    written = _ASIDE.sub("", fold_width(name).strip())
    if not _TITLES.search(written):
        plain = _NOT_A_NAME.sub("", written).casefold()
        if len(plain) >= 2:
            sound = "".join(folded(reading) for reading in syllables(plain))
            keys += [f"{NAME}:{plain}", f"{SOUND}:{sound}"]
    return tuple(keys)
