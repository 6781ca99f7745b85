"""More lists of wishes, by another hand. `wishes.py` says how to read them.

`NINTH` and `TENTH` were written together before their author had seen the ranking; they mix how an agent
calls a tool, how people talk and what a task needs. `ELEVENTH`, `TWELFTH` and `FOURTEENTH` lean to how people
talk.

    at first sight    first hit right   one of five right   share of those shown that are right
    NINTH             0.88              0.92                0.77
    TENTH             0.83              0.88                0.81
    ELEVENTH          0.85              0.88                0.83
    TWELFTH           0.73              0.78                0.73
    THIRTEENTH        0.95              0.98                0.91
    FOURTEENTH        0.88              0.95                0.86
    FIFTEENTH         0.90              0.92                0.89
"""

from .wishes import parse

NINTH = parse(r"""
kling 2.6 pro image to video :: kling-v2.6-pro/image-to-video
seedream v4 edit :: seedream-v4/edit
qwen image lora :: qwen-image/.*lora|qwen-image.*lora-trainer
flux kontext :: flux-kontext
minimax speech hd :: minimax/speech-.*hd
veo 3.1 fast t2v :: veo3.1-fast/text-to-video
sora 2 pro :: sora-2-pro|sora-2/.*-pro
wan 2.2 i2v 720p lora :: wan-2.2/i2v-.*720p-lora
nano banana pro :: nano-banana-pro
hailuo 02 standard :: hailuo-02/.*standard
elevenlabs v3 :: elevenlabs/eleven-v3
gpt image edit :: gpt-image-1.*edit|^image-to-image .*openai/gpt-image-1
imagen 4 ultra :: google/imagen4-ultra
ideogram v3 :: ideogram-v3
pixverse 5.5 text2video :: pixverse-v5.5/text-to-video
luma ray 2 flash :: ray-2-flash
runway aleph :: aleph
recraft svg :: recraft.*(svg|vector)
topaz :: topaz/
whisper large v3 :: whisper
z-image turbo lora :: z-image/turbo-lora|z-image-turbo/.*lora
ltx 2.3 i2v :: ltx-2.3.*/image-to-video
seedance 1.5 pro text to video fast :: seedance-v1.5-pro/text-to-video-fast
vidu q3 start end :: vidu/q3.*start-end
hunyuan 3d v3 image to 3d :: hunyuan-?3d.v3.*image-to-3d
flux 2 klein 9b edit lora :: flux-2-klein-9b/edit-lora
grok imagine video edit :: grok-imagine-video/edit-video
kling o3 reference to video :: kling-video-o3.*/reference-to-video
stable diffusion 3.5 large turbo :: stable-diffusion-3.5-large-turbo
ace step 1.5 :: ace-step-1.5
turn my sketch into a photo :: controlnet|^image-to-image .*(edit|kontext|nano-banana|uno|redux)|sketch
make my logo spin :: spin|orbit|image-to-video
song from lyrics :: song-generation|heartmula/generate|ace-step|music-
read this text out loud in a female voice :: ^text-to-audio .*{TTS}
transcribe meeting :: ^speech-to-text
I want to put my face on another body :: face-swap|body-swap|head-swap|portrait-transfer
make an old photo of grandma move :: live-memory|image-to-video|lora-support|video-effects
fix scratches on an old photograph :: restore
what is in this picture :: ^image-to-text|any-llm/vision
get rid of the people in the background of my photo :: eraser|^image-to-image .*edit|flux-fill|inpaint
add sound effects to a silent clip :: ^video-dubbing|video-to-music
my video is blurry, make it sharper :: ^upscaler .*video|flashvsr|upscale-v1
make the cat in my picture talk :: ^digital-human|talking|multitalk
turn myself into an anime character :: ghibli|manga|image-effects|edit|cartoon|^image-to-image
put subtitles on my video :: veed/subtitles
change the words in a picture to Spanish :: translat
dub my video in French :: dubbing|video-translate
make a short film from a script :: drama|cinematic|text-to-video
see how a dress looks on me :: tryon
give me a different hairstyle :: hair-swap|red-or-white|edit|^image-to-image
remove the watermark from a clip :: video-watermark-remover
make two people hug :: hug
clone my voice :: voice-clone|create-voice
slow motion smooth video :: rife|fps-increaser
convert a drawing to a 3d object :: sketch-to-3d|image-to-3d
make a long podcast with two speakers :: vibevoice|text-to-audio
a robot reads my blog post :: text-to-speech|speech-|tts|eleven|vibevoice|flash-v2|turbo-v2|multilingual
make my photo dance :: dance|subject-3|animate|motion-control|twerk|dreamactor|scail
blend two pictures together :: image-blend|multi|edit|remix|uno|image-to-image
change the weather in my photo :: reseason|edit|kontext
haircut try-on :: hair-swap|red-or-white|edit
stem separation :: audio|sound|music
product photo with white background :: background|product|edit
first and last frame video :: start-end|flf2v|transition|pikaframes|start-end-frame|image-to-video
video with sound :: text-to-video|image-to-video|video-dubbing|ovi/|veo3
reference images video :: reference-to-video|elements|multi-i2v|lynx
3d model from photo :: image-to-3d
train a lora on my face :: ^training
detect nsfw :: moderator
translate video :: video-translate|dubbing
cheapest text to image under 1 cent :: ^text-to-image
4k upscaler :: ^upscaler|real-esrgan
long video :: longcat|text-to-video|image-to-video|video-extend|infinitetalk|magi|framepack|SkyReels
talking head from audio :: ^digital-human|multitalk
inpainting :: inpaint|flux-fill|eraser|ideogram-character|edit
outpainting :: zoom-out|expand|outpaint|flux-fill
depth map video :: depth-anything/video
pose control image :: controlnet
virtual try on :: tryon
vector illustration :: svg|vector
image segmentation mask :: sam3-image
ocr pdf table :: ocr
image captioning :: caption
video captioning :: video-captioner|^video-to-text|subtitles
anime image generator :: neta-lumina|pony|^text-to-image
uncensored image :: chroma|^text-to-image
voice design from description :: voice-design
realtime low latency tts :: flash|turbo|speech-2.6|inworld|qwen3-tts|text-to-speech
sound effects from text :: kling-text-to-audio|^text-to-audio|mmaudio
foley :: foley|^video-dubbing
""")

