"""What is done with voices, sounds and words. `tasks.py` says how to read this table."""

TABLE = r"""
[lip-sync]
asked say/says/saying/said person/people/character/man/woman/him/her/someone/actor {VID}/different/else
asked lip/lips/mouth sync/synch/synced/syncing/synchronize/match/synchronization/move/synchronise/movement
asked lipsync/lipsynced/lipsyncing/lipsyncs
asked sync/synchronize/match audio/voice/speech {VID}/lips/mouth
kind digital-human
name lip-?sync|latentsync|sync/
text \blip[- ]?sync|lip movements

[talking-person]
asked {SPEAK} {VID}
asked make/let/have {SPEAK}
asked influencer
asked {SPEAK} {PIC}/avatar/head/character/person/people/human/presenter/animal
asked {SPEAK} cartoon/someone/somebody/man/woman/baby/dog/cat/pet
asked avatar/presenter/spokesperson {PIC}/{VID}/audio/voice/ai/{SPEAK}/{MAKE}/realistic/virtual/digital
asked avatar
asked digital human/person/twin/humans
asked virtual human/influencer/presenter/person/humans
asked audio driven
asked {PIC} audio/voice/speech {VID}/animate/drive/bring
asked ventriloquist
asked newsreader/anchor/presenter
kind digital-human
name (?<!lip)(?:infinitetalk|avatar|talk|human|fabric|flashhead|speech-to-video|twin)
text \b(?:talk|sing|speak)ing\b

[several-people] 1.5
asked multi/multiple/two/several/both/dual people/person/persons/characters/speakers/faces/{SPEAK}
name multi\b|/multi
text multi[- ](?:character|speaker|person)

[speech]
asked tts
asked read aloud/loud/text/out/article/book/story/script
asked read/recite blog/post/newsletter/email/chapter/essay/poem/news/message/paragraph/bedtime
asked narrate/narration/narrator/voiceover/audiobook
asked podcast {MAKE}/script/host/hosts/voice/voices
asked voice over
asked speech {MAKE}/synthesis/synthesize/synthesizer/realistic/natural/multilingual/emotional
asked {VOX} {MAKE}/synthesis/realistic/natural/human/actor/female/male/reading
asked speak/say/spoken text/words/sentence/script/aloud/line
asked dialogue/dialog/conversation audio/voice/voices/speech/speakers/generate
kind text-to-audio
name speech|tts|eleven(?!labs/music)|vibevoice|flash-v|turbo-v|multilingual-v
text text[- ]to[- ]speech|\bTTS\b|speech synth
takes text

[clone-voice] 3.3
asked clone/cloning/copy/replicate/imitate/mimic/duplicate/cloned/cloner {VOX}
asked voice my/own speech/speak/say/read/tts
kind audio-to-audio|text-to-audio
name voice-clone|create-voice
text voice clon

[design-voice]
asked design/designer/invent/describe/craft {VOX}
asked {VOX} description/character/characteristics text/from/create/generate/new
name voice-design
text voice design|custom voice

[change-voice] 3.3
asked {VOX} sound like/as
asked change/changer/convert/converter/transform/modify/conversion/alter/swap/different/disguise {VOX}
kind audio-to-audio
name voice-chang|voice-conver
text voice chang|different voice

[transcribe]
asked transcribe/transcription/transcript/transcriber/transcripts/dictation/asr/stt
asked timestamp/timestamps/timings/timecodes/srt/vtt word/words/speech/audio/subtitles/spoken
asked spoken/{TALK} text/notes/minutes
asked speech/voice recognition/recognize/recognise
asked captions/subtitles audio/{TALK}/generate/create/timestamps/srt
kind speech-to-text
name ^(?!.*lyrics)
text speech-to-text|transcri

[transcribe-lyrics]
asked lyrics extract/transcribe/get/recognize/transcription/out/audio
asked lyrics what/extract/read/find song/music/track
name transcribe-lyrics
text extract\w* lyrics

[subtitles]
asked caption/captions/captioned karaoke/burn/add/hardcode/style/animated/reel
asked caption/captions my/youtube/reel/reels/tiktok {VID}
asked subtitle/subtitles/subtitling
name subtitle|whisper-with-video
text \bsubtitl

[dub]
asked dub/dubbing/dubbed/redub
asked translate/translation/translator/localize {VID}/speech/audio/voice/movie/spoken/language
asked {VID} {LANG} another/other/into/to/in/different
name dubbing|video-translat
text \bdub(?:s|bing)?\b|video translat|translates and dubs

[translate-image]
asked translate/translation/translator {PIC}/text/menu/sign/poster/manga/comic/screenshot
asked change/turn/convert/put text/words/sign/label/caption {LANG}
kind image-to-image
name translat
text translat

[music]
asked music/song/songs/melody/beat/beats/instrumental/jingle/tune/compose/composer/rap
asked lyrics/lyric
asked soundtrack
asked background music/score
asked suno/udio
asked sing/singing/sings/sung voice/vocals/choir/melody
kind text-to-audio
name music|song|ace-step
text \bmusic\b|\bsongs?\b
takes lyrics

[edit-music]
asked remix/remixing
asked separate/separation/isolate/split/extract/{MOVE} vocal/vocals/stem/stems/acapella/karaoke/drums
asked music/song/track/audio/lyrics edit/change/extend/continue/inpaint
asked music/song/track/audio/lyrics outpaint/longer/cover/rework/modify
kind audio-to-audio
name ace-step
text remix|audio segment|extensions

[music-video]
asked music video/videos/mv
asked mv
asked video {MAKE}/for song/track/mp3
name music-video|/mv$
text music video

[video-music]
asked background music/score/soundtrack/song {VID}
asked music/score/soundtrack/song add/put/for/match/fitting {VID}
asked soundtrack video/clip/film/movie
name video-to-music|video-to-audio|mmaudio|think-sound
text music synced|soundtrack|background music

[sound-effects]
asked sound/sounds effect/effects/fx/design/ambient/generate/generator/create/text
asked sfx
asked foley
asked audio/sound/sounds add/generate/create/put/give/make/missing/match/silent/mute {VID}
asked silent/mute/muted video/clip/footage
asked ambient/ambience/noise sound/audio
name sfx|foley|think-sound|mmaudio|video-to-audio|kling-text-to-audio|sound-effect
text sound effects?|foley|audio from video|audio for (?:any )?video

[caption]
asked caption/captioning/captions/captioner/describe/description/alt/explain/tag/tags {PIC}/{VID}
asked caption/captioning/captioner
asked alt text
asked what see/in/on/shows/happening image/picture/photo/video
asked reverse prompt
kind image-to-text|video-to-text
name caption|minicpm|moondream3-preview/(?:caption|query)|understanding
text \bcaption|descri

[visual-questions]
asked question/questions/ask/answer/answering/qa/vqa/query {PIC}/{VID}/visual/about
asked vqa
asked count/many/who/identify {PIC}/{VID}
asked vision/visual/multimodal language/llm/question/questions/chat/understanding
asked vlm
asked understand/understanding/analyze/analyse/analysis/interpret/recognize {PIC}/visual
asked chat image/picture/photo/images
kind image-to-text|video-to-text|llm
name qa|query|minicpm|vision|understanding
text question|understanding|Q&A

[watch-video]
asked understand/understanding/analyze/analyse/analysis/summarize/summary/watch/interpret/question {VID}
asked {VID} question/questions/qa/summary/happening
kind video-to-text
text video (?:understanding|analysis|content)

[read-text]
asked ocr
asked read/extract/recognize/scan/pull/get text/words {PIC}/document/pdf/scan
asked read/extract/recognize/scan/pull/get text/words screenshot/page/receipt/invoice
asked text recognition/extraction
asked document/receipt/invoice/handwriting/pdf parse/parsing/read/extract/scan/scanned/text/understanding
asked parse/scan document/receipt/invoice/table/handwriting
name ocr
text \bOCR\b|document parsing

[detect]
asked find/locate/detect/spot {PIC}
asked detect/detection/detector/locate object/objects/people/person/items/things/face/faces
asked localize/find/count/counting object/objects/people/person/items/things/face/faces
asked bounding box/boxes
asked object/objects detection/detect/locate
asked point/coordinates object/objects/image
kind image-to-text|video-to-text
name /detect|/point|sam3.*rle
text bounding box|detect\w* (?:\w+ )*objects|finds objects

[segment]
asked outline/box/boxes/line/contour around/each/every
asked segment/segmentation/segmenting/sam
asked mask/masks object/objects/person/people/subject/hair/sky/car/generate/create/extract
asked mask image/video from/of/out/get
name sam3
text segment

[depth]
asked depth map/maps/estimation/estimate/video/image
asked depth
name depth
text depth map

[moderate]
asked safe/unsafe/appropriate/inappropriate text/content/image/video/comment/message/picture
asked moderate/moderation/moderator/moderating
asked nsfw/unsafe/harmful/explicit/nudity detect/detection/detector/filter/check/classify/classifier
asked violence/toxic/toxicity/hate/inappropriate/offensive detect/detection/detector
asked violence/toxic/toxicity/hate/inappropriate/offensive filter/check/classify/classifier
asked nsfw/unsafe/harmful/explicit/nudity flag/block/is/text/comment/comments/content/safe
asked violence/toxic/toxicity flag/block/is/text/comment/comments/content/safe
asked hate/inappropriate/offensive flag/block/is/text/comment/comments/content/safe
asked safety/policy check/filter/content/classifier
asked content safe/safety/filter
kind content-moderation

[chat]
asked llm/chat/chatbot/chatgpt/claude/llama/deepseek/assistant/mistral
asked language large/model
asked text generation/generate/generator/completion
asked write/summarize/summarise/rewrite story/essay/article/text/code/email/blog/poem/document
asked answer question/questions
asked gpt 4/4o/5/chat/talk/ask
asked talk/ask llm/chatgpt/claude/llama
kind llm
name any-llm

[better-prompt]
asked prompt optimize/optimizer/optimise/optimization/enhance/enhancer
asked prompt improve/better/rewrite/expand/refine/magic/engineer
name prompt-optim
text prompt optimiz
"""
