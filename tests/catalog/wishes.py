"""What people and agents type into a model search, and what would satisfy them.

Each wish is a query and a pattern that the line `TYPE MODEL_ID` of a right answer matches. `FIRST` was
written before the ranking was tuned. Each further list was written when the ranking had been tuned on those
before it, scored once at first sight, and then tuned on too.

    at first sight    first hit right   one of five right   share of those shown that are right
    SECOND            0.88              0.97                0.84
    THIRD             0.81              0.87                0.76
    FOURTH            0.88              0.92                0.84
    FIFTH             0.84              0.93                0.84
    SIXTH             0.93              0.96                0.91
    SEVENTH           0.91              0.94                0.83
    EIGHTH            0.87              0.93                0.79
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    query: str
    pattern: str

    def satisfied_by(self, kind: str, model_id: str) -> bool:
        return re.search(self.pattern, f"{kind} {model_id}") is not None


_SHORT = {
    "{TTS}": r"(speech|tts|eleven|flash-v|turbo-v|multilingual|vibevoice)",
    "{SPEAKER}": r"(avatar|infinitetalk|flashhead|fabric|human|multitalk|ltx.*lipsync|speech-to-video)",
    "{SOUNDING}": r"(veo3|sora|seedance-(2|v1\.5)|kling-v(2\.6|3)|kling-video-o3|ltx-2|ovi|wan-(2\.[567]|3)"
    r"|gemini-omni|grok|pixverse|vidu/q3|h3|davinci|generator|happyhorse)",
    "{STILL}": r"(image|increase|recraft|crystal)",
}


def parse(text: str) -> list[Wish]:
    """The wishes of a list: one a line, query and pattern with `::` between them."""
    for name, pattern in _SHORT.items():
        text = text.replace(name, pattern)
    pairs = [line.split("::", 1) for line in text.strip().splitlines() if line.strip()]
    return [Wish(query.strip(), pattern.strip()) for query, pattern in pairs]


FIRST = parse(r"""
text to image :: ^text-to-image
text to video :: ^text-to-video
image to video :: ^image-to-video
text to speech :: ^text-to-audio .*{TTS}
remove background :: ^ai-remover .*background
remove the background from a product photo :: ^ai-remover .*(image-background|remove-background)
remove video background :: ^ai-remover .*video-background
turn an image into 3d :: ^image-to-3d
text to 3d :: ^text-to-3d
speech recognition :: ^speech-to-text .*whisper
transcribe an audio file :: ^speech-to-text
lip sync :: ^digital-human
lipsync a video to new audio :: ^digital-human .*(lipsync|latentsync|video-to-video)
upscale image :: ^upscaler .*{STILL}
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
cartoon style photo effect :: ^(image-effects|video-effects|image-to-image) .*(comic|cartoon|ghibli|effects)
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
upscayl image :: ^upscaler .*{STILL}
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

