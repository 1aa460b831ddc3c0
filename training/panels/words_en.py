# Inquadra - the drawer's English: trade terms, places, people, verbs and what else a caption may say.
# SPDX-License-Identifier: GPL-3.0-or-later
SIZES = {
    "ELS": ["ELS", "extreme long shot", "extreme wide shot", "very wide shot", "EWS", "XLS", "extreme wide"],
    "LS": ["LS", "long shot", "wide shot", "WS", "full shot", "wide", "full figure", "FS"],
    "MLS": ["MLS", "medium long shot", "three-quarter shot", "cowboy shot", "american shot", "knees up", "medium wide shot"],
    "MS": ["MS", "medium shot", "mid shot", "waist shot", "waist up", "medium"],
    "MCU": ["MCU", "medium close-up", "medium close up", "chest shot", "chest up", "head and shoulders"],
    "CU": ["CU", "close-up", "close up", "closeup", "face shot", "close shot", "tight on the face"],
    "BCU": ["BCU", "big close-up", "big close up", "tight close-up", "face fills the frame"],
    "ECU": ["ECU", "extreme close-up", "extreme close up", "XCU", "eyes only", "detail of the eyes"],
}
ANGLES = {
    "eye": ["eye level", "eye-level", "straight on"],
    "high": ["high angle", "from above", "camera looks down", "high-angle"],
    "low": ["low angle", "from below", "camera looks up", "low-angle"],
    "dutch": ["dutch angle", "dutch tilt", "canted angle", "tilted frame"],
    "bird": ["bird's-eye view", "bird's eye", "top shot", "overhead", "top down", "birds-eye"],
    "worm": ["worm's-eye view", "worm's eye", "from the ground", "extreme low angle", "worms-eye"],
}
FRAMINGS = {
    "ots left": ["OTS left", "over the left shoulder", "over-the-shoulder left", "OTS", "over the shoulder"],
    "ots right": ["OTS right", "over the right shoulder", "over-the-shoulder right", "OTS", "over the shoulder"],
    "two-shot": ["two-shot", "two shot", "2-shot"],
    "pov": ["POV", "point of view", "POV shot", "subjective shot", "seen through his eyes"],
    "insert": ["insert", "insert shot", "INSERT", "detail", "cutaway"],
    "establishing": ["establishing shot", "establishing", "estab.", "establisher"],
}
# nouns; the first is canonical; then the phrase that places somebody there
PLACES = {
    "kitchen": (["kitchen", "galley kitchen", "family kitchen"], "in the kitchen"),
    "bedroom": (["bedroom", "hotel room", "motel room"], "in the bedroom"),
    "living_room": (["living room", "lounge", "sitting room", "apartment", "parlour"], "in the living room"),
    "bathroom": (["bathroom", "restroom", "washroom"], "in the bathroom"),
    "dining_room": (["dining room", "dining table"], "in the dining room"),
    "office": (["office", "newsroom", "workplace", "open-plan office"], "in the office"),
    "corridor": (["corridor", "hallway", "hotel corridor", "passage"], "in the corridor"),
    "staircase": (["staircase", "stairs", "stairwell", "stairway"], "on the stairs"),
    "classroom": (["classroom", "school", "schoolroom", "lecture room"], "in the classroom"),
    "hospital": (["hospital", "hospital ward", "clinic", "hospital room"], "in the hospital"),
    "library": (["library", "bookshop", "archive", "study full of books"], "in the library"),
    "shop": (["shop", "store", "supermarket", "grocery"], "in the shop"),
    "prison": (["prison cell", "prison", "jail", "cell"], "in a prison cell"),
    "laboratory": (["laboratory", "lab", "science lab"], "in the laboratory"),
    "attic": (["attic", "loft", "garret"], "in the attic"),
    "garage": (["garage", "workshop", "car repair shop"], "in the garage"),
    "bar": (["bar", "pub", "saloon", "tavern", "nightclub"], "at the bar"),
    "restaurant": (["restaurant", "diner", "cafe", "bistro"], "in the restaurant"),
    "church": (["church", "cathedral", "chapel", "temple"], "in the church"),
    "theatre": (["theatre", "theater", "stage", "auditorium", "opera"], "in the theatre"),
    "warehouse": (["warehouse", "depot", "factory hall", "storehouse"], "in the warehouse"),
    "museum": (["museum", "gallery", "art gallery"], "in the museum"),
    "courtroom": (["courtroom", "court", "tribunal"], "in the courtroom"),
    "throne_room": (["throne room", "palace hall", "royal hall", "great hall"], "in the throne room"),
    "gym": (["gym", "gymnasium", "basketball court", "sports hall"], "in the gym"),
    "cave": (["cave", "cavern", "grotto", "underground cave"], "in a cave"),
    "train": (["train carriage", "train", "train compartment", "railway car"], "on the train"),
    "plane_cabin": (["plane cabin", "airplane cabin", "aircraft cabin", "inside the plane"], "on the plane"),
    "spaceship": (["spaceship", "starship bridge", "space station", "spacecraft"], "in the spaceship"),
    "subway": (["subway station", "subway", "underground station", "metro"], "in the subway"),
    "car": (["car", "car interior", "inside the car", "taxi"], "in the car"),
    "elevator": (["elevator", "lift"], "in the elevator"),
    "street": (["street", "city street", "downtown", "avenue", "town street"], "in the street"),
    "alley": (["alley", "back alley", "narrow lane", "backstreet"], "in an alley"),
    "rooftop": (["rooftop", "roof", "city roof", "terrace above the city"], "on the rooftop"),
    "square": (["square", "piazza", "town square", "plaza"], "in the square"),
    "park": (["park", "city park", "public garden", "playground"], "in the park"),
    "harbour": (["harbour", "harbor", "port", "docks", "pier"], "at the harbour"),
    "bridge": (["bridge", "suspension bridge", "river bridge"], "on the bridge"),
    "market": (["market", "street market", "bazaar", "market stalls"], "at the market"),
    "parking": (["parking lot", "car park", "parking", "carpark"], "in the parking lot"),
    "airport": (["airport", "airfield", "runway", "tarmac"], "at the airport"),
    "construction": (["construction site", "building site", "scaffolding"], "on the construction site"),
    "gas_station": (["gas station", "petrol station", "filling station"], "at the gas station"),
    "platform": (["train platform", "railway platform", "train station", "station platform"], "on the platform"),
    "suburb": (["suburb", "suburban street", "front yard", "in front of the house"], "in the suburb"),
    "village": (["village", "country village", "hamlet", "small town"], "in the village"),
    "forest": (["forest", "woods", "woodland", "among trees"], "in the forest"),
    "jungle": (["jungle", "rainforest", "tropical forest"], "in the jungle"),
    "beach": (["beach", "seaside", "shore", "coast", "island"], "on the beach"),
    "mountains": (["mountains", "alps", "peaks", "mountain valley"], "in the mountains"),
    "snowfield": (["snowfield", "snowy landscape", "snow plain", "winter landscape", "tundra"], "in the snow"),
    "desert": (["desert", "dunes", "wasteland", "canyon land"], "in the desert"),
    "road": (["road", "highway", "country road", "motorway"], "on the road"),
    "farm": (["farm", "barn", "farmyard", "ranch"], "on the farm"),
    "garden": (["garden", "rose garden", "hedges", "backyard"], "in the garden"),
    "cemetery": (["cemetery", "graveyard", "churchyard", "among the graves"], "in the cemetery"),
    "ship": (["ship deck", "ship", "deck of a ship", "sailing ship", "boat deck"], "on the ship"),
    "lake": (["lake", "lakeside", "jetty on the lake", "lake shore"], "by the lake"),
    "field": (["field", "meadow", "grassland", "prairie"], "in a field"),
    "cliff": (["cliff", "cliff edge", "clifftop", "edge of the cliff"], "on the cliff"),
    "ruins": (["ruins", "ancient ruins", "ruined temple", "broken columns"], "among the ruins"),
    "castle": (["castle", "castle gate", "fortress", "before the castle"], "outside the castle"),
    "stadium": (["stadium", "football pitch", "soccer field", "sports ground"], "in the stadium"),
    "river": (["river", "riverbank", "stream", "creek"], "by the river"),
}
TIMES = {"day": ["day", "daytime", "morning", "afternoon", "noon", "daylight"],
         "night": ["night", "midnight", "nighttime", "late night", "moonlight"],
         "dusk": ["dusk", "sunset", "evening", "twilight", "dawn", "sunrise", "golden hour"]}
