"""What a model is for, and the everyday words for it.

A task has two sides: how people ask for it, and how one tells from a catalog entry that a model does it. Types
alone are too coarse (`ai-remover` erases watermarks, objects and backgrounds), names alone too fine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .model import Model
from .schema import media_inputs, must_be_given, properties

Pair = tuple[str, str]

# What goes in and what comes out, by type: certain, and plausible.
TYPE_PAIRS: dict[str, tuple[str, str]] = {
    "speech-to-text": ("audio>text", ""),
    "llm": ("text>text", ""),
    "video-dubbing": ("video>audio", "video>video"),
    "reference-to-video": ("image>video", ""),
    "digital-human": ("audio>video", "image>video"),
    "motion-control": ("", "image>video video>video"),
    "video-effects": ("", "image>video"),
    "image-effects": ("", "image>image"),
    "video-extend": ("", "video>video"),
}
_TYPE_NAME = re.compile(r"(text|image|video|audio)-to-(text|image|video|audio|3d)")
_SHORT_NAME = re.compile(r"\b([tiv])2([iv])\b")
_LETTER = {"t": "text", "i": "image", "v": "video"}


@dataclass(frozen=True)
class Task:
    """One thing people want done.

    Each of `asked` is a set of words that must all be in the query, in any order, each with its alternatives
    (`remove/erase background`). `kind`, `name` and `text` are patterns for a model's type, id and description:
    type and id together make a model right for the task, one of the others makes it possible; so does an
    input named in `takes`. A lower `weight` marks a wish about how, beside one about what.
    """

    tag: str
    asked: tuple[str, ...]
    kind: str = ""
    name: str = ""
    text: str = ""
    takes: str = ""
    weight: float = 3.0


_MOVE = "remove/erase/delete/clean/eliminate/rid/strip/cut/take/clear/wipe/hide"
_MAKE = "make/create/generate/generator/generation/produce/write/compose/build/creator/maker"
_PIC = "image/picture/photo/pic/portrait/selfie/photograph/img/headshot/face"
_VID = "video/clip/movie/footage/film/vid"
_VOX = "voice/voices/speaker"
_SPEAK = "talk/talking/speak/speaking/sing/singing/sings/talks/speaks"

TASKS: tuple[Task, ...] = (
    # Taking things away
    Task(
        "remove-background",
        (
            f"{_MOVE}/isolate/no/extract/without/separate background/bg/backdrop",
            "transparent background/bg/png/image/cutout",
            "cutout",
            "cut subject/object/person",
            "matting",
            "green screen",
            "isolate subject/product/object/person",
        ),
        name=r"background-remov|remov\w*-background",
        text=r"\bbackground remov|remov\w* (?:the |or replace \w+ )?backgrounds?\b",
    ),
    Task(
        "replace-background",
        ("replace/change/swap/new/generate/different/add/put background/backdrop/scene",),
        name=r"generate-background|background-(?:remov|replac|gener)|embed-product|pixverse/swap",
        text=r"replac\w* (?:\w+ )?backgrounds?|backgrounds? (?:replac|generat)",
        kind=r"image-to-image|ai-remover|portrait-transfer",
    ),
    Task(
        "remove-watermark",
        ("watermark", f"{_MOVE} logo/stamp"),
        name=r"watermark",
        text=r"remov\w* [^.]*watermark",
    ),
    Task(
        "remove-text",
        (f"{_MOVE} text/words/writing/letters/lettering/caption/captions",),
        name=r"text-remov|watermark-remov",
        text=r"(?:remov|eras)\w* [^.]*\btext\b",
        kind="ai-remover",
    ),
    Task(
        "erase",
        (
            f"{_MOVE} object/person/people/thing/unwanted/tourist/item/element/blemish/stranger/photobomber/car",
            "magic eraser/erase",
            "object removal",
            "eraser",
            "erase",
            "cleanup photo/image/picture",
        ),
        name=r"eraser",
        text=r"object (?:eras|remov)|remov\w* (?:unwanted )?objects",
    ),
    Task(
        "inpaint",
        ("inpaint", "fill mask/region/area/missing/part", "mask edit/replace/paint", "generative fill"),
        name=r"inpaint|flux-fill|eraser",
        text=r"inpaint|\bmask",
        kind=r"image-to-image|ai-remover|audio-to-audio|video-to-video",
    ),
    # Making things better
    Task(
        "upscale",
        (
            "upscale/upscaler/upscaling/upres/superresolution",
            "super resolution",
            "enhance/enhancer/improve/increase/boost/raise/higher/better resolution/quality/clarity/detail/definition",
            "enhance/enhancer/enlarge/unblur/deblur",
            "low resolution/res/quality",
            "blurry",
            "blur fix/remove",
            f"sharper/clearer/bigger/larger {_PIC}/{_VID}",
            "pixelated",
        ),
        kind="upscaler",
        name=r"",
        text=r"\bupscal|super-resolution",
    ),
    Task("upscale-id", ("esrgan",), name=r"esrgan"),
    Task(
        "sharpen", ("sharpen/sharper/sharpness/unblur/deblur/blurry/focus",), name=r"sharpen", text=r"sharpen"
    ),
    Task("denoise", ("denoise/noise/noisy/grain/grainy",), name=r"denois", text=r"denois|noise reduc"),
    Task(
        "restore",
        (
            "restore/restoration/repair/damaged/scratched/scratches old/photo/image/picture/damaged/vintage/scratches",
            "restore/restoration",
            "fix old/damaged/faded photo/picture/image",
        ),
        name=r"/restore|restor",
        text=r"\brestor(?:e|ation)",
        kind=r"image-to-image|upscaler",
    ),
    Task(
        "colorize",
        (
            "colorize/colourize/colorise/colourise/colorization/colorizer",
            "color/colour black white/old",
            "color/colour add/bring grayscale/bw/old/black",
        ),
        name=r"coloriz",
        text=r"\bcolori[sz]",
    ),
    Task(
        "relight",
        (
            "relight/relighting",
            "light/lighting/illumination change/adjust/fix/edit/new/different/studio/photo/image",
        ),
        name=r"relight|ic-light|lighting",
        text=r"\brelight|lighting (?:control|adjust)",
    ),
    Task("season", ("season change/winter/summer/autumn/spring/different", "reseason"), name=r"season"),
    Task(
        "outpaint",
        (
            "outpaint/outpainting/uncrop/outpainter",
            f"expand/extend/enlarge/widen border/canvas/edges/frame/beyond/{_PIC}/background",
            "zoom out image/picture/photo",
        ),
        name=r"outpaint|/expand|image-zoom-out|extend-image|uncrop",
        text=r"outpaint|expand\w* (?:an |the |any )?(?:image|picture|photo)",
    ),
    Task(
        "reframe",
        (
            "reframe/reframing/crop",
            f"change/convert/resize aspect/ratio/vertical/horizontal/portrait/landscape {_VID}",
            "aspect ratio change/convert/different",
        ),
        name=r"refram|video-outpaint|bria/expand",
        text=r"refram|aspect ratio and fill",
    ),
    Task(
        "frame-rate",
        (
            "fps/framerate increase/double/higher/more/60/smooth/boost/60fps",
            "frame/frames rate/interpolation/interpolate/interpolating/smooth",
            "fps/60fps/framerate",
            "interpolate/interpolation",
            "slow motion",
            f"smoother {_VID}",
        ),
        name=r"fps|rife|interpolat",
        text=r"frame[- ](?:rate|interpolat)|interpolation",
    ),
    # Faces, bodies, clothes
    Task(
        "face-swap",
        ("face/faces swap/swapper/replace/change/switch/exchange/put/put/paste/onto", "deepfake", "faceswap"),
        name=r"face-?swap|infinite-you",
        kind=r"portrait-transfer",
        text=r"\bface[ -]?swap|swap\w* faces",
    ),
    Task("head-swap", ("head swap/replace/change/exchange",), name=r"head-swap"),
    Task(
        "body-swap",
        (
            "body swap/replace/change",
            "replace/swap person/character/actor video/clip/movie/footage/body/film",
        ),
        name=r"body-swap|p-video/replace|mocha|pixverse/swap|wan-2\.2/animate",
        text=r"character (?:swap|replac)|replac\w* (?:\w+ )*(?:people|character|person)",
    ),
    Task("swap", ("swap/swapping",), kind=r"portrait-transfer", name=r"swap"),
    Task(
        "try-on",
        (
            "try/tryon on/virtual/clothes/clothing/outfit/dress/garment",
            "change/swap/put/dress/wear/fit clothes/clothing/outfit/dress/garment/shirt/fashion",
            "outfit/garment/wardrobe",
            "tryon",
        ),
        name=r"try-?on|outfit",
        text=r"\btry[- ]?on\b|clothing|outfit",
    ),
    Task(
        "identity",
        (
            "consistent/consistency character/face/person/identity/characters",
            "same character/person/face",
            "keep/preserve face/identity/character",
            "face/identity id preserve/preserving/reference",
        ),
        name=r"character|pulid|infinite-you|lynx|uno|uso|reference-to|elements|instant-",
        text=r"(?:consistent|preserv\w*) (?:character|identit|subject|face)|(?:character|identity|subject)[- ]"
        r"(?:consisten|preserv)",
        weight=1.5,
    ),
    Task(
        "photo-set",
        (
            "multi/multiple/different/many angle/angles/shot/shots/view/views/viewpoint",
            "camera angle change/rotate",
        ),
        name=r"multi(?:ple)?-(?:angle|shot|view)|multiview",
        text=r"multi(?:ple)?[- ](?:angle|shot|view)",
    ),
    # People who talk
    Task(
        "lip-sync",
        (
            "lip/lips/mouth sync/synch/synced/syncing/synchronize/match/synchronization/move/synchronise/movement",
            "lipsync/lipsynced/lipsyncing/lipsyncs",
            f"sync/synchronize/match audio/voice/speech {_VID}/lips/mouth",
        ),
        kind=r"digital-human",
        name=r"lip-?sync|latentsync|sync/",
        text=r"\blip[- ]?sync|lip movements",
    ),
    Task(
        "talking-person",
        (
            f"{_SPEAK} {_PIC}/avatar/head/character/person/people/human/presenter/animal/cartoon",
            f"avatar/presenter/spokesperson {_PIC}/{_VID}/audio/voice/ai/{_SPEAK}/{_MAKE}/realistic/virtual/digital",
            "avatar",
            "digital human/person/twin/humans",
            "virtual human/influencer/presenter/person/humans",
            "audio driven",
            f"{_PIC} audio/voice/speech {_VID}/animate/drive/bring",
            "omnihuman",
            "ventriloquist",
            "newsreader/anchor/presenter",
        ),
        kind=r"digital-human",
        name=r"(?<!lip)(?:infinitetalk|avatar|talk|human|fabric|flashhead|speech-to-video|twin)",
        text=r"\b(?:talk|sing|speak)ing\b",
    ),
    Task(
        "several-people",
        (f"multi/multiple/two/several/both/dual people/person/persons/characters/speakers/faces/{_SPEAK}",),
        name=r"multi\b|/multi",
        text=r"multi[- ](?:character|speaker|person)",
        weight=1.5,
    ),
    # Speech
    Task(
        "speech",
        (
            "tts",
            "read aloud/loud/text/out/article/book/story/script",
            "narrate/narration/narrator/voiceover/audiobook/podcast",
            "voice over",
            f"speech {_MAKE}/synthesis/synthesize/synthesizer/realistic/natural/multilingual/emotional",
            f"{_VOX} {_MAKE}/synthesis/realistic/natural/human/actor/female/male/reading",
            "speak/say/spoken text/words/sentence/script/aloud/line",
            "dialogue/dialog/conversation audio/voice/voices/speech/speakers/generate",
        ),
        kind=r"text-to-audio",
        name=r"speech|tts|eleven(?!labs/music)|vibevoice|flash-v|turbo-v|multilingual-v",
        text=r"text[- ]to[- ]speech|\bTTS\b|speech synth",
        takes="text",
    ),
    Task(
        "clone-voice",
        (
            f"clone/cloning/copy/replicate/imitate/mimic/duplicate/cloned/cloner {_VOX}",
            "voice my/own/custom/sample/reference/recording speech/speak/clone/say/generate/talk",
        ),
        kind=r"audio-to-audio|text-to-audio",
        name=r"voice-clone|create-voice",
        text=r"voice clon",
    ),
    Task(
        "design-voice",
        (
            f"design/designer/invent/describe/description/craft/new/custom/create {_VOX}",
            f"{_VOX} description/character/characteristics text/from/create/generate/new",
        ),
        name=r"voice-design",
        text=r"voice design|custom voice",
    ),
    Task(
        "change-voice",
        (
            f"change/changer/convert/converter/transform/modify/conversion/alter/swap/different/disguise {_VOX}",
        ),
        kind=r"audio-to-audio",
        name=r"voice-chang|voice-conver",
        text=r"voice chang|different voice",
    ),
    Task(
        "transcribe",
        (
            "transcribe/transcription/transcript/transcriber/transcripts/dictation/asr/stt",
            "spoken/recording/podcast/meeting/interview text/notes/minutes",
            "speech/voice recognition/recognize/recognise",
            "captions/subtitles audio/speech/generate/create/timestamps/srt",
        ),
        kind=r"speech-to-text",
        name=r"^(?!.*lyrics)",
        text=r"speech-to-text|transcri",
    ),
    Task(
        "transcribe-lyrics",
        ("lyrics extract/transcribe/get/recognize/transcription/out/audio",),
        name=r"transcribe-lyrics",
        text=r"extract\w* lyrics",
    ),
    Task(
        "subtitles",
        (
            f"subtitle/subtitles/subtitling/caption/captions/captioned {_VID}/burn/add/hardcode/style/reel",
            "subtitle/subtitles/subtitling",
        ),
        name=r"subtitle|whisper-with-video",
        text=r"\bsubtitl",
    ),
    Task(
        "dub",
        (
            "dub/dubbing/dubbed/redub",
            f"translate/translation/translator/localize {_VID}/speech/audio/voice/movie/spoken/language",
            f"{_VID} language/spanish/english/french/german/chinese/japanese/hindi/portuguese another/other/into/to/different",
        ),
        name=r"dubbing|video-translat",
        text=r"\bdub(?:s|bing)?\b|video translat|translates and dubs",
    ),
    Task(
        "translate-image",
        (f"translate/translation/translator {_PIC}/text/menu/sign/poster/manga/comic/screenshot",),
        kind=r"image-to-image",
        name=r"translat",
        text=r"translat",
    ),
    # Music and sound
    Task(
        "music",
        (
            "music/song/songs/melody/beat/beats/instrumental/jingle/tune/compose/composer/singing/vocal/vocals/track/rap",
            "lyrics/lyric",
            "soundtrack",
        ),
        kind=r"text-to-audio",
        name=r"music|song|ace-step",
        text=r"\bmusic\b|\bsongs?\b",
        takes="lyrics",
    ),
    Task(
        "edit-music",
        (
            "remix/remixing",
            "music/song/track/audio/lyrics edit/change/extend/continue/inpaint/outpaint/longer/cover/rework/modify",
        ),
        kind=r"audio-to-audio",
        name=r"ace-step",
        text=r"remix|audio segment|extensions",
    ),
    Task(
        "music-video",
        ("music video/videos/mv", "mv", f"video {_MAKE}/from/for/to song/track/mp3"),
        name=r"music-video|/mv$",
        text=r"music video",
    ),
    Task(
        "video-music",
        (
            f"background music/score/soundtrack/song {_VID}",
            f"music/score/soundtrack/song add/put/for/match/fitting {_VID}",
            "soundtrack video/clip/film/movie",
        ),
        name=r"video-to-music|video-to-audio|mmaudio|think-sound",
        text=r"music synced|soundtrack|background music",
    ),
    Task(
        "sound-effects",
        (
            "sound/sounds effect/effects/fx/design/ambient/generate/generator/create/text",
            "sfx",
            "foley",
            f"audio/sound/sounds add/generate/create/put/give/make/missing/match/silent/mute {_VID}",
            "silent/mute/muted video/clip/footage",
            "ambient/ambience/noise sound/audio",
        ),
        name=r"sfx|foley|think-sound|mmaudio|video-to-audio|kling-text-to-audio|sound-effect",
        text=r"sound effects?|foley|audio from video|audio for (?:any )?video",
    ),
    # Looking and reading
    Task(
        "caption",
        (
            f"caption/captioning/captions/captioner/describe/description/alt/explain/tag/tags {_PIC}/{_VID}",
            "caption/captioning/captioner",
            "alt text",
            "what see/in/on/shows/happening image/picture/photo/video",
            "reverse prompt",
        ),
        kind=r"image-to-text|video-to-text",
        name=r"caption|minicpm|moondream3-preview/(?:caption|query)|understanding",
        text=r"\bcaption|descri",
    ),
    Task(
        "visual-questions",
        (
            f"question/questions/ask/answer/answering/qa/vqa/query {_PIC}/{_VID}/visual/about",
            "vqa",
            "vision/visual/multimodal language/llm/question/questions/chat/understanding",
            "vlm",
            f"understand/understanding/analyze/analyse/analysis/interpret/recognize {_PIC}/visual",
            "chat image/picture/photo/images",
        ),
        kind=r"image-to-text|video-to-text|llm",
        name=r"qa|query|minicpm|vision|understanding",
        text=r"question|understanding|Q&A",
    ),
    Task(
        "watch-video",
        (
            f"understand/understanding/analyze/analyse/analysis/summarize/summary/watch/interpret/question {_VID}",
            f"{_VID} question/questions/qa/summary/happening",
        ),
        kind=r"video-to-text",
        text=r"video (?:understanding|analysis|content)",
    ),
    Task(
        "read-text",
        (
            "ocr",
            f"read/extract/recognize/scan/pull/get text/words {_PIC}/document/pdf/scan/screenshot/page/receipt/invoice",
            "text recognition/extraction",
            "document/receipt/invoice/handwriting/pdf parse/parsing/read/extract/scan/scanned/text/understanding",
            "parse/scan document/receipt/invoice/table/handwriting",
        ),
        name=r"ocr",
        text=r"\bOCR\b|document parsing",
    ),
    Task(
        "detect",
        (
            "detect/detection/detector/locate/localize/find/count/counting object/objects/people/person/items/things/face/faces",
            "bounding box/boxes",
            "object/objects detection/detect/locate",
            "point/coordinates object/objects/image",
        ),
        name=r"/detect|/point|sam3.*rle",
        text=r"bounding box|detect\w* (?:\w+ )*objects|finds objects",
        kind=r"image-to-text|video-to-text",
    ),
    Task(
        "segment",
        (
            "segment/segmentation/segmenting/sam",
            "mask/masks object/objects/generate/create/extract",
            "mask image/video from/of/out/get",
        ),
        name=r"sam3",
        text=r"segment",
    ),
    Task(
        "depth", ("depth map/maps/estimation/estimate/video/image", "depth"), name=r"depth", text=r"depth map"
    ),
    Task(
        "moderate",
        (
            "moderate/moderation/moderator/moderating",
            "nsfw/unsafe/harmful/explicit/nudity/violence/toxic/toxicity/hate/inappropriate/offensive "
            "detect/detection/detector/filter/check/classify/classifier/flag/block/is/text/comment/comments/content/safe",
            "safety/policy check/filter/content/classifier",
            "content safe/safety/filter",
        ),
        kind=r"content-moderation",
    ),
    # Words
    Task(
        "chat",
        (
            "llm/chat/chatbot/chatgpt/claude/llama/deepseek/assistant/mistral",
            "language large/model",
            "text generation/generate/generator/completion",
            "write/summarize/summarise/rewrite story/essay/article/text/code/email/blog/poem/document",
            "answer question/questions",
            "gpt 4/4o/5",
        ),
        kind=r"llm",
        name=r"any-llm",
    ),
    Task(
        "better-prompt",
        (
            "prompt optimize/optimizer/optimise/optimization/enhance/enhancer/improve/better/rewrite/expand/refine/magic/engineer",
        ),
        name=r"prompt-optim",
        text=r"prompt optimiz",
    ),
    # Three dimensions
    Task(
        "sketch-3d",
        ("sketch/drawing/doodle 3d",),
        name=r"sketch-to-3d",
    ),
    Task("body-3d", ("3d body/human/person", "body mesh"), name=r"3d-body", text=r"3D (?:human )?body"),
    Task(
        "many-views-3d",
        ("multi/multiview/multiple/several/views 3d",),
        kind=r"3d",
        name=r"multi-?view",
        text=r"multi-?(?:ple )?(?:view|image)",
    ),
    # Training and weights
    Task(
        "train",
        (
            "train/training/trainer/finetune/finetuning/dreambooth/finetuned",
            "fine tune/tuning/tuned",
            "custom/own/personal model/style from/dataset/photos/create/make/images",
            "make/create/build/own lora/loras",
            "dataset",
            "teach style/face/character",
        ),
        kind=r"training",
    ),
    Task("lora", ("lora/loras",), kind=r"lora-support", name=r"lora"),
    # Moving pictures
    Task(
        "motion",
        (
            "motion/movement/movements/pose/poses/gesture/dance/choreography "
            "transfer/control/copy/capture/mimic/imitate/drive/driven/driving/retarget/reference/apply/guide/guided/follow",
            "puppet/puppeteer/mocap",
            f"dance/dancing {_PIC}/character/make/person/avatar/video/pet",
            "character animation/animate/animator video/reference/motion/driving/movement/replace",
            "controlnet video",
        ),
        kind=r"motion-control",
        text=r"motion (?:transfer|control)|transfers? (?:the )?motion|driving video|dance",
    ),
    Task(
        "extend-video",
        (
            f"extend/extends/extension/extender/continue/continuation/longer/lengthen/prolong {_VID}/scene/shot/seconds",
            "extend video/clip",
        ),
        kind=r"video-extend",
        name=r"extend",
        text=r"extend\w* (?:\w+ )*(?:videos?|clips?)",
    ),
    Task(
        "between-frames",
        (
            "first/start/begin/starting last/end/ending/final frame/frames/image/images/picture",
            "first/start last/end",
            "keyframe/keyframes",
            "transition/transitions/morph/morphing",
            "between/two/2 images/frames/pictures/photos video/morph/transition/interpolate/clip",
            "end/last frame/image",
        ),
        name=r"start-end|transition|flf2v|pikaframes|keyframe",
        text=r"(?:start|first)[- ](?:and|/|to)?[- ]?(?:end|last)|transition|first and last|last frame",
        takes="last_image end_image",
    ),
    Task(
        "reference-video",
        (
            f"reference/references/elements/subject/multireference {_VID}/image/images/multi/multiple/consistent/character",
            f"multiple/several/many/different reference/images/photos/pictures {_VID}",
            "elements",
        ),
        name=r"reference-to-|elements|multi-i2v|reference",
        text=r"reference (?:image|video|to)|multi-(?:image|reference)",
    ),
    Task(
        "restyle-video",
        (
            f"style/stylize/restyle/anime/cartoon/cartoonize/look transfer/convert/change/turn/apply/into/existing/to {_VID}",
            "restyle/stylize/stylise video/footage/clip",
        ),
        kind=r"video-to-video",
        name=r"restyle|ditto|modify|v2v|aleph|edit|ghibli",
        text=r"style transfer|restyl|transform",
    ),
    Task(
        "edit-video",
        (
            f"edit/editing/editor/modify/change/alter/replace/retouch/manipulate/transform/rework/swap {_VID}",
            "edit existing video",
        ),
        kind=r"video-to-video",
        name=r"edit|modify|aleph|lucy|v2v|retake",
        text=r"\bedit",
    ),
    Task(
        "edit-image",
        (
            f"edit/editing/editor/modify/change/alter/retouch/manipulate/photoshop/adjust/tweak/transform/rework {_PIC}",
            f"{_PIC} instruction/instructions/natural edit/change/language",
        ),
        kind=r"image-to-image",
        name=r"edit|kontext|gpt-image|image-o1|modify",
        text=r"\bedit",
    ),
    Task(
        "style-image",
        (
            f"style/stylize/stylise/filter/effect/effects/cartoonize/art/artistic {_PIC}/transfer/apply",
            f"{_PIC}/me/myself/yourself anime/cartoon/comic/painting/watercolor/pixar/toy/figurine/figure/clay/lego",
        ),
        kind=r"image-effects|image-to-image",
        name=r"image-effects|ghibli|style",
        text=r"\bstyl",
    ),
    Task(
        "blend-images",
        (
            "blend/combine/merge/mix/fuse/fusion/compose/composite images/image/photos/pictures/two/photo/multiple",
        ),
        kind=r"image-to-image",
        name=r"blend|multi|edit|uno|kling-image-o1|kontext.*multi",
        text=r"blend|multi[- ]?image|multiple (?:image|reference)",
    ),
    Task(
        "product-shot",
        (
            f"product/products ad/ads/advert/advertising/commercial/promo/marketing {_VID}",
            f"ad/ads/advert/commercial/ugc/promo/advertisement {_VID}",
            "ad/ads/advert/commercial/ugc/advertisement",
        ),
        name=r"video-ads|q3-ad|ugc|embed-product",
        text=r"\bads?\b|advert|commercial|marketing",
    ),
    Task(
        "product-photo",
        ("product/products/ecommerce photo/photography/image/shot/scene/picture/photos/place/background",),
        name=r"embed-product|generate-background|background-remov|edit",
        text=r"product",
        weight=1.2,
    ),
    Task(
        "effect-video",
        (f"effect/effects/template/templates/vfx/filter {_VID}/viral/tiktok/fun", "effects", "vfx"),
        name=r"effects",
        text=r"\beffects?\b",
    ),
    Task(
        "short-clips",
        ("tiktok/reels/shorts/reel/short/vertical video/videos/clip/content/generator/make",),
        name=r"tiktok|short-video|ugc",
        text=r"tiktok|short[- ]video|social",
        weight=1.5,
    ),
    Task(
        "join-videos",
        (f"join/merge/stitch/concat/concatenate/combine/joiner/glue {_VID}/videos/clips",),
        name=r"join|merge",
    ),
    Task(
        "convert-video",
        (f"convert/converter/format/transcode/codec/compress {_VID}/mp4/webm/mov/gif",),
        name=r"video-convert",
    ),
    # Pictures of a kind
    Task(
        "vector",
        ("svg/vector/vectors/vectorize/scalable", "logo/icon vector/svg"),
        name=r"vector|svg",
        text=r"\bvector|\bSVG",
    ),
    Task(
        "lettering",
        (
            "typography/lettering/poster/logo/banner/infographic/flyer",
            "text/words/typography render/rendering/legible/readable/accurate/inside/in image/images/picture/poster/logo",
        ),
        kind=r"text-to-image",
        name=r"ideogram|recraft|nano-banana|qwen-image|seedream|gpt-image|glm-image|imagen",
        text=r"typograph|text render|logo|poster",
        weight=1.5,
    ),
    Task(
        "photoreal",
        (
            "photoreal/photorealistic/photorealism/realistic/lifelike/realism image/photo/picture/portrait/photos/images/generation",
        ),
        kind=r"text-to-image",
        name=r"realis|imagen|flux|nano-banana|seedream|photon|krea|srpo",
        text=r"realis",
        weight=1.5,
    ),
    Task(
        "sequence",
        ("story/storyboard/comic/sequence/series/set/batch image/images/panels/consistent/pictures/strip",),
        name=r"sequential|multi|storyboard",
        text=r"sequen|storyboard|series|multi-image",
        weight=1.5,
    ),
    Task(
        "controlled-image",
        (
            "controlnet/canny/pose/edge/scribble image/picture/guide/guided/control/generation/to",
            "controlnet",
        ),
        name=r"controlnet|control",
        text=r"controlnet|\bcanny\b",
    ),
    Task(
        "variations",
        ("variation/variations/remix/similar/redux image/images/picture/photo",),
        name=r"redux|remix",
        text=r"variation|remix",
    ),
    Task(
        "layers",
        ("layer/layers/layered/psd/decompose image/split/separate/into",),
        name=r"layered",
        text=r"layer",
    ),
    Task(
        "spicy",
        ("nsfw/uncensored/spicy/adult/unfiltered/unrestricted",),
        name=r"spicy",
        text=r"spicy|uncensored",
        weight=1.5,
    ),
    Task(
        "with-sound",
        (f"{_VID} audio/sound/dialogue/speech/native with/and/including/plus/native/synced/synchronized",),
        name=r"veo3|sora-2|seedance|wan-2\.[567]|wan-3|kling-v(?:2\.6|3)|kling-video-o3|ltx-2|ovi|grok-imagine|vidu/q3",
        text=r"(?:native|synchroni[sz]ed|synced|with) (?:\w+ )?audio|audio-video",
        kind=r"-to-video",
        weight=1.5,
    ),
    Task(
        "spin",
        ("spin/orbit/rotate/360/turntable/rotation video/product/camera/object/around/photo/view",),
        name=r"orbit|spin",
        text=r"orbit|\bspin|rotat",
    ),
)


def tags_of(model: Model) -> tuple[set[str], set[str]]:
    """The tags a model certainly has, and those it may have: tasks, types and media pairs."""
    sure = {f"type:{model.type}"}
    maybe: set[str] = set()
    inputs = set(properties(model.schema))
    for task in TASKS:
        kind = not task.kind or re.search(task.kind, model.type) is not None
        name = not task.name or re.search(task.name, model.model_id) is not None
        given = any(key in inputs for key in task.takes.split())
        if (kind and name) or (task.kind and kind and (given or not task.name)) or (kind and given):
            sure.add(task.tag)
        elif (
            (task.kind and kind)
            or (task.name and name)
            or (task.text and re.search(task.text, model.description, re.IGNORECASE))
        ):
            maybe.add(task.tag)
    certain, plausible = _pairs(model)
    sure |= (
        certain
        | {f"works:{_works_on(model)}"}
        | {f"gives:{pair.split('>')[1]}" for pair in certain | plausible}
    )
    return sure, maybe | plausible


def _pairs(model: Model) -> tuple[set[str], set[str]]:
    """Pairs such as `text>video`: by the type, else by the id, else by what must be given."""
    if named := _TYPE_NAME.fullmatch(model.type):
        return {f"{named[1]}>{named[2]}"}, set()
    if model.type in TYPE_PAIRS:
        certain, plausible = TYPE_PAIRS[model.type]
        return set(certain.split()), set(plausible.split())
    works = _works_on(model)
    if model.type != "lora-support":
        return set(), {f"{works}>{works}"}
    if named := _TYPE_NAME.search(model.model_id):
        return set(), {f"{named[1]}>{named[2]}"}
    if short := _SHORT_NAME.search(model.model_id):
        return set(), {f"{_LETTER[short[1]]}>{_LETTER[short[2]]}"}
    return set(), {"image>image" if works == "image" else "text>image"}


def _works_on(model: Model) -> str:
    """What a model is mainly given: the medium in its own name, else the weightiest it needs."""
    if named := _TYPE_NAME.fullmatch(model.type):
        return named[1]
    if model.type in ("upscaler", "ai-remover", "portrait-transfer"):
        for medium in ("video", "image"):
            if re.search(rf"\b{medium}\b", model.model_id):
                return medium
    media = media_inputs(model)
    needed = {media[key] for key in must_be_given(model.schema) if key in media}
    for medium in ("video", "image", "audio"):
        if medium in needed:
            return medium
    return "text"


@dataclass(frozen=True)
class Phrase:
    """One way to ask for a task: every group of stems must be met by a word of the query."""

    tag: str
    weight: float
    groups: tuple[frozenset[str], ...]


@cache
def phrases() -> tuple[Phrase, ...]:
    """Every way to ask for every task."""
    return tuple(_phrases())


def _phrases() -> Iterator[Phrase]:
    from .words import stem

    for task in TASKS:
        for asked in task.asked:
            groups = tuple(frozenset(stem(word) for word in group.split("/")) for group in asked.split())
            yield Phrase(task.tag, task.weight, groups)