SECOND = parse(r"""
make a picture from a text prompt :: ^text-to-image
I want to generate a short movie clip from a description :: ^text-to-video
bring an old family photograph to life :: ^image-to-video|live-memory|restore
convert my podcast recording into text :: ^speech-to-text .*whisper
narrate this article in a natural female voice :: ^text-to-audio .*{TTS}
delete people from holiday photos :: ^ai-remover .*(image-eraser|bria/eraser)
transparent png :: ^ai-remover .*(image-background|remove-background)
make my blurry pictures sharper :: ^upscaler|topaz/image/sharpen|restore
enhance low quality video :: ^upscaler .*(video|flashvsr|upscale-v1)
put my face on another person :: ^portrait-transfer .*face-swap|infinite-you
kling 3.0 pro image to video :: kling-v3\.0-pro/image-to-video
kling o3 :: kling-(video|image)-o3
veo3 fast :: veo3(\.1)?-fast
seedream v5 lite :: seedream-v5\.0-lite
nanobanana 2 :: nano-banana-2
flux 2 pro :: flux-2-pro
wan 2.7 reference to video :: wan-2\.7/reference-to-video
vidu q3 :: vidu/q3
luma ray 2 :: luma/ray-2
pika 2.2 :: pika/v2\.2
hunyuan video :: hunyuan-video
runway gen4 :: runwayml/gen4
imagen 4 ultra :: google/imagen4-ultra
grok imagine image :: x-ai/grok-imagine-image
happy horse video edit :: happyhorse-1\.[01]/video-edit
minimax speech hd :: minimax/speech.*hd
google text to speech :: ^text-to-audio google/
compose background music instrumental :: ^text-to-audio .*(music|song|ace-step)
rap song with my own lyrics :: ^text-to-audio .*(music|song|ace-step)
remix an existing song :: ace-step/audio|ace-step
foley for silent footage :: foley|^video-dubbing
dub a movie into spanish :: /dubbing|video-translate
make two characters have a conversation video :: ^digital-human .*multi
digital human presenter :: ^digital-human
animate character using a driving video :: ^motion-control
make the video longer :: ^video-extend
change the clothes of a person in a photo :: try-?on|outfit|^image-to-image .*edit
sketch to 3d model :: sketch-to-3d
3d model of a human body from a photo :: sam-3d-body
game asset from text description 3d mesh :: ^text-to-3d
answer questions about a picture :: ^(image-to-text|llm) .*(qa|query|vision|minicpm)
extract text from image :: paddle-ocr
check if user comments are toxic :: ^content-moderation .*text
train my own character lora :: ^training
image to video with custom lora :: ^lora-support .*(i2v|image-to-video)
vertical video for tiktok :: tiktok|short-video
cyberpunk filter for my selfie :: image-effects/cyberpunk
svg icon :: svg|vector
combine two photos into one :: blend|multi|^image-to-image
remove captions from a video clip :: video-watermark-remover|video-eraser
uncensored image to video :: spicy
smooth out choppy video to 60fps :: fps-increaser|rife
open source image model :: ^text-to-image
text to image under a cent :: ^text-to-image
image to prompt :: ^image-to-text|^llm
pose guided generation controlnet :: control
create consistent character in different scenes :: character|reference|uno|sequential|lynx|elements|multi-shot
video of squid game effect :: squid-game
speech to video :: speech-to-video|^digital-human|^audio-to-video
summarize what happens in a video :: ^video-to-text
""")

THIRD = parse(r"""
picture generator :: ^text-to-image
turn my drawing into a realistic photo :: ^image-to-image
which model is best for product photography :: ^(text-to-image|image-to-image|ai-remover)
create a video of a dog surfing :: ^text-to-video
animate this still image with camera motion :: ^image-to-video
cheapest image to video :: ^image-to-video
fast text to speech with low latency :: ^text-to-audio .*{TTS}
read my script out loud :: ^text-to-audio .*{TTS}
copy my own voice from a recording :: voice-clone|create-voice
subtitle generator for videos :: veed/subtitles|whisper-with-video
meeting transcription with timestamps :: ^speech-to-text .*whisper
generate instrumental lofi beat :: ^text-to-audio .*(music|song|ace-step)
jingle for an advert :: ^text-to-audio .*(music|song|ace-step)
sound of rain ambience :: kling-text-to-audio|sfx|foley|think-sound|mmaudio|kling-video-to-audio
make a statue out of a photo in 3d :: ^image-to-3d
hunyuan3d v3 :: hunyuan3d-v3|hunyuan-3d-v3
rodin :: hyper3d/rodin
cut out the subject from the picture :: ^ai-remover .*(image-background|remove-background)
get rid of the logo in my clip :: video-watermark-remover|video-eraser
4k image upscaler :: ^upscaler .*{STILL}
fix scratches on vintage photograph :: restore
replace the face in this clip with mine :: video-face-swap
person talking from single photo and voice recording :: ^digital-human
sync lips to a new voice track :: ^digital-human
copy dance moves onto my character :: ^motion-control
continue this clip for 5 more seconds :: ^video-extend
interpolate between two images as video :: start-end|transition|flf2v|pikaframes|keyframe
change the season in a photo :: reseason|^image-to-image .*edit
inpaint with mask :: inpaint|fill|eraser
replace a character in a video :: mocha|body-swap|p-video/replace|swap|animate|video-edit
flag violent video content :: video-content-moderator
find bounding boxes of cars :: detect|rle
what is in this photo :: ^image-to-text
talk to gpt :: ^llm
rewrite my prompt so it is better :: prompt-optimizer
train style on 20 pictures :: ^training
wan 2.2 lora trainer :: wan-2\.2.*trainer
sdxl lora :: stability-ai/sdxl-lora
flux schnell :: flux-schnell
seedance 1.5 pro text to video :: seedance-v1\.5-pro/text-to-video
kling 2.5 turbo :: kling-v2\.5-turbo
hailuo 02 fast :: hailuo-02/fast
sora 2 pro image to video :: sora-2(-pro)?/image-to-video
gemini image edit :: ^image-to-image google/(gemini|nano)
gpt-image mini :: gpt-image-1-mini
recraft v4 :: recraft-v4
pixverse v6 :: pixverse-v6
omnihuman :: omni-human
elevenlabs v3 :: elevenlabs/eleven-v3
ltx 2.3 lipsync :: ltx-2\.3/lipsync
hug video effect :: hugging
relight portrait :: relight|ic-light|lighting
""")