TIME_PHRASE = {"day": "by day", "night": "at night", "dusk": "at dusk"}
WEATHER = {"rain": ["rain", "raining", "in the rain", "rainy"], "snow": ["snow", "snowing", "snowfall", "snowy"],
           "fog": ["fog", "foggy", "mist", "misty"]}
LIGHTS = {"silhouette": ["silhouette", "in silhouette", "backlit", "black shape against the light"]}
MOODS = {"neutral": ["calm", "neutral", "blank look"], "smiling": ["smiling", "happy", "smiles", "pleased"],
         "laughing": ["laughing", "laughs", "joyful"], "angry": ["angry", "furious", "mad", "enraged"],
         "sad": ["sad", "crying", "in tears", "grieving"], "surprised": ["surprised", "shocked", "astonished"],
         "afraid": ["afraid", "scared", "terrified", "frightened"], "suspicious": ["suspicious", "wary", "sceptical", "doubtful"]}
VIEWS = {"front": ["front view", "facing camera", "frontal"], "three-quarter": ["three-quarter view", "3/4 view"],
         "profile": ["profile", "side view", "in profile"], "back": ["from behind", "back view", "back to camera"]}
PROPS = {"umbrella": ["with an umbrella", "under an umbrella"], "suitcase": ["with a suitcase", "carrying a suitcase", "with luggage"],
         "bag": ["with a bag", "carrying a bag"], "gun": ["with a gun", "holding a gun", "gun in hand"], "flashlight": ["with a flashlight", "with a torch"],
         "sword": ["with a sword", "holding a sword"], "cane": ["with a cane", "leaning on a stick"], "flowers": ["with flowers", "holding flowers", "with a bouquet"],
         "letter": ["with a letter", "holding a letter", "holding a paper"], "cup": ["with a cup", "holding a cup"], "phone": ["with a phone", "looking at a phone"],
         "book": ["with a book", "holding a book"]}