TENTH = parse(r"""
dall-e :: dall-e
sdxl lora :: sdxl-lora
infinitetalk multi :: infinitetalk.*multi
happyhorse 1.1 :: happyhorse-1.1
gemini tts :: gemini-2.5.*text-to-speech
gemini omni flash video edit :: gemini-omni-flash/video-edit
wan 2.7 reference to video :: wan-2.7/reference-to-video
wan animate :: wan-2.2/animate
kling motion control :: kling.*motion-control
seedvr2 :: seedvr2
bria fibo relight :: fibo/relight
sync lipsync 3 :: sync/lipsync-3
omnihuman 1.5 :: avatar-omni-human-1.5
vace :: vace
chatterbox or vibevoice tts :: vibevoice
flux dev lora trainer :: flux-dev-lora-trainer
moondream detect :: moondream3-preview/detect
sam 3 video :: sam3-video
mmaudio :: mmaudio
meshy :: meshy
tripo multiview :: tripo3d.*multiview
rodin text to 3d :: rodin-v2/text-to-3d
pika frames :: pikaframes
midjourney video :: midjourney/image-to-video
framepack :: framepack
kling 2.1 master t2v :: kling-v2.1-t2v-master
t2v-480p ultra fast wan 2.1 :: wan-2.1/t2v-480p.*ultra-fast
suno :: ^text-to-audio
hidream edit :: hidream-e1
type:upscaler video :: ^upscaler .*video.*|flashvsr|runwayml/upscale
I need a picture of a sunset over the sea :: ^text-to-image
make background music for my video :: video-to-music|music|video-dubbing
write a better prompt for me :: prompt-optimizer
ask a question about a video :: video-qa|video-understanding|minicpm-v/video
make a person in the video say something else :: lipsync|latentsync|video-to-video|infinitetalk|digital-human
make the picture bigger without losing quality :: upscal|increase-resolution|seedvr2/image|real-esrgan|crisp
make this black and white picture colourful :: colorize
cut the person out of the picture :: background|sam3-image|cutout
what does the sign in the photo say :: ocr|image-to-text|vision
extend the end of my clip by a few seconds :: extend
make me look like a superhero :: hulk|captain-america|cap-walk|flying|image-effects|video-effects
create a logo for my bakery :: recraft|^text-to-image
turn my selfie into a cartoon :: cartoon|ghibli|comic|manga|effects|^image-to-image
make a vertical clip for tiktok :: tiktok|short-video|ugc
is this image safe for work :: image-content-moderator|content-moderator/image
show my product from all sides :: orbit|spin|multiple-angles
a talking photo of my dad :: talking|^digital-human|multitalk
change the voice in my recording :: voice-changer|audio-to-audio|voice-clone
give the movie a different style :: ^video-to-video|v2v
make a picture with readable text on it like a poster :: ideogram|recraft|^text-to-image
chat with an ai :: any-llm
count the apples in this photo :: image-qa|moondream|image-to-text|vision
draw a line around every car in the image :: sam3-image|moondream3-preview/detect|point
put my face in different scenes :: pulid|infinite-you|character|soul|uno|lynx|portrait|image-to-image
make the video wider :: outpainter|reframing
replace the actor in my video with me :: body-swap|face-swap|head-swap|mocha|replace|animate|pixverse/swap
turn a video game clip into real life :: synthetic-to-real|restyle|ditto|^video-to-video
kids voice that sings :: music|song|ace-step|heartmula
make my picture come alive :: image-to-video|live-memory|lora-support
join two videos :: video-joiner
frame interpolation :: rife|fps-increaser
camera angle change of an image :: multiple-angles|edit|kontext
layered image with transparency :: layered|background
character consistency across images :: character|soul|sequential|kontext|multi|pulid|uno|^image-to-image
face swap video :: video-face-swap|video-head-swap|pixverse/swap
lip sync to existing video :: lipsync|latentsync|video-to-video|react
dance video motion transfer :: ^motion-control|dance
style transfer image :: redux|uso|edit|^image-to-image|image-effects|kontext
video inpainting mask :: void-video|video-eraser/mask|mocha
multi-person conversation avatar :: multi
ad video from product image :: video-ads|q3-ad|ugc|scenario|image-to-video
music video from song :: music-video|one-click|mv
lyrics transcription :: transcribe-lyrics
word timestamps speech :: whisper|timing|^speech-to-text
controlnet canny :: controlnet
image to image with lora :: image-to-image-lora|edit-.*lora|lora
text to video with lora :: t2v-.*lora|text-to-video-lora
video to video lora :: v2v-.*lora
low cost image to video 480p :: 480p|fast|image-to-video
4k text to video :: 4k/text-to-video|^text-to-video
batch of consistent images :: sequential|multi
relighting :: relight|ic-light|lighting
denoise photo :: denoise|restore
object removal video :: video-eraser|void-video
speech to speech voice conversion :: voice-changer|audio-to-audio|voice-clone
image edit with multiple reference images :: edit|multi|kontext|image-o1|reference-to-image
video question answering :: video-qa|video-understanding|minicpm-v/video
photorealistic portrait of a woman :: female-human|^text-to-image
audio driven avatar 1080p :: ^digital-human|avatar
video format conversion mp4 gif :: video-converter
""")