FOURTH = parse(r"""
a cat in space picture :: ^text-to-image
generate a photorealistic portrait :: ^text-to-image
make a cinematic trailer from text :: ^text-to-video
photo into video with sound :: ^image-to-video
product picture into rotating video :: ^image-to-video
high quality video generation with native audio :: ^(text|image)-to-video
turn selfie into anime :: ^(image-effects|image-to-image|video-effects|image-to-video)
modify an image using natural language :: ^image-to-image
add a hat to the man in my photo :: ^image-to-image
video editing by prompt :: ^video-to-video
replace the sky in a video :: ^(video-to-video|ai-remover|portrait-transfer)
sharpen an image :: sharpen|^upscaler
denoise photo :: topaz/image/denoise
double the resolution of my picture :: ^upscaler .*{STILL}
remove text from image :: image-text-remover
delete the person walking behind me in the video :: video-eraser
swap heads between two people :: head-swap
voice over for a video ad :: ^text-to-audio .*{TTS}
multilingual tts :: ^text-to-audio .*{TTS}
write and sing a pop song :: ^text-to-audio .*(music|song|ace-step)
convert voice to a different speaker :: voice-changer|voice-clone
translate speech in video to french with dubbing :: /dubbing|video-translate
get lyrics from a song :: transcribe-lyrics
audio to text :: ^speech-to-text
video to text description :: ^video-to-text
soundtrack for a silent clip :: sonilo|^video-dubbing
talking head from one photo :: ^digital-human
make a video of my dog talking :: ^digital-human|talking|dog
avatar video with my script :: ^digital-human
lip sync two speakers :: ^digital-human
dance video from photo :: ^motion-control|danc|twerk
transfer pose from video to image :: ^motion-control
lengthen clip :: ^video-extend
image to 3d mesh glb :: ^image-to-3d
text to 3d model fast :: ^text-to-3d
turn 2d picture to 3d object :: ^image-to-3d
train a flux lora with zip of photos :: ^training .*flux
video lora training :: ^training .*(wan|ltx|video)
wan lora text to video :: ^lora-support .*wan.*(t2v|text-to-video)
flux with lora :: ^lora-support .*flux
nsfw filter for uploaded images :: ^content-moderation .*image
ask questions about a video clip :: ^video-to-text
summarise text with an llm :: ^llm .*any-llm
optimise prompt :: prompt-optimizer
seedance pro image to video 1080p :: seedance-v1-pro-i2v-1080p|seedance.*pro.*image-to-video
minimax hailuo image to video :: ^image-to-video minimax/
veo 2 :: google/veo2
kling avatar :: kling.*avatar
kling motion control :: kling.*motion-control
kling lip sync :: kling-lipsync
vidu start end frames :: vidu.*start-end
bria background :: bria.*background
topaz :: ^[a-z-]+ topaz/
openai image edit :: ^image-to-image openai/
bytedance image model :: ^(text-to-image|image-to-image) bytedance/
qwen image 2 :: qwen-image-2\.0
sdxl :: stability-ai/sdxl
stable diffusion 3.5 :: stable-diffusion-3\.5
hidream :: hidream
chroma :: chroma
""")