WEAR = {"hat": ["with a hat", "wearing a hat", "in a hat"], "cap": ["with a cap", "wearing a cap"], "helmet": ["with a helmet", "wearing a helmet"],
        "glasses": ["with glasses", "wearing glasses", "bespectacled"]}
EXTRAS = {"car": ["a car", "a parked car"], "van": ["a van"], "truck": ["a truck", "a lorry"], "bus": ["a bus"], "bicycle": ["a bicycle", "a bike"],
          "motorcycle": ["a motorcycle", "a motorbike"], "horse": ["a horse"], "dog": ["a dog"], "cat": ["a cat"], "cow": ["a cow"],
          "birds": ["birds", "birds in the sky"], "helicopter": ["a helicopter"], "plane": ["a plane", "an airplane"]}
OBJECTS = {"phone": ["a phone", "a smartphone"], "letter": ["a letter", "a note", "a document"], "gun": ["a gun", "a pistol"], "key": ["a key"],
           "cup": ["a cup of coffee", "a cup", "a mug"], "photo": ["a photograph", "a photo", "a picture"], "clock": ["a clock", "a watch"],
           "book": ["an open book", "a book"], "ring": ["a ring"], "knife": ["a knife"]}
STYLES = {"clean": ["clean line", "storyboard"], "pencil": ["pencil", "pencil sketch", "pencil drawing"], "ink": ["ink", "ink drawing", "black and white ink"],
          "marker": ["marker", "marker wash", "markers"], "blue": ["blue pencil", "blue line", "construction lines"]}
MOVES = {"pan left": ["pan left", "camera pans left"], "pan right": ["pan right", "camera pans right"], "tilt up": ["tilt up", "camera tilts up"],
         "tilt down": ["tilt down", "camera tilts down"], "dolly in": ["dolly in", "push in", "track in"], "dolly out": ["dolly out", "pull back", "track out"],
         "truck left": ["truck left", "tracking left"], "truck right": ["truck right", "tracking right"], "crane up": ["crane up", "pedestal up"],
         "crane down": ["crane down", "pedestal down"], "zoom in": ["zoom in"], "zoom out": ["zoom out"], "static": ["static", "locked off"],
         "handheld": ["handheld", "hand-held camera"], "rack focus": ["rack focus", "focus pull"]}
