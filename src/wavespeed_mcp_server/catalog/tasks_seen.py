"""What is done to pictures, videos and 3D models. `tasks.py` says how to read this table."""

TABLE = r"""
[remove-background]
asked {MOVE}/isolate/no/extract/without/separate background/bg/backdrop
asked transparent background/bg/png/image/cutout
asked cutout
asked cut out object/person/people/subject/product/it/him/her/me/figure
asked cut subject/object/person
asked matting
asked green screen
asked isolate subject/product/object/person
name background-remov|remov\w*-background
text \bbackground remov|remov\w* (?:the |or replace \w+ )?backgrounds?\b

[replace-background]
asked replace/change/swap/new/generate/different/add/put background/backdrop/scene
kind image-to-image|ai-remover|portrait-transfer
name generate-background|background-(?:remov|replac|gener)|pixverse/swap
text replac\w* (?:\w+ )?backgrounds?|backgrounds? (?:replac|generat)

[remove-watermark]
asked watermark
asked {MOVE} logo/stamp
name watermark
text remov\w* [^.]*watermark

[remove-text]
asked {MOVE} text/words/writing/letters/lettering/caption/captions/subtitles/date
kind ai-remover
name text-remov|video-watermark
text (?:remov|eras)\w* [^.]*\btext\b

[erase]
asked {MOVE} object/person/people/thing/unwanted/tourist/item/element/blemish/stranger/photobomber/car
asked magic eraser/erase
asked object removal
asked eraser
asked erase
asked cleanup photo/image/picture
name eraser
text object (?:eras|remov)|remov\w* (?:unwanted )?objects

[inpaint]
asked inpaint
asked fill mask/region/area/missing/part
asked mask edit/replace/paint
asked generative fill
kind image-to-image|ai-remover|audio-to-audio|video-to-video
name inpaint|flux-fill|eraser
text inpaint|\bmask

[upscale]
asked 2k/4k/8k/hd/uhd my/this/these/our/old {PIC}/{VID}
asked upscale/upscaler/upscaling/upres/superresolution
asked super resolution
asked enhance/enhancer/improve/increase/boost resolution/quality/clarity/detail/definition
asked raise/double/triple/quadruple/2x/4x resolution/quality/clarity/detail/definition
asked enhance/enhancer/enhancement/enlarge/unblur/deblur
asked low resolution/res/quality
asked blurry
asked blur fix/remove
asked sharper/clearer/bigger/larger {PIC}/{VID}
kind upscaler
text \bupscal|super-resolution

[upscale-id]
asked esrgan
name esrgan

[sharpen]
asked sharpen/sharper/sharpness/unblur/deblur/blurry/focus
name sharpen
text sharpen

[denoise]
asked denoise/noise/noisy/grain/grainy
name denois
text denois|noise reduc

[restore]
asked restore/restoration/repair old/photo/image/picture/damaged/vintage/scratches
asked damaged/scratched/scratches old/photo/image/picture/damaged/vintage/scratches
asked restore/restoration
asked fix old/damaged/faded photo/picture/image
kind image-to-image|upscaler
name /restore|restor
text \brestor(?:e|ation)

[colorize]
asked colorize/colourize/colorise/colourise/colorization/colorizer/colorized/colorizing
asked color/colour/colorful/colourful/colors black white/old
asked color/colour add/bring grayscale/bw/old/black
name coloriz
text \bcolori[sz]

[relight]
asked relight/relighting
asked light/lighting/illumination change/adjust/fix/edit/new/different/studio/{PIC}
name relight|ic-light|lighting
text \brelight|lighting (?:control|adjust)

[season]
asked day night
asked weather/snow/rain/fog change/add/put/make/turn {PIC}
asked season change/winter/summer/autumn/spring/different
asked reseason
name season

[outpaint]
asked wide/wider/taller/broader {PIC}/{VID}
asked outpaint/outpainting/uncrop/outpainter
asked expand/extend/widen border/canvas/edges/frame/beyond/{PIC}/background
asked zoom out image/picture/photo
name outpaint|/expand|image-zoom-out|extend-image|uncrop
text outpaint|expand\w* (?:an |the |any )?(?:image|picture|photo)

[reframe]
asked reframe/reframing/crop
asked change/convert/resize aspect/ratio/vertical/horizontal/portrait/landscape {VID}
asked aspect ratio change/convert/different
name refram|video-outpaint|bria/expand
text refram|aspect ratio and fill

[frame-rate]
asked fps/framerate increase/double/higher/more/60/smooth/boost/60fps
asked frame/frames rate/interpolation/interpolate/interpolating/smooth
asked fps/60fps/framerate
asked interpolate/interpolation
asked slow motion
asked smoother {VID}
name fps|rife|interpolat
text frame[- ](?:rate|interpolat)|interpolation

[face-swap]
asked face/faces swap/swapper/replace/change/switch/exchange/put/paste/onto
asked deepfake
asked faceswap
kind portrait-transfer
name face-?swap|infinite-you
text \bface[ -]?swap|swap\w* faces

[head-swap]
asked head swap/replace/change/exchange
name head-swap

[body-swap]
asked body swap/replace/change
asked replace/swap person/character/actor video/clip/movie/footage/body/film
name body-swap|p-video/replace|mocha|pixverse/swap|wan-2\.2/animate
text character (?:swap|replac)|replac\w* (?:\w+ )*(?:people|character|person)

[swap]
asked swap/swapping
kind portrait-transfer
name swap

[try-on]
asked try/tryon on/virtual/clothes/clothing/outfit/dress/garment
asked change/swap/put/dress/wear/fit clothes/clothing/outfit/dress/garment/shirt/fashion
asked outfit/garment/wardrobe
asked tryon
name try-?on|outfit
text \btry[- ]?on\b|clothing|outfit

[identity] 1.5
asked consistent/consistency character/face/person/identity/characters
asked same character/person/face
asked keep/preserve face/identity/character
asked face/identity id preserve/preserving/reference
name character(?!-ai)|pulid|infinite-you|lynx|uno|uso|reference-to|elements|instant-
text (?:consistent|preserv\w*) (?:character|identit|subject|face)
text (?:character|identity|subject)[- ](?:consisten|preserv)

[photo-set] 2.2
asked all/every/each/different side/sides/direction/directions
asked multi/multiple/different/many angle/angles/shot/shots/view/views/viewpoint
asked camera angle change/rotate
name multi(?:ple)?-(?:angle|shot|view)|multiview
text multi(?:ple)?[- ](?:angle|shot|view)

[sketch-3d]
asked sketch/drawing/doodle 3d
name sketch-to-3d

[body-3d]
asked 3d body/human/person
asked body mesh
name 3d-body
text 3D (?:human )?body

[many-views-3d]
asked multi/multiview/multiple/several/views 3d
kind 3d
name multi-?view
text multi-?(?:ple )?(?:view|image)

[train] 3.5
asked train/training/trainer/finetune/finetuning/dreambooth/finetuned
asked fine tune/tuning/tuned
asked custom/own/personal model/style from/dataset/photos/create/make/images
asked make/create/build/own lora/loras
asked dataset
asked teach style/face/character
kind training

[lora]
asked lora/loras
kind lora-support
name lora

[motion]
asked motion/movement/movements/pose transfer/control/copy/capture/mimic/imitate/drive
asked poses/gesture/dance/choreography transfer/control/copy/capture/mimic/imitate/drive
asked motion/movement/movements/pose driven/driving/retarget/reference/apply/guide/guided/follow
asked poses/gesture/dance/choreography driven/driving/retarget/reference/apply/guide/guided/follow
asked puppet/puppeteer/mocap
asked dance/dancing {PIC}/character/make/person/avatar/video/pet
asked character animation/animate/animator video/reference/motion/driving/movement/replace
asked controlnet video
kind motion-control
text motion (?:transfer|control)|transfers? (?:the )?motion|driving video|dance

[extend-video]
asked extend/extends/extension/extender {VID}/scene/shot/seconds
asked continue/continuation/longer/lengthen/prolong {VID}/scene/shot/seconds
asked extend video/clip
kind video-extend
name extend
text extend\w* (?:\w+ )*(?:videos?|clips?)

[between-frames]
asked first/start/begin/starting last/end/ending/final frame/frames/image/images/picture
asked first/start last/end
asked keyframe/keyframes
asked transition/transitions/morph/morphing
asked between images/frames/pictures/photos video/morph/transition/interpolate/clip
asked end/last frame/image
name start-end|transition|flf2v|pikaframes|keyframe
text (?:start|first)[- ](?:and|/|to)?[- ]?(?:end|last)|transition|first and last|last frame
takes last_image end_image

[reference-video]
asked reference/references/elements/subject/multireference {VID}/image/images
asked reference/references/elements/subject/multireference multi/multiple/consistent/character
asked multiple/several/many/different reference/images/photos/pictures {VID}
asked elements
name reference-to-|elements|multi-i2v|reference
text reference (?:image|video|to)|multi-(?:image|reference)

[restyle-video] 2.6
asked style/stylize/restyle transfer/convert/change/turn/apply/into/existing/to {VID}
asked anime/cartoon/cartoonize/look transfer/convert/change/turn/apply/into/existing/to {VID}
asked restyle/stylize/stylise video/footage/clip
kind video-to-video
name restyle|ditto|modify|v2v|aleph|edit|ghibli
text style transfer|restyl|transform

[edit-video]
asked edit/editing/editor/modify/change/alter/replace {VID}
asked retouch/manipulate/transform/rework/swap/add/put/insert {VID}
asked grade/grading/recolor/tint {VID}
kind video-to-video
name edit|modify|aleph|lucy|v2v|retake
text \bedit

[edit-image] 2.5
asked {LOOKS} {PIC}/look/see/make/change/give/add/try/tryon/new/different/swap/remove/whiten/color/virtual
asked edit/editing/editor/modify/change/alter {PIC}
asked retouch/manipulate/photoshop/adjust/tweak/transform/rework {PIC}
asked add/put/insert/give/replace image/picture/photo/pic
asked {PIC} instruction/instructions/natural edit/change/language
kind image-to-image
name edit|kontext|gpt-image|image-o1|modify
text \bedit

[style-image] 2.2
asked me/myself/us/him/her like/into/as look/turn/transform/make/convert
asked style/stylize/stylise/filter/effect/effects/cartoonize/art/artistic {PIC}/transfer/apply
asked {PIC}/me/myself/yourself {LOOK} me/myself/my/into/to/as/like/convert/transform
kind image-effects|image-to-image
name image-effects|ghibli|style
text \bstyl

[blend-images]
asked blend/combine/merge/mix images/image/photos/pictures/two/photo/multiple
asked fuse/fusion/compose/composite images/image/photos/pictures/two/photo/multiple
kind image-to-image
name blend|multi|edit|uno|kling-image-o1|kontext.*multi
text blend|multi[- ]?image|multiple (?:image|reference)

[product-shot] 2.2
asked product/products ad/ads/advert/advertising/commercial/promo/marketing {VID}
asked ad/ads/advert/commercial/ugc/promo/advertisement {VID}
asked ugc
asked ad/ads/advert/commercial/advertisement image/picture/banner/generator/create/make
name video-ads|q3-ad|ugc
text \bads?\b|advert|commercial|marketing

[product-photo] 1.2
asked product/products/ecommerce photo/photography/image/shot/scene/picture/photos/place/background
name embed-product|generate-background|background-remov|edit
text product

[effect-video]
asked effect/effects/template/templates/vfx/filter {VID}/viral/tiktok/fun
asked effects
asked vfx
kind video-effects|image-effects
name effects|template
text \beffects?\b

[short-clips] 1.5
asked tiktok/reels/shorts/reel/short/vertical video/videos/clip/content/generator/make
name tiktok|short-video|ugc
text tiktok|short[- ]video|social

[join-videos]
asked join/merge/stitch/concat/concatenate/combine/joiner/glue {VID}/videos/clips
name join|merge

[convert-video]
asked convert/converter/format/transcode/codec/compress {VID}/mp4/webm/mov/gif
name video-convert

[vector]
asked svg/vector/vectors/vectorize/scalable
asked logo/icon vector/svg
name vector|svg
text \bvector|\bSVG

[lettering] 1.5
asked typography/lettering/poster/logo/banner/infographic/flyer
asked text/words/typography render/rendering/legible image/images/picture/poster/logo
asked text/words/typography readable/accurate/inside/in image/images/picture/poster/logo
kind text-to-image
name ideogram|recraft|nano-banana|qwen-image|seedream|gpt-image|glm-image|imagen
text typograph|text render|logo|poster

[photoreal] 1.5
asked photoreal/photorealistic/photorealism image/photo/picture/portrait/photos/images/generation
asked realistic/lifelike/realism image/photo/picture/portrait/photos/images/generation
kind text-to-image
name realis|imagen|flux|nano-banana|seedream|photon|krea|srpo
text realis

[sequence] 1.5
asked story/storyboard/comic/sequence/series/set/batch image/images/panels/consistent/pictures/strip
name sequential|multi|storyboard
text sequen|storyboard|series|multi-image

[controlled-image]
asked controlnet/canny/pose/edge/scribble image/picture/guide/guided/control/generation/to
asked controlnet
name controlnet|control
text controlnet|\bcanny\b

[variations]
asked variation/variations/remix/similar/redux image/images/picture/photo
name redux|remix
text variation|remix

[layers]
asked layer/layers/layered/psd/decompose image/split/separate/into
name layered
text layer

[spicy] 1.5
asked nsfw/uncensored/spicy/adult/unfiltered/unrestricted
name spicy
text spicy|uncensored

[with-sound] 1.5
asked with/native/including audio/sound/dialogue
asked {VID} audio/sound/dialogue/speech/native with/and/including/plus/native/synced/synchronized
kind -to-video
name veo3|sora-2|seedance|wan-2\.[567]|wan-3|kling-v(?:2\.6|3)|kling-video-o3|ltx-2|ovi|grok-imagine|vidu/q3
text (?:native|synchroni[sz]ed|synced|with) (?:\w+ )?audio|audio-video

[move-camera]
asked camera pan/dolly/zoom/tilt/movement/move {PIC}
asked zoom/pan/dolly/tilt slow/slowly/across {PIC}
kind image-to-video|video-effects
name to-video|i2v|zoom|dolly
text camera

[spin]
asked all/every/each/different side/sides/direction/directions product/object/item/it
asked spin/orbit/rotate/360/turntable/rotation video/product/camera/object/around/photo/view
name orbit|spin
text orbit|\bspin|rotat
"""