FIFTH = parse(r"""
create an image :: ^text-to-image
illustrate a children's book page :: ^text-to-image|sequential
generate a wallpaper in 4k :: ^text-to-image
make a short film scene from my script :: ^text-to-video
image2video :: ^image-to-video
turn my product photos into a promo clip :: ^image-to-video
loop animation from a still :: ^image-to-video
make my old photos move :: ^image-to-video|live-memory
generate voiceover from text :: ^text-to-audio .*{TTS}
realistic human voice generator :: ^text-to-audio .*({TTS}|voice)
two hosts podcast audio from script :: ^text-to-audio .*{TTS}
instrumental music generation :: ^text-to-audio .*(music|song|ace-step)
song maker :: ^text-to-audio .*(music|song|ace-step)
extend an existing song :: ace-step/audio-outpaint|ace-step
voice cloning :: voice-clone|create-voice
speech to text :: ^speech-to-text .*whisper
transcribe a video :: ^speech-to-text .*whisper
generate subtitles :: veed/subtitles|^speech-to-text
dubbing :: /dubbing|video-translate
add music to my video :: sonilo|^video-dubbing
add realistic audio to a video :: ^video-dubbing
background eraser :: ^ai-remover .*background
object removal from video :: video-eraser
remove sora watermark :: video-watermark-remover
remove text from a poster :: image-text-remover
enlarge a small image without losing quality :: ^upscaler .*{STILL}
video super resolution :: ^upscaler .*(video|flashvsr|upscale-v1)
face restoration :: restore|^upscaler
color old black and white picture :: colorize
extend image borders :: bria/expand|zoom-out
change outfit :: try-?on|outfit
change background of an image :: generate-background|background|^image-to-image .*edit
image editing with multiple reference images :: ^image-to-image
style transfer image :: ^(image-effects|image-to-image)
pixel art style :: pixel|^text-to-image|^image-
make a 3d figurine from a selfie :: ^image-to-3d|figurine
create 3d asset :: ^(image|text)-to-3d
segment anything :: sam3?-
caption a video :: ^video-to-text
ocr :: paddle-ocr
visual question answering :: ^(image-to-text|video-to-text|llm) .*(qa|query|vision|minicpm)
image moderation :: ^content-moderation .*image
language model :: ^llm .*any-llm
train wan video lora :: ^training .*wan
use my lora with qwen image :: ^lora-support .*qwen
ai influencer talking video :: ^digital-human
make this photo talk :: ^digital-human|talking-photos
replace a person in a video with another character :: mocha|body-swap|p-video/replace|swap|animate|video-edit
mimic movement from a reference video :: ^motion-control
first frame last frame video :: start-end|flf2v|transition|keyframe|image-to-video
kling v2.1 master :: kling-v2\.1.*master
veo 3.1 lite image to video :: veo3\.1-lite/image-to-video
seedance fast text to video :: seedance.*fast.*text-to-video
wan 3 :: wan-3\.0
hailuo :: hailuo
minimax h3 :: h3/
flux fill :: flux-fill
nano banana 2 edit :: nano-banana-2/edit
seedream edit :: seedream.*edit
imagen 4 fast :: google/imagen4-fast
ideogram character :: ideogram-character
""")