ELEVENTH = parse(r"""
remove my ex from this picture :: eraser|^image-to-image .*(edit|kontext|seededit-v3|gpt-image-1$)
make the sky more dramatic :: edit|relight|reseason|^image-to-image
I want my photo to look like a watercolor :: image-effects|edit|style|^image-to-image
generate a jingle for a radio ad :: music|song|ace-step
make this clip longer :: extend
voice over for my presentation :: {TTS}
two minute pop song with vocals :: music|song|ace-step
turn my kid's drawing into a movie :: sketch-to-video|image-to-video
take the vocals out of a track :: audio-to-audio|ace-step
get text out of a scanned invoice :: ocr
change my shirt colour :: edit|kontext|tryon|^image-to-image
make my dog wear a hat :: edit|kontext|^image-to-image
a video where I hug my younger self :: child-memory|hug
put my product on a marble table :: embed-product|generate-background|edit|^image-to-image
swap the heads of two people in a photo :: head-swap|face-swap
make the speaker's lips match the new audio :: lipsync|latentsync|digital-human
speed up or smooth out a choppy clip :: fps|rife
animate a character using my own dance video :: ^motion-control
sharpen a blurry photo :: sharpen|upscaler|restore|real-esrgan|crisp
fill in the missing part of an image :: inpaint|fill|expand|eraser
generate pictures in my own style after training :: ^training
image with chinese text on it :: qwen-image|longcat-image|glm-image|seedream|^text-to-image
ring light effect on my portrait :: relight|ic-light|lighting|edit
what language model can I use :: ^llm
find all the dogs in an image :: moondream3-preview/(detect|point)|sam3-image|image-qa|query
check comments for hate speech :: text-content-moderator|content-moderator/text
zoom out of a picture :: zoom-out|expand|outpaint
make my picture 8k :: upscal|seedvr2/image|increase-resolution|real-esrgan
cinematic drone shot of a mountain :: ^text-to-video|^text-to-image|cinematic
short clip of waves with ocean sounds :: ^text-to-video|^image-to-video
generate a 3d character for a game :: 3d
turn a selfie into a 3d figurine :: 3d|toy-me|figurine|image-effects
convert video to 60 fps :: fps|rife
crop a horizontal video to vertical :: refram|outpainter
mask the person in a video :: sam3-video
video of two photos morphing into each other :: start-end|transition|flf2v|pikaframes|first|image-to-video
describe a video :: video-captioner|video-understanding|^video-to-text
avatar from text script :: digital-twin|digital-human|talk|lipsync/text
qwen edit 2511 :: edit-2511
seedance 2 fast :: seedance-2.0-fast
nano banana 2 edit :: nano-banana-2/edit
hunyuan video foley :: foley
kling 1.6 multi :: kling-v1.6-multi
flux schnell :: flux-schnell
minimax voice clone :: voice-clone
wan 2.5 t2v :: wan-2.5/text-to-video
p-video avatar :: p-video/avatar
gpt-image-1 mini :: gpt-image-1-mini
ray 3.2 :: ray-3.2
veo3 i2v :: veo3.*image-to-video
skyreels v4 :: skyreels-v4
flux 3 draft :: flux-3/.*draft
ltx lora trainer :: ltx-2-19b/.*trainer
vidu reference :: vidu/(q3/)?reference
grok image :: grok-(2-image|imagine-image)
hailuo 2.3 fast :: hailuo-2.3/fast
animate anime character with pose video :: ^motion-control
negative prompt text to image :: ^text-to-image
image to video with end frame :: start-end|transition|flf2v|pikaframes|image-to-video
portrait to singing video :: ^digital-human|multitalk|talking
""")

