"""Which language a text names: by its English name, its own, or its code with or without a region."""

import re

_NAMES = """
af afrikaans, ar arabic, bg bulgarian, bn bengali bangla, ca catalan, cs czech, cy welsh, da danish dansk,
de german deutsch, el greek, en english, es spanish español castilian, et estonian, eu basque,
fa persian farsi, fi finnish suomi, fr french français, ga irish, gl galician, gu gujarati, he hebrew,
hi hindi, hr croatian, hu hungarian magyar, hy armenian, id indonesian bahasa, is icelandic,
it italian italiano, ja japanese 日本語, ka georgian, kk kazakh, km khmer, kn kannada, ko korean 한국어,
lt lithuanian, lv latvian, mk macedonian, ml malayalam, mn mongolian, mr marathi, ms malay, my burmese,
ne nepali, nl dutch nederlands, no norwegian norsk, pa punjabi, pl polish polski, pt portuguese português,
ro romanian, ru russian русский, sk slovak, sl slovenian, sq albanian, sr serbian, sv swedish svenska,
sw swahili, ta tamil, te telugu, th thai, tl tagalog filipino, tr turkish türkçe, uk ukrainian, ur urdu,
vi vietnamese, yue cantonese, zh chinese mandarin 中文
"""
_CODES = {word: words[0] for words in (line.split() for line in _NAMES.strip().split(",")) for word in words}
_REGION = re.compile(r"([a-z]{2,3})[-_][a-z]{2,4}")


def language(text: str) -> str:
    """The code of the language that `text` names, or nothing."""
    bare = text.strip().casefold()
    region = _REGION.fullmatch(bare)
    return _CODES.get(region[1] if region else bare, "")