SIXTH = parse(r"""
draw a picture :: ^text-to-image
best image model :: ^text-to-image
generate photo from prompt :: ^text-to-image
movie from text :: ^text-to-video
generate video clip :: ^(text|image)-to-video
picture to video :: ^image-to-video
photo animation :: ^image-to-video
animate my drawing :: ^image-to-video
video from two images :: start-end|transition|^image-to-video
text 2 speech :: ^text-to-audio .*{TTS}
speech synthesis :: ^text-to-audio .*{TTS}
narration voice :: ^text-to-audio .*{TTS}
generate music from text :: ^text-to-audio .*(music|song|ace-step)
sing my lyrics :: ^text-to-audio .*(music|song|ace-step)
sound effects from text :: kling-text-to-audio|sfx|foley|think-sound|mmaudio|kling-video-to-audio
voice conversion :: voice-changer
transcription :: ^speech-to-text .*whisper
convert mp3 to text :: ^speech-to-text .*whisper
background removal :: ^ai-remover .*background
cut out background of video :: video-background-remover
watermark remover :: watermark-remover
erase unwanted object :: eraser
image enhancer :: ^upscaler .*{STILL}|topaz|restore
video enhancer :: ^upscaler .*(video|flashvsr|upscale-v1)
upscale photo to 8k :: ^upscaler .*{STILL}
faceswap :: face-swap|infinite-you
swap the face in a picture :: image-face-swap|infinite-you
lipsync :: ^digital-human
talking photo :: ^digital-human|talking-photos
avatar :: ^digital-human
make someone speak in a video with new audio :: ^digital-human
character animation from motion video :: ^motion-control
continue a video :: ^video-extend
restyle a video as anime :: ^video-to-video
change the weather in a video :: ^video-to-video
image inpainting :: inpaint|fill|eraser
remove person from image :: image-eraser|bria/eraser
old photo colorization :: colorize
image to svg :: svg|vector
image to 3d model :: ^image-to-3d
3d from text :: ^text-to-3d
multiview to 3d :: multi-?view
describe image :: ^image-to-text
image caption :: ^image-to-text .*(caption|minicpm|query)
object detection :: detect|rle|point
document ocr :: paddle-ocr
video question answering :: ^video-to-text
is this text safe :: ^content-moderation
prompt enhancer :: prompt-optimizer
lora trainer :: ^training
flux lora :: ^lora-support .*flux
train flux style :: ^training .*flux
kling 1.6 image to video :: kling-v1\.6.*i2v
kling 2.1 pro :: kling-v2\.1.*pro
wan 2.1 i2v 720p :: wan-2\.1/i2v-720p
wan 2.2 animate :: wan-2\.2/animate
veo3 :: google/veo3
sora :: openai/sora
seedance 1 lite t2v :: seedance-v1-lite-t2v
hailuo 2.3 pro :: hailuo-2\.3.*pro
vidu reference to video :: vidu.*reference
flux 1.1 pro ultra :: flux-1\.1-pro-ultra
flux pro kontext :: flux-kontext-pro
gpt image :: gpt-image
gemini 3 pro image :: gemini-3-pro-image
qwen image layered :: qwen-image/layered
minimax voice clone :: minimax/voice-clone
elevenlabs turbo :: elevenlabs/turbo
""")