TWELFTH = parse(r"""
i have a selfie and want to see myself with a beard :: edit|kontext|^image-to-image|image-effects
can you make the people in this image disappear :: eraser|edit|kontext|^image-to-image
replace the sky in a photo with a sunset :: edit|kontext|generate-background|seededit|^image-to-image
make a photo of my room look modern :: edit|kontext|^image-to-image
generate an audiobook from a novel :: {TTS}
instrumental lofi beat :: music|song|ace-step
I have an mp3 and a photo, make the photo sing :: ^digital-human|multitalk|talking
tutorial video with a talking presenter :: ^digital-human|talking|multitalk
rain sounds :: text-to-audio|sfx|foley|mmaudio
explosion sound effect :: kling-text-to-audio|sfx|foley|mmaudio|video-dubbing|video-to-audio
change the language spoken in a video :: dubbing|video-translate
remove logo from video :: video-watermark-remover|video-eraser
remove subtitles from a video :: video-watermark-remover|video-eraser|text-remover
blur out :: edit|eraser|text-to-image|upscaler|sharpen|restore
photo of a car from different angles :: multiple-angles|multi-?shot|ai-multi-shot|edit|orbit
fake kiss video :: kiss
superhero transformation :: hulk|captain-america|cap-walk|flying|video-effects|image-effects
turn into lego or minecraft :: minecraft|toy-me|image-effects|edit
halloween video template :: vidu/template/halloween
photo booth effects for parties :: image-effects|video-effects|effects
explain this chart to me :: ^image-to-text|vision|ocr
image to prompt :: ^image-to-text|caption
is there violence in this video :: video-content-moderator
improve my prompt :: prompt-optimizer
generate code with an llm :: ^llm
speech to text in german :: ^speech-to-text
subtitle file from video :: whisper|subtitles
karaoke captions on video :: veed/subtitles
singer voice clone :: voice-clone|create-voice
make my voice sound like a robot :: voice-changer|audio-to-audio|voice-clone
a narrator with a british accent :: speech|tts|eleven|vibevoice|voice-design|flash-v|turbo-v|multilingual
turn a floor plan into 3d :: image-to-3d|sketch-to-3d
glb with pbr textures :: -to-3d
3d avatar of a person from one photo :: sam-3d-body|image-to-3d
cheap image editing :: edit|kontext|^image-to-image
best quality video model with native audio :: veo3|sora|kling|seedance|wan|^text-to-video|^image-to-video
fastest image generation :: fast|turbo|flash|schnell|lightning|^text-to-image
10 second video from image :: ^image-to-video|^lora-support
1080p image to video :: 1080p|^image-to-video
upscale anime image :: ^upscaler|real-esrgan
real-esrgan :: real-esrgan
clean up audio noise :: audio|voice-changer
color grade a video :: ^video-to-video
add snow to a street photo :: reseason|edit|kontext|^image-to-image
day to night photo :: relight|reseason|edit|kontext|ic-light|^image-to-image
product video 360 :: orbit|spin
fashion model wearing my clothes :: tryon|edit
real estate photo enhancement :: upscaler|edit|lighting|restore|relight
book cover :: ^text-to-image
app icon :: ^text-to-image|svg|vector
pixel art :: pixel-me|^text-to-image|image-effects
meme video :: manga-meme|text-to-video|image-to-video|video-effects
storyboard from script :: sequential|drama|multi-shot|^text-to-image|multi
consistent character video :: reference-to-video|lynx|elements|vidu|multi-i2v
first frame last frame wan :: flf2v|wan-
video background replacement :: video-background-remover|pixverse/swap|generate-background|video-edit
edit video with text prompt :: ^video-to-video
restyle video anime :: restyle|ditto|^video-to-video|ghibli
rotate object in image :: multiple-angles|edit|spin|orbit
lora training wan video :: wan.*trainer|video-lora-trainer
""")