# third person singular, plural, -ing; the first is canonical
ACTIONS = {
    "stand": [("stands", "stand", "standing"), ("looks", "look", "looking"), ("watches", "watch", "watching")],
    "wait": [("waits", "wait", "waiting"), ("puts hands on hips", "put hands on hips", "hands on hips")],
    "walk": [("walks", "walk", "walking"), ("strolls", "stroll", "strolling"), ("enters", "enter", "entering"), ("leaves", "leave", "leaving")],
    "run": [("runs", "run", "running"), ("flees", "flee", "fleeing"), ("sprints", "sprint", "sprinting"), ("chases", "chase", "chasing")],
    "sneak": [("sneaks", "sneak", "sneaking"), ("creeps", "creep", "creeping"), ("tiptoes", "tiptoe", "on tiptoe")],
    "sit": [("sits", "sit", "sitting"), ("is seated", "are seated", "seated")],
    "point": [("points", "point", "pointing"), ("shows the way", "show the way", "showing the way")],
    "argue": [("argues", "argue", "arguing"), ("shouts", "shout", "shouting"), ("yells", "yell", "yelling")],
    "kneel": [("kneels", "kneel", "kneeling"), ("is on one knee", "are on one knee", "on one knee")],
    "crouch": [("crouches", "crouch", "crouching"), ("squats", "squat", "squatting"), ("ducks", "duck", "ducking")],
    "lie": [("lies on the ground", "lie on the ground", "lying on the ground"), ("lies down", "lie down", "lying down")],
    "fall": [("falls", "fall", "falling"), ("stumbles", "stumble", "stumbling")],
    "jump": [("jumps", "jump", "jumping"), ("leaps", "leap", "leaping")],
    "climb": [("climbs", "climb", "climbing"), ("climbs a ladder", "climb ladders", "climbing a ladder")],
    "crawl": [("crawls", "crawl", "crawling"), ("is on all fours", "are on all fours", "on all fours")],
    "punch": [("punches", "punch", "punching"), ("fights", "fight", "fighting"), ("boxes", "box", "boxing")],
    "kick": [("kicks", "kick", "kicking")],
    "aim": [("aims a gun", "aim guns", "aiming a gun"), ("shoots", "shoot", "shooting")],
    "phone": [("phones", "phone", "phoning"), ("talks on the phone", "talk on the phone", "talking on the phone")],
    "drink": [("drinks", "drink", "drinking"), ("drinks from a bottle", "drink from bottles", "drinking from a bottle")],
    "smoke": [("smokes", "smoke", "smoking"), ("lights a cigarette", "light cigarettes", "lighting a cigarette")],
    "read": [("reads", "read", "reading"), ("reads a book", "read books", "reading a book")],
    "work": [("works at a desk", "work at a desk", "working at a desk"), ("types", "type", "typing"), ("writes", "write", "writing")],
    "dance": [("dances", "dance", "dancing")],
    "hug": [("hugs", "hug", "hugging"), ("embraces", "embrace", "embracing")],
    "shake": [("shakes hands", "shake hands", "shaking hands"), ("greets", "greet each other", "greeting")],
    "give": [("hands over a parcel", "hand over a parcel", "handing over a parcel"), ("gives a present", "exchange a present", "giving a present")],
    "wave": [("waves", "wave", "waving"), ("says goodbye", "say goodbye", "waving goodbye")],
    "carry": [("carries a box", "carry boxes", "carrying a box")],
    "push": [("pushes", "push", "pushing"), ("pushes a crate", "push a crate", "pushing a crate")],
    "pull": [("pulls a rope", "pull a rope", "pulling a rope"), ("pulls", "pull", "pulling")],
    "throw": [("throws a ball", "throw a ball", "throwing a ball"), ("throws", "throw", "throwing")],
    "lean": [("leans back", "lean back", "leaning"), ("leans on a pillar", "lean on a pillar", "leaning on a pillar")],
    "despair": [("covers the face", "cover their faces", "head in hands"), ("despairs", "despair", "weeping")],
    "think": [("thinks", "think", "thinking"), ("ponders", "ponder", "hand on chin")],
    "hands up": [("raises the hands", "raise their hands", "hands up"), ("surrenders", "surrender", "surrendering")],
    "open": [("opens a door", "open a door", "opening a door")],
    "look up": [("looks up", "look up", "looking up at the sky"), ("gazes at the sky", "gaze at the sky", "gazing up")],
    "photograph": [("takes a photo", "take photos", "taking a photo"), ("photographs", "photograph", "with a camera")],
    "play": [("plays guitar", "play guitar", "playing guitar"), ("plays music", "play music", "playing music")],
    "pray": [("prays", "pray", "praying")],
    "ride": [("rides", "ride", "riding")],
    "sleep": [("sleeps", "sleep", "sleeping"), ("is asleep", "are asleep", "asleep")],
    "drive": [("drives", "drive", "driving")],
}
KINDS = {"man": ["man", "man", "guy", "father", "gentleman"], "woman": ["woman", "woman", "lady", "mother"], "boy": ["boy", "kid", "child", "little boy"],
         "girl": ["girl", "little girl", "child"], "old man": ["old man", "grandfather", "elderly man"], "old woman": ["old woman", "grandmother", "elderly woman"]}