SEVENTH = parse(r"""
i need a short clip made out of a photo of my dog :: ^image-to-video (?!video-effects|scenario)
cheap text to video :: ^text-to-video (?!.*(master|4k|sora-2-pro|/veo[23](\.1)?(/|$)|1080|text-to-video-pro))
seedance 2.5 with a start picture :: ^image-to-video bytedance/seedance-2\.5
veo 3.1 lite :: google/veo3\.1-lite
kling 3 4k :: kwaivgi/kling-(v3\.0|video-o3)-4k
sora2 pro :: openai/sora-2.*pro
gpt image editing :: openai/gpt-image-1(\.5/edit|-mini/edit|$)
nanobanana 2 fast :: google/nano-banana-2/.*fast
seedream 4.5 edit :: bytedance/seedream-v4\.5/edit
logo as svg :: (svg|vector)$
get rid of the tourists in my holiday photo :: ^ai-remover .*(image-eraser|bria/eraser)
cut out background from product shot :: ^ai-remover .*(image-background|remove-background)
transparent png :: ^ai-remover .*(image-background|remove-background)
transcribe a podcast episode :: ^speech-to-text
mp3 to text :: ^speech-to-text
subtitles for my video :: (veed/subtitles|whisper-with-video)
read text from a scanned document :: paddle-ocr
dub a video into spanish :: (dubbing$|video-translate)
voice cloning :: (voice-clone|create-voice)
clone my voce from a recording :: (voice-clone|create-voice)
elevenlabs tts :: elevenlabs/(eleven|flash|turbo|multi)
read this article aloud in a natural voice :: ^text-to-audio .*{TTS}
background music for a youtube video :: (music|song|ace-step|video-to-music|heartmula)
compose a song with lyrics :: ^text-to-audio .*(music|song|ace-step|heartmula)
sound effects for a silent clip :: ^video-dubbing .*(foley|sfx|mmaudio|think-sound|video-to-audio)
3d model from a photo :: ^image-to-3d
text to 3d asset for a game :: ^text-to-3d
hunyuan 3d :: hunyuan-?3d
talking head from portrait and audio :: ^(digital-human|image-to-video) .*{SPEAKER}
lip sync a video to an audio track :: ^digital-human .*(lipsync|latentsync|video-to-video|react)
omnihuman :: omni-human
heygen avatar :: heygen
swap faces in a video :: ^portrait-transfer .*(video-face|video-head|pixverse/swap|replace)
face swap photo :: ^portrait-transfer .*(image-face|image-head|infinite-you)
upscale old photo to 4k :: ^(upscaler .*(image|increase|crystal|recraft)|image-to-image .*(esrgan|restore))
video upscaler 4k :: ^upscaler .*(video|flashvsr|upscale-v1)
make blurry picture sharp :: ^(upscaler .*{STILL}|image-to-image .*(sharpen|restore|esrgan|denoise))
colourise black and white photo :: colorize
extend my video by a few seconds :: ^video-extend
make video longer :: ^video-extend
continue a clip with wan 2.7 :: ^video-extend .*wan-2\.7
first and last frame to video :: (start-end|flf2v|transition|pikaframes)
change the style of an existing video :: ^video-to-video .*(edit|restyle|modify|aleph|ditto|v2v|lucy)
edit video with text prompt :: ^video-to-video .*(edit|restyle|modify|aleph|ditto|v2v|lucy|retake)
make a person dance like in another video :: ^motion-control
motion transfer :: ^motion-control
flux lora :: ^(lora-support|training) .*flux
train a lora on my own pictures :: ^training
wan 2.2 lora trainer :: ^training .*wan-2\.2
describe what is in a picture :: ^(image-to-text|llm) .*(caption|query|qa|minicpm|vision|any-llm)
ask questions about a video :: ^video-to-text
nsfw detection :: ^content-moderation
chat with an llm :: ^llm
improve my prompt :: prompt-optimizer
virtual try on clothes :: (tryon|try-on)
anime picture generator :: (neta-lumina|pony|^text-to-image)
ghibli style :: ghibli
hailuo 2.3 image to video :: ^image-to-video minimax/hailuo-2\.3
vidu q3 text to video :: ^text-to-video vidu/q3
imagen 4 ultra :: google/imagen4-ultra
flux kontext max :: flux-kontext-max
flux 2 klein :: flux-2-klein
inpaint a region with a mask :: (inpaint|flux-fill|eraser/mask|ideogram-character)
expand picture beyond its borders :: (bria/expand|image-zoom-out)
interpolate frames to 60fps :: (rife|fps)
text to video with sound :: ^text-to-video .*{SOUNDING}
grok image :: x-ai/grok.*image
qwen image edit with several angles :: qwen-image/edit.*multiple-angles
consistent character across images :: image .*(character|soul|reference|pulid|uno|uso)|infinite-you|gen4
segment objects in image :: (sam3-image|moondream3-preview/(detect|point))
""")