THIRTEENTH = parse(r"""
dub a video :: dubbing|video-translate
product advertisement video :: video-ads|q3-ad|ugc
hug video effect :: hug|couple-arrival|love-drop
old photo restoration :: restore
portrait relighting :: relight|ic-light|lighting
ai influencer video :: ugc|^digital-human|talking|tiktok
audio to video avatar :: ^digital-human|multitalk|audio-to-video
kling elements :: kling-elements|reference-to-video
seedream sequential :: seedream.*sequential
wan vace :: wan-2.1-14b-vace|vace
wan 2.2 spicy lora :: wan-2.2-spicy/.*lora
ideogram character :: ideogram-character
bria eraser :: bria/(video-)?eraser
qwen tts :: qwen3-tts
instant character :: instant-character
veed fabric :: veed/fabric
heygen :: heygen
image translate :: translat
photo colorizer :: colorize
speaker diarization transcription :: ^speech-to-text
long form tts with multiple speakers :: vibevoice|^text-to-audio
low latency voice :: flash|turbo|speech-|inworld|^text-to-audio
voice cloning from a short sample :: voice-clone|create-voice
sing a song with my lyrics :: song|music|ace-step|heartmula
video summary :: video-understanding|video-captioner|^video-to-text|video-qa
nudity check for uploaded images :: image-content-moderator|content-moderator/image
extract subject mask from photo :: sam3-image|background-remov|remove-background
bounding box detection :: detect|sam3-image-rle|point
vision llm :: vision|^image-to-text
ghibli style :: ghibli
make a comic of me :: comic|manga|^image-to-image
kiss my crush :: kiss
dance like a tiktoker :: dance|subject-3|twerk|^motion-control|shake
make me fly :: flying|balloon|image-to-video|video-effects
squish effect :: pinch|video-effects
muscle :: muscling|sexy-me|hulk
camera zoom effect :: zoom
red carpet video of me :: star-carpet|oscar|flame-carpet
wedding video from couple photo :: wedding|proposal|love-story
pet video :: pet-lovers|fluffy-plunge|dog|video-effects|^image-to-video
gen 4 image :: gen4-image
stable diffusion 3 :: stable-diffusion-3
cogview :: cogview
z image controlnet :: z-image-turbo/controlnet
flux fill :: flux-fill
flux ultra :: flux-1.1-pro-ultra|flux.*ultra
krea :: krea
chroma :: chroma
pony :: pony
extend veo video :: veo3.1.*video-extend
4k kling :: kling.*4k
seedance reference :: seedance-v1-lite/reference
pixverse transition :: pixverse.*transition
multi angle product shots :: multiple-angles|multi-shot|orbit|spin|embed-product|edit-
lip-sync audio and image to talking video :: ^digital-human|multitalk|talking
turn text into a talking avatar :: ^digital-human|talking
expand image to 16:9 :: expand|zoom-out|outpaint
remove reflections and people from photo :: eraser|edit
video to audio :: ^video-dubbing|video-to-music|video-to-audio
generate 3d model from text :: text-to-3d
""")