PLURALS = {"man": "men", "woman": "women", "boy": "boys", "girl": "girls", "old man": "old men", "old woman": "old women"}
BUILDS = {"slim": ["slim", "thin"], "heavy": ["heavy", "fat", "stout", "big"]}
HAIR = {"long": ["with long hair", "long-haired"], "bob": ["with a bob", "with short hair"], "bun": ["with a bun"], "ponytail": ["with a ponytail"], "bald": ["bald"],
        "curly": ["with curly hair", "curly"], "beard": ["with a beard", "bearded"]}
COLOURS = {"dark": ["dark-haired"], "fair": ["blond", "fair-haired"], "grey": ["grey-haired"]}
CLOTHES = {"shirt": ["in a shirt"], "tee": ["in a t-shirt"], "jacket": ["in a jacket"], "suit": ["in a suit", "in suit and tie"], "coat": ["in a long coat", "in a coat", "in a trench coat"],
           "dress": ["in a dress"], "skirt": ["in a skirt"], "hoodie": ["in a hoodie"], "uniform": ["in uniform", "in a uniform"], "apron": ["in an apron"]}
MEN = ["Marco", "Luca", "John", "Jack", "Tom", "Sam", "David", "Paul", "Carlo", "Peter", "Frank", "Leo", "Max", "Victor", "Ali", "Ivan", "Ken", "Omar", "Ben", "Diego"]
WOMEN = ["Anna", "Giulia", "Sofia", "Maria", "Emma", "Sarah", "Kate", "Laura", "Lucy", "Elena", "Clara", "Rosa", "Mia", "Nina", "Aisha", "Yuki", "Ines", "Eva"]
ROLES = ["cop", "soldier", "detective", "driver", "nurse", "doctor", "figure", "person", "character", "farmer", "sailor", "captain", "thief", "pilot", "teacher", "boss",
         "stranger", "hero", "worker", "chef", "knight", "singer", "dancer", "student", "spy", "tourist", "waiter", "king", "queen", "priest", "witch", "robot"]
VAGUE = {2: ["two people", "two figures", "a couple", "a pair", "2 people", "two characters", "two friends", "both of them"],
         3: ["three people", "three figures", "a trio", "3 people", "three characters", "a group of three"],
         4: ["four people", "four figures", "4 people", "a group of four", "four friends"],
         9: ["a crowd", "crowd", "many people", "a large group", "lots of people", "people everywhere"]}
# what somebody rides, after the verb
RIDES = {"horse": "a horse", "bicycle": "a bicycle", "motorcycle": "a motorcycle"}
# first words that make a crowd's verb plural
MANY = ("many", "lots", "people")
NUMBERS = {2: "two", 3: "three", 4: "four"}
EMPTY = ["no people", "empty", "nobody", "no one", "without people", "no figures", "deserted"]
# Words the drawing does not show: so that the model learns to read past what it cannot draw.
TAGS = ["dramatic light", "tense", "romantic", "lonely", "quiet", "a door opens", "long shadows", "soft light", "suspense", "later", "continuous", "flashback", "music plays",
        "wind", "centered", "slow", "off-screen voice", "beat", "cut to", "same", "moments later", "cinematic", "film noir"]
FRAMES = {"2.39": ["2.39:1", "widescreen", "scope"], "9:16": ["vertical", "9:16"], "1:1": ["square format", "1:1"], "4:3": ["4:3"], "1.85": ["1.85:1"], "16:9": ["16:9"]}
INT, EXT, AND, OF = "INT.", "EXT.", "and", "of"
