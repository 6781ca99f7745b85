"""What people and agents type into a model search, and what would satisfy them.

Each wish is a query and a pattern that the line `TYPE MODEL_ID` of a right answer matches. `TUNED` was written
before the ranking was tuned and then used to tune it; `HELD_OUT` was written afterwards and never tuned
against.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    query: str
    pattern: str

    def satisfied_by(self, kind: str, model_id: str) -> bool:
        return re.search(self.pattern, f"{kind} {model_id}") is not None


def _wishes(text: str) -> list[Wish]:
    pairs = [line.split("::", 1) for line in text.strip().splitlines() if line.strip()]
    return [Wish(query.strip(), pattern.strip()) for query, pattern in pairs]


TUNED = _wishes(r"""
text to image :: ^text-to-image
text to video :: ^text-to-video
image to video :: ^image-to-video
text to speech :: ^text-to-audio .*(speech|tts|eleven|flash-v2|turbo-v2|multilingual|vibevoice)
remove background :: ^ai-remover .*background
remove the background from a product photo :: ^ai-remover .*(image-background|remove-background)
remove video background :: ^ai-remover .*video-background
turn an image into 3d :: ^image-to-3d
text to 3d :: ^text-to-3d
speech recognition :: ^speech-to-text .*whisper
transcribe an audio file :: ^speech-to-text
lip sync :: ^digital-human
lipsync a video to new audio :: ^digital-human .*(lipsync|latentsync|video-to-video)
upscale image :: ^upscaler .*(image|seedvr2/image|increase|recraft|crystal)
upscale video to 4k :: ^upscaler .*(video|flashvsr|upscale-v1)
face swap :: ^portrait-transfer .*(face-swap|infinite-you)
swap faces in a video :: ^portrait-transfer .*video-face-swap
music :: ^text-to-audio .*(music|song|ace-step)
make a song from lyrics :: ^text-to-audio .*(music|song|ace-step)
talking avatar :: ^digital-human
a model that makes a picture sing :: ^(digital-human|image-to-video .*talking)
animate a photo :: ^image-to-video
train a lora :: ^training
clone a voice :: (voice-clone|create-voice)
kling 2.6 :: kling-v2\.6
kling v3 :: kling-(v3|image-v3)
wan2.2 :: wan-2\.2
wan 2.5 image to video :: ^image-to-video alibaba/wan-2\.5
seedance 2.0 :: seedance-2\.0
nano banana pro :: nano-banana-pro
nano banana edit :: ^image-to-image google/nano-banana
veo 3.1 :: veo3\.1
sora 2 :: sora-2
hailuo 2.3 :: hailuo-2\.3
flux kontext :: flux-kontext
flux dev lora :: flux.*dev.*lora
gpt image 1.5 :: gpt-image-1\.5
dalle 3 :: dall-e-3
midjourney :: ^[a-z-]+ midjourney/
stable diffusion xl :: stability-ai/sdxl
qwen image edit :: ^(image-to-image|lora-support) .*qwen-image.*edit
seedream 4.5 :: seedream-v4\.5
z-image turbo :: z-image
ideogram v3 :: ideogram-v3
recraft vector svg :: recraft.*(vector|svg)
eleven labs text to speech :: ^text-to-audio elevenlabs/(?!music)
minimax music :: minimax/music
whisper :: whisper
hunyuan 3d :: 3d .*hunyuan-?3d
ltx 2 :: ltx-2
pixverse effects :: pixverse.*effects
runway aleph :: runwayml/(gen4-)?aleph
image captioning :: ^image-to-text .*(caption|minicpm|molmo)
describe what is in an image :: ^image-to-text .*(caption|qa|query|minicpm)
read text from a scanned document :: paddle-ocr
video understanding :: ^video-to-text
content moderation :: ^content-moderation
detect nsfw images :: ^content-moderation .*image
chat llm :: ^llm .*any-llm
improve my prompt :: prompt-optimizer
remove watermark from video :: video-watermark-remover
erase an object from a picture :: ^ai-remover .*(image-eraser|bria/eraser)|inpaint|flux-fill
colorize black and white photo :: colorize
restore old photo :: restore
outpaint an image :: ^image-to-image .*(bria/expand|zoom-out)
inpainting :: inpaint|flux-fill|eraser
change the lighting of a photo :: relight|ic-light|lighting
virtual try on clothes :: try-?on
motion transfer from a dance video :: ^motion-control
extend a video :: ^video-extend
video to video style transfer :: ^video-to-video
edit a video with a prompt :: ^video-to-video .*(edit|modify|aleph|v2v|lucy|ditto)
edit photo :: ^image-to-image
cartoon style photo effect :: ^(image-effects|video-effects|image-to-image) .*(comic|cartoon|ghibli|image-effects)
ghibli style :: ghibli
first and last frame to video :: start-end|flf2v|transition|pikaframes|keyframe|image-to-video
reference to video :: reference-to-video|reference
add sound effects to a silent video :: ^video-dubbing
translate a video into another language :: /dubbing|video-translate
background music for my video :: sonilo|video-to-music|^video-dubbing
sound effect generator :: (kling-text-to-audio|sfx|foley|think-sound|mmaudio|kling-video-to-audio)
voice changer :: voice-changer
design a new voice from a description :: voice-design
cheap text to video :: ^text-to-video
fast image generation :: ^text-to-image
image generation :: ^text-to-image
video generator :: ^(text|image)-to-video
t2v :: ^(text-to-video|lora-support .*t2v|lora-support .*text-to-video)
i2v 720p :: i2v.*720p
anime image with lora :: ^lora-support .*(image|flux|sdxl|qwen)
upscayl image :: ^upscaler .*(image|seedvr2/image|increase|recraft|crystal)
txt2img :: ^text-to-image
generate a logo :: ^text-to-image
product video ad :: (video-ads|vidu/q3-ad|ugc-video|product)
segment objects in an image :: sam3-image
depth map from video :: depth-anything/video
increase video frame rate :: fps-increaser|rife
add subtitles to a video :: veed/subtitles
music video from a song :: music-video-generator|vidu/one-click-v2/mv
generate speech in multiple voices dialogue :: ^text-to-audio .*(speech|tts|eleven|vibevoice|multilingual)
finetune flux on my images :: ^training .*flux
gemini tts :: gemini-2\.5.*text-to-speech
avatar from photo and audio :: ^digital-human
headshot head swap :: head-swap
multiple people talking in one picture :: ^digital-human .*multi
kissing video effect :: kiss
make my character dance :: ^(motion-control|video-effects .*danc|video-effects .*twerk|digital-human)|dance
grok video :: x-ai/grok-imagine-video
""")

HELD_OUT: list[Wish] = []