FOURTEENTH = parse(r"""
I have a still image and I want the camera to slowly zoom in :: zoom-in|image-to-video
can I hear what this paragraph sounds like :: {TTS}
I need captions for my youtube video :: subtitles|whisper|captioner
what song lyrics are in this audio :: transcribe-lyrics
make a photo of my dog look like a painting :: image-effects|edit|style|kontext|^image-to-image
I want to dub a movie into hindi :: dubbing|video-translate
delete the text from this meme :: text-remover|eraser|edit
turn day into night in my picture :: relight|reseason|edit|kontext|^image-to-image
I want the same character in ten pictures :: sequential|character|instant|pulid|uno|multi|kontext|infinite|uso
make a video from several photos of my friend :: reference-to-video|multi-i2v|elements|image-to-video
write an email :: ^llm
give my avatar a voice :: ^digital-human|talking|speech|tts|text-to-audio
how do I get rid of a logo in my clip :: video-watermark-remover|video-eraser
create a talking animal :: ^digital-human|talking|multitalk
stitch clips into one :: video-joiner
make my video look like anime :: restyle|ditto|ghibli|^video-to-video|modify
improve the lighting in my photo :: relight|lighting|ic-light|edit
my phone video is 480p, I want it 4k :: ^upscaler .*video|flashvsr|upscale-v1
swap my face into a movie scene :: face-swap|head-swap|swap
build a 3d model of my shoe from pictures :: image-to-3d|multiview|multi-view
make a game character in 3d from text :: text-to-3d
I want a piano melody :: music|song|ace-step|^text-to-audio
change what I said in an interview video :: lipsync|latentsync|^digital-human|dubbing|video-to-video
change the voice of a song to a woman's :: voice-changer|audio-to-audio
fill the empty background beside my subject :: expand|outpaint|zoom-out|fill|generate-background|inpaint|edit
draw a cat :: ^text-to-image
render a house from this sketch :: controlnet|edit|kontext|sketch|^image-to-image
animate my drawing :: sketch-to-video|image-to-video
make a slideshow video with music :: music-video|mv|video-to-music|text-to-video|image-to-video
check if a comment is offensive :: text-content-moderator|content-moderator/text
text removal :: text-remover
motion brush or motion control for images :: ^motion-control
background blur :: background|edit
text in image editing :: edit|text-remover|translat|kontext
multilingual speech synthesis :: {TTS}
cheap image to video :: ^image-to-video|lora-support
image variations :: redux|remix|uno|edit
sora watermark remover :: video-watermark-remover
high resolution text to image 4k :: ^text-to-image
fast text to video :: ^text-to-video|lora-support
portrait video 9:16 :: ^text-to-video|^image-to-video|tiktok|short
music extend :: audio-outpaint|ace-step
open source video model :: ^text-to-video|^image-to-video
character replacement in video :: replace|mocha|swap|animate
image to svg :: svg|vector
dynamic background music generation :: music|song|ace-step|text-to-audio
sound for silent film :: ^video-dubbing|video-to-music|sfx
video editing by instruction :: ^video-to-video
lora fine tuning :: ^training
anime video :: ^text-to-video|^image-to-video|ghibli|restyle|manga
image quality enhancement :: ^upscaler|restore|sharpen|real-esrgan|denoise
person removal :: eraser
image tagging :: caption|^image-to-text
nsfw video generator :: spicy
logo animation :: ^image-to-video|spin|orbit
drone shot video :: ^text-to-video|^image-to-video
headshot generator :: ^text-to-image|soul|pulid|infinite|character|^image-to-image
text to song :: song|music|ace-step
talking photo :: talking|^digital-human|multitalk
speech enhancement :: audio-to-audio|voice-changer|text-to-audio
""")

