"""The words of a query that are neither a model's name nor a task: media, verbs, qualities, other names."""

from .words import stem


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


_MEDIA_WORDS = {
    "image": "image picture photo pic img portrait selfie drawing sketch illustration art artwork wallpaper "
    "photograph painting poster logo icon thumbnail headshot still photography photoshoot render rendering "
    "banner flyer sticker emoji tattoo mockup design graphic cover postcard invitation brochure infographic "
    "mascot storyboard",
    "video": "video clip movie film footage vid animation gif reel cinematic cinema trailer",
    "audio": "audio voice speech sound song music mp3 wav recording podcast track narration ringtone vocal "
    "jingle melody",
    "text": "text prompt word script description sentence txt lyric comment message note",
    "3d": "3d mesh glb obj fbx stl",
}
MEDIUM = {stem(word): medium for medium, words in _MEDIA_WORDS.items() for word in words.split()}

# Media words that name a subject as often as a medium: the logo in a video.
SUBJECTS = _stems(
    "logo icon poster thumbnail wallpaper banner flyer sticker emoji tattoo mockup design graphic cover "
    "postcard invitation brochure infographic mascot storyboard"
)

# Words that say nothing about which task is meant, only what it is done to.
PLAIN = _stems(
    "image picture photo pic img video clip movie film footage vid audio sound 3d text prompt description "
    "script word words sentence make create generate produce convert transform turn to into from "
    "realistic natural multilingual emotional"
)

# A pair of media is sometimes better told by the finer word: text to speech is not text to music.
FINER: dict[str, dict[str, str]] = {
    "text>audio": dict.fromkeys(_stems("speech voice narration podcast"), "speech")
    | dict.fromkeys(_stems("song music track lyric lyrics"), "music")
    | dict.fromkeys(_stems("sound"), "sound-effects"),
    "image>3d": dict.fromkeys(_stems("sketch drawing"), "sketch-3d"),
    "audio>video": dict.fromkeys(_stems("song music track"), "music-video"),
    "video>audio": dict.fromkeys(_stems("song music track"), "video-music"),
    "audio>audio": dict.fromkeys(_stems("speech voice"), "change-voice"),
    "audio>text": dict.fromkeys(_stems("lyric lyrics"), "transcribe-lyrics")
    | dict.fromkeys(_stems("speech voice audio recording podcast narration mp3 wav"), "transcribe"),
}

TURN = frozenset(("to", "into", "as"))
ADD = frozenset(("add", "put", "insert", "apply"))
FROM = frozenset(("from", "out", "using"))
GIVEN = frozenset(word for word, medium in MEDIUM.items() if medium == "image") - SUBJECTS
ANIMATE = _stems("animate animated alive animating animation move moving life")
# What a picture is made to do: `make my logo spin`.
_CAUSED = """
move come spin rotate turn walk run jump fly swim wave smile blink wink nod laugh cry hug kiss fight explode
melt float breathe flow shake bounce transform grow zoom
"""
CAUSED = frozenset(_CAUSED.split())
MAKE = _stems("make create generate generator generation draw paint render produce")

# After these comes what a picture shows, which is a prompt and no wish about models ...
SCENE = frozenset(("of", "about", "showing", "depicting", "where"))
# ... unless it is something one already has.
MINE = frozenset(("my", "our", "this", "these", "me", "myself", "an", "existing"))
GIVEN_BY = frozenset(("my", "our", "this", "these", "his", "her", "their"))
OWN = GIVEN_BY | {"the"}
ALTER = frozenset(("make", "change", "turn", "give", "put", "add", "replace", "dress", "color", "colour"))

CHEAP = _stems(
    "cheap cheapest cheaper budget affordable inexpensive low-cost cost economical price free cent dollar usd"
)
UNITS = frozenset(
    ("second", "seconds", "sec", "minute", "minutes", "min", "hour", "images", "pictures", "people")
)

LETTERS = {"t": "text", "i": "image", "v": "video", "a": "audio", "s": "speech"}

_QUICK = "fast quick quickest speed speedy rapid fastest instant realtime lightweight"
_FAST = ("fast", "turbo", "flash", "lightning", "schnell", "lite", "rapid", "ultra", "mini", "instant")
QUICK = frozenset(_FAST)

# Other names for what ids call differently, as stems. The word itself counts for more where ids have it.
SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_QUICK.split(), _FAST),
    "draft": ("draft", "fast", "turbo"),
    "google": ("google", "veo", "imagen", "gemini"),
    "gemini": ("gemini", "nano"),
    "chatgpt": ("gpt", "openai"),
    "tiktok": ("tiktok", "bytedance"),
    "doubao": ("seedream", "seedance"),
    "jimeng": ("seedream", "dreamina"),
    "kuaishou": ("kwaivgi",),
    "kwai": ("kwaivgi",),
    "tencent": ("hunyuan",),
    "alibaba": ("alibaba", "wan", "qwen"),
    "bfl": ("flux",),
    "runway": ("runwayml",),
    "xai": ("grok",),
    "meta": ("sam",),
    "facebook": ("sam",),
    "eleven": ("eleven", "elevenlab"),
    "11labs": ("elevenlab",),
    "lightricks": ("ltx", "lightrick"),
    "ltxv": ("ltx",),
    "sd": ("stabl", "sdxl"),
    "xl": ("xl", "sdxl"),
    "stable": ("stabl", "sdxl"),
    "diffusion": ("diffusion", "sdxl"),
    "leonardo": ("leonardoai",),
    "hyper": ("hyper", "hyper3d", "rodin"),
    **dict.fromkeys(("hairstyle", "haircut", "hairdo"), ("hair",)),
    "cartoon": ("cartoon", "comic", "ghibli"),
    "anime": ("anime", "ghibli", "niji", "lumina"),
    "uncensored": ("spicy",),
    "nsfw": ("spicy",),
    "hd": ("hd", "1080p"),
    "uhd": ("4k",),
    "4k": ("4k", "8k"),
    "fullhd": ("1080p",),
}