EIGHTH = parse(r"""
whats the cheapest image model :: ^text-to-image (?!.*(ultra|pro|max|quality|fidelity|image-3|longcat))
quick draft picture, speed matters :: ^text-to-image .*(fast|turbo|flash|schnell|mini|klein|draft|lite)
photorealistic portrait of a woman :: ^(text-to-image|lora-support)
text in image must be legible, poster :: ^text-to-image
i2v kling 2.5 turbo :: ^image-to-video kwaivgi/kling-v2\.5-turbo
text2video seedance pro 1080p :: ^text-to-video bytedance/seedance-v1-pro
google veo3 fast image to video :: ^image-to-video google/veo3(\.1)?-fast
animate still image :: ^(image-to-video|motion-control)
bring old family photos to life :: ^(image-to-video|video-effects .*(memory)|image-to-image .*restore)
tencent hunyuan video :: hunyuan-video
runway gen4 :: runwayml/gen4
runway video editing :: ^video-to-video runwayml
luma ray 3.2 :: luma/ray-3\.2
pika 2.2 :: pika/v2\.2
pixverse v6 transition :: pixverse/pixverse-v6/transition
midjorney :: midjourney
stable difusion 3.5 :: stable-diffusion-3\.5
ideogram v3 :: ideogram-v3
dalle 3 :: openai/dall-e-3
reve remix :: reve/remix
recraft vector graphics :: recraft.*(svg|vector)
icon set in vector format :: recraft.*(svg|vector)
z image turbo :: wavespeed-ai/z-image(/turbo|-turbo)
replace the sky in a photo :: ^image-to-image
put my product on a marble table background :: (bria/(embed-product|generate-background)|^image-to-image)
merge two pictures into one :: ^image-to-image
remove watermark from video :: ^ai-remover .*video-watermark
remove the text from an image :: ^ai-remover .*image-(text|watermark|eraser)
delete object from footage :: ^ai-remover .*video-eraser
green screen video background removal :: ^ai-remover .*video-background
turn my sketch into a 3d model :: (sketch-to-3d|^image-to-3d)
glb mesh from several views :: ^image-to-3d .*(multi|)
print a figurine of my cat in 3d :: ^(image|text)-to-3d
speach to text multilingual :: ^speech-to-text
automatic captions for a lecture recording :: (^speech-to-text|veed/subtitles)
what are the lyrics in this song :: transcribe-lyrics
narrator voice for an audiobook :: ^text-to-audio .*({TTS}|voice)
design a new voice from a description :: voice-design
change voice of a recording to a woman :: (voice-changer|voice-clone|^audio-to-audio)
two speakers dialogue audio :: (vibevoice|^text-to-audio .*(speech|tts|eleven|voice))
instrumental lofi beat :: ^text-to-audio .*(music|song|ace-step|heartmula|prompt-to-audio)
minimax music 2.5 :: minimax/music-2\.5
minimax speech hd :: minimax/speech.*hd
foley :: hunyuan-video-foley
add audio to my video :: ^(video-dubbing|audio-to-video|video-to-video .*sfx)
translate a video into german keeping the lips in sync :: (video-translate|dubbing)
translate the text inside an image :: (image-translator|qwen-image/translate)
avatar that speaks my script :: ^(digital-human|image-to-video .*talk)
two people talking in one picture, multi speaker avatar :: ^(digital-human .*(multi|talk)|.*multitalk)
singing photo :: ^(digital-human|image-to-video .*talk)
make the portrait talk :: ^(digital-human|image-to-video .*talk)
replace character in a video with mine :: (animate|mocha|replace|(body|head|face)-swap|pixverse/swap|scail)
swap outfit on a model :: (tryon|body-swap|^image-to-image)
hairstyle change :: (hair-swap|^image-to-image)
couple kissing effect :: kiss
hulk transformation video :: hulk
squid game :: squid-game
cyberpunk photo filter :: image-effects/cyberpunk
360 camera spin around product :: scenario-marketing
tiktok vertical video for my shop :: (tiktok|ugc|short-video|video-ads|q3-ad)
advertising video from product photos :: (video-ads|q3-ad|ugc|tiktok)
wan 2.2 text to video 720p ultra fast :: ^(text-to-video|lora-support) .*wan-2\.2/t2v-720p.*ultra-fast
uncensored spicy image to video :: ^(image-to-video|lora-support) .*spicy
reference to video with multiple subjects :: (reference-to-video|multi-i2v|lynx|vace)
depth map :: (depth-anything|controlnet)
pose controlled image, controlnet :: controlnet
summarize what happens in a video :: ^video-to-text
is this user comment toxic :: ^content-moderation .*text
find where objects are in the picture, bounding boxes :: (moondream3-preview/(detect|point)|sam3-image)
relight a portrait :: (relight|ic-light|lighting)
""")

LISTS = {
    "first": FIRST,
    "second": SECOND,
    "third": THIRD,
    "fourth": FOURTH,
    "fifth": FIFTH,
    "sixth": SIXTH,
    "seventh": SEVENTH,
    "eighth": EIGHTH,
}