FIFTEENTH = parse(r"""
create a talking avatar from a photo and an audio file :: ^digital-human|multitalk|talking
generate a photo of a red sports car :: ^text-to-image
turn a product photo into a video ad :: video-ads|q3-ad|ugc|^image-to-video|scenario
edit a photo with a text instruction :: edit|kontext|^image-to-image
change someone's outfit in a photo :: tryon|edit|kontext|^image-to-image
music generation :: music|song|ace-step
remove vocals from song :: audio-to-audio|ace-step
upscale a video to 4k :: ^upscaler .*video|^upscaler|flashvsr
generate subtitles :: subtitles|whisper
voice cloning :: voice-clone|create-voice
convert speech to text :: ^speech-to-text
video with audio from text :: ^text-to-video
lip sync video with new audio :: lipsync|latentsync|infinitetalk|^digital-human
describe what's in a photo :: ^image-to-text|vision
make a gif from a photo :: ^image-to-video|lora-support|video-effects
make my car photo look professional :: edit|lighting|upscal|kontext|^image-to-image|product
photo to pixar cartoon :: image-effects|ghibli|edit|kontext|^image-to-image|cartoon
extend a song :: audio-outpaint|ace-step
replace background of product image :: background|product|edit
detect faces in image :: detect|point|sam3
classify inappropriate content in video :: video-content-moderator
generate several images from one prompt :: sequential|multi|^text-to-image
turn text to svg logo :: vector|svg
create a 3d model of a chair :: -to-3d|3d
restore faces in an old picture :: restore|^upscaler|real-esrgan
image to image with reference :: image-to-image|edit|reference-to-image|kontext
kling avatar :: kling.*avatar
wan speech to video :: wan-2.2/speech-to-video
hunyuan image :: hunyuan-image
google image generation :: google/.*(image|banana)|imagen
openai video :: openai/sora
bytedance lip sync :: bytedance/(latentsync|lipsync)
runway image to video :: runwayml/gen4-turbo
alibaba image edit :: alibaba/.*(edit|translate)
elevenlabs sound :: elevenlabs
luma modify :: luma/.*modify
vidu template :: vidu/template
nvidia :: nvidia
tencent 3d :: hunyuan-?3d
recraft upscale :: recraft.*upscale
minimax music 2.5 :: music-2.5
seedance 2.5 turbo :: seedance-2.5/.*turbo
flux lora :: flux.*lora
wan 2.1 lora video :: wan-2.1/.*lora
ltx 2 audio :: ltx-2
sam 3d body :: sam-3d-body
gemini 3 pro image :: gemini-3-pro-image
qwen image max :: qwen-image-max
a cartoon of two dogs drinking tea :: ^text-to-image
make the statue in my photo dance :: ^motion-control|dance|^image-to-video
slow zoom on a landscape photo :: zoom|^image-to-video
make a movie trailer :: cinematic|^text-to-video
interior design from a photo of a room :: edit|kontext|^image-to-image
passport photo :: ^text-to-image|background|edit|^image-to-image
add text to an image :: edit|kontext|ideogram|^image-to-image
remove red eye :: edit|eraser|^image-to-image|restore
combine my face with a celebrity :: face-swap|blend|edit|^image-to-image
generate an instrumental from humming :: ace-step|song|music
read a pdf aloud :: {TTS}|ocr
turn my voice memo into notes :: ^speech-to-text
""")

LATER = {
    "ninth": NINTH,
    "tenth": TENTH,
    "eleventh": ELEVENTH,
    "twelfth": TWELFTH,
    "thirteenth": THIRTEENTH,
    "fourteenth": FOURTEENTH,
    "fifteenth": FIFTEENTH,
}
