# Inquadra - the drawer's Italian: the same things as in words_en, under the same keys.
# SPDX-License-Identifier: GPL-3.0-or-later
# * stands for the ending that agrees (o a i e), [one|many] for the form for one or for many: see captions.agree.
SIZES = {
    "ELS": ["CLL", "campo lunghissimo", "panoramica larga"], "LS": ["CL", "campo lungo", "figura intera", "campo totale", "FI"],
    "MLS": ["PA", "piano americano", "campo medio"], "MS": ["MF", "mezza figura", "piano medio"], "MCU": ["MPP", "mezzo primo piano", "mezzo busto"],
    "CU": ["PP", "primo piano"], "BCU": ["PPS", "primo piano stretto"], "ECU": ["PPP", "primissimo piano", "dettaglio degli occhi"],
}
ANGLES = {"eye": ["altezza occhi", "frontale"], "high": ["dall'alto", "inquadratura dall'alto", "plongée"], "low": ["dal basso", "inquadratura dal basso", "contre-plongée"],
          "dutch": ["inquadratura obliqua", "olandese", "inclinata"], "bird": ["a piombo", "dall'alto a piombo", "vista a volo d'uccello"],
          "worm": ["rasoterra", "da terra verso l'alto", "dal suolo"]}
FRAMINGS = {"ots left": ["quinta a sinistra", "di quinta", "sopra la spalla sinistra"], "ots right": ["quinta a destra", "di quinta", "sopra la spalla destra"],
            "two-shot": ["a due", "piano a due"], "pov": ["soggettiva", "in soggettiva"], "insert": ["dettaglio", "inserto"], "establishing": ["totale", "inquadratura d'ambiente"]}
PLACES = {
    "kitchen": (["cucina"], "in cucina"), "bedroom": (["camera da letto", "stanza d'albergo"], "in camera da letto"), "living_room": (["salotto", "soggiorno", "appartamento"], "in salotto"),
    "bathroom": (["bagno"], "in bagno"), "dining_room": (["sala da pranzo"], "in sala da pranzo"), "office": (["ufficio", "redazione"], "in ufficio"),
    "corridor": (["corridoio"], "nel corridoio"), "staircase": (["scale", "scalinata", "tromba delle scale"], "sulle scale"), "classroom": (["aula", "scuola", "classe"], "in aula"),
    "hospital": (["ospedale", "corsia", "clinica"], "in ospedale"), "library": (["biblioteca", "libreria"], "in biblioteca"), "shop": (["negozio", "supermercato"], "nel negozio"),
    "prison": (["cella", "prigione", "carcere"], "in cella"), "laboratory": (["laboratorio"], "in laboratorio"), "attic": (["soffitta", "mansarda"], "in soffitta"),
    "garage": (["garage", "officina"], "in garage"), "bar": (["bar", "locale", "pub"], "al bar"), "restaurant": (["ristorante", "trattoria"], "al ristorante"),
    "church": (["chiesa", "cattedrale"], "in chiesa"), "theatre": (["teatro", "palcoscenico"], "a teatro"), "warehouse": (["magazzino", "deposito", "capannone"], "in magazzino"),
    "museum": (["museo", "galleria d'arte"], "al museo"), "courtroom": (["tribunale", "aula di tribunale"], "in tribunale"), "throne_room": (["sala del trono", "palazzo reale"], "nella sala del trono"),
    "gym": (["palestra", "campo da basket"], "in palestra"), "cave": (["grotta", "caverna"], "nella grotta"), "train": (["treno", "vagone", "carrozza del treno"], "in treno"),
    "plane_cabin": (["cabina dell'aereo", "dentro l'aereo"], "in aereo"), "spaceship": (["astronave", "stazione spaziale"], "nell'astronave"), "subway": (["metropolitana", "metro"], "in metropolitana"),
    "car": (["auto", "macchina", "abitacolo", "taxi"], "in macchina"), "elevator": (["ascensore"], "in ascensore"), "street": (["strada", "via", "strada di città"], "in strada"),
    "alley": (["vicolo"], "nel vicolo"), "rooftop": (["tetto", "terrazza sui tetti"], "sul tetto"), "square": (["piazza"], "in piazza"), "park": (["parco", "giardini pubblici"], "nel parco"),
    "harbour": (["porto", "molo", "banchina"], "al porto"), "bridge": (["ponte"], "sul ponte"), "market": (["mercato", "bancarelle"], "al mercato"), "parking": (["parcheggio"], "nel parcheggio"),
    "airport": (["aeroporto", "pista d'atterraggio"], "all'aeroporto"), "construction": (["cantiere", "impalcature"], "in cantiere"), "gas_station": (["stazione di servizio", "benzinaio", "distributore"], "al benzinaio"),
    "platform": (["binario", "stazione", "banchina del treno"], "sul binario"), "suburb": (["periferia", "villette", "davanti a casa"], "davanti a casa"), "village": (["paese", "villaggio", "borgo"], "in paese"),
    "forest": (["bosco", "foresta"], "nel bosco"), "jungle": (["giungla"], "nella giungla"), "beach": (["spiaggia", "riva del mare", "costa"], "in spiaggia"),
    "mountains": (["montagna", "montagne", "alpi"], "in montagna"), "snowfield": (["distesa di neve", "paesaggio innevato"], "nella neve"), "desert": (["deserto", "dune"], "nel deserto"),
    "road": (["strada di campagna", "autostrada", "statale"], "sulla statale"), "farm": (["fattoria", "fienile", "cascina"], "in fattoria"), "garden": (["giardino", "siepi"], "in giardino"),
    "cemetery": (["cimitero", "camposanto"], "al cimitero"), "ship": (["nave", "ponte della nave", "veliero"], "sulla nave"), "lake": (["lago", "pontile"], "al lago"),
    "field": (["campo", "prato"], "nel prato"), "cliff": (["scogliera", "dirupo", "precipizio"], "sulla scogliera"), "ruins": (["rovine", "tempio in rovina"], "tra le rovine"),
    "castle": (["castello", "fortezza"], "davanti al castello"), "stadium": (["stadio", "campo da calcio"], "allo stadio"), "river": (["fiume", "torrente", "ruscello"], "al fiume"),
}
TIMES = {"day": ["giorno", "mattina", "pomeriggio", "mezzogiorno"], "night": ["notte", "mezzanotte", "notte fonda"], "dusk": ["tramonto", "alba", "sera", "crepuscolo"]}
TIME_PHRASE = {"day": "di giorno", "night": "di notte", "dusk": "al tramonto"}
WEATHER = {"rain": ["pioggia", "piove", "sotto la pioggia"], "snow": ["neve", "nevica"], "fog": ["nebbia", "foschia"]}
LIGHTS = {"silhouette": ["controluce", "in controluce", "silhouette"]}
MOODS = {"neutral": ["espressione neutra", "calm*"], "smiling": ["[sorride|sorridono]", "sorrident[e|i]", "felic[e|i]"], "laughing": ["[ride|ridono]", "risata"], "angry": ["furios*", "arrabbiat*", "rabbia"],
         "sad": ["trist[e|i]", "[piange|piangono]", "in lacrime"], "surprised": ["sorpres*", "stupit*", "sorpresa"], "afraid": ["spaventat*", "paura", "terrorizzat*"], "suspicious": ["sospettos*", "diffident[e|i]"]}
VIEWS = {"front": ["di fronte", "verso camera"], "three-quarter": ["tre quarti", "di tre quarti"], "profile": ["di profilo", "profilo"], "back": ["di spalle", "da dietro"]}
PROPS = {"umbrella": ["con un ombrello", "sotto l'ombrello"], "suitcase": ["con una valigia"], "bag": ["con una borsa"], "gun": ["con una pistola", "pistola in mano"], "flashlight": ["con una torcia"],
         "sword": ["con una spada"], "cane": ["con un bastone"], "flowers": ["con dei fiori", "con un mazzo di fiori"], "letter": ["con una lettera", "con un foglio"], "cup": ["con una tazza"],
         "phone": ["con un telefono", "col telefono in mano"], "book": ["con un libro"]}
WEAR = {"hat": ["con un cappello", "col cappello"], "cap": ["con un berretto"], "helmet": ["con un casco", "con l'elmetto"], "glasses": ["con gli occhiali"]}
EXTRAS = {"car": ["un'auto", "una macchina"], "van": ["un furgone"], "truck": ["un camion"], "bus": ["un autobus"], "bicycle": ["una bicicletta", "una bici"], "motorcycle": ["una moto"], "horse": ["un cavallo"],
          "dog": ["un cane"], "cat": ["un gatto"], "cow": ["una mucca"], "birds": ["uccelli", "uccelli in cielo"], "helicopter": ["un elicottero"], "plane": ["un aereo"]}
OBJECTS = {"phone": ["un telefono"], "letter": ["una lettera", "un documento"], "gun": ["una pistola"], "key": ["una chiave"], "cup": ["una tazza di caffè", "una tazza"], "photo": ["una fotografia", "una foto"],
           "clock": ["un orologio"], "book": ["un libro aperto", "un libro"], "ring": ["un anello"], "knife": ["un coltello"]}
STYLES = {"clean": ["linea pulita", "storyboard"], "pencil": ["matita", "a matita"], "ink": ["inchiostro", "china"], "marker": ["pennarello", "a pennarello"], "blue": ["matita blu", "linee di costruzione"]}
MOVES = {"pan left": ["panoramica a sinistra"], "pan right": ["panoramica a destra"], "tilt up": ["tilt in alto", "panoramica verso l'alto"], "tilt down": ["tilt in basso", "panoramica verso il basso"],
         "dolly in": ["carrello avanti", "carrello in avanti"], "dolly out": ["carrello indietro"], "truck left": ["carrellata a sinistra"], "truck right": ["carrellata a destra"], "crane up": ["gru in alto", "dolly in alto"],
         "crane down": ["gru in basso"], "zoom in": ["zoom in avanti", "zoom in"], "zoom out": ["zoom indietro", "zoom out"], "static": ["camera fissa"], "handheld": ["camera a mano", "macchina a mano"], "rack focus": ["cambio di fuoco"]}
ACTIONS = {
    "stand": [("sta in piedi", "stanno in piedi", "in piedi"), ("guarda", "guardano", "guardando")], "wait": [("aspetta", "aspettano", "in attesa"), ("sta con le mani sui fianchi", "stanno con le mani sui fianchi", "mani sui fianchi")],
    "walk": [("cammina", "camminano", "camminando"), ("entra", "entrano", "entrando"), ("esce", "escono", "uscendo")], "run": [("corre", "corrono", "correndo"), ("fugge", "fuggono", "in fuga"), ("scappa", "scappano", "scappando")],
    "sneak": [("si avvicina di soppiatto", "si avvicinano di soppiatto", "di soppiatto"), ("cammina in punta di piedi", "camminano in punta di piedi", "in punta di piedi")], "sit": [("siede", "siedono", "sedut*"), ("è a sedere", "sono a sedere", "a sedere")],
    "point": [("indica", "indicano", "indicando")], "argue": [("litiga", "litigano", "litigando"), ("grida", "gridano", "gridando"), ("urla", "urlano", "urlando")],
    "kneel": [("si inginocchia", "si inginocchiano", "in ginocchio")], "crouch": [("si accovaccia", "si accovacciano", "accovacciandosi"), ("si china", "si chinano", "chinandosi")],
    "lie": [("giace a terra", "giacciono a terra", "a terra"), ("è sdraiat*", "sono sdraiat*", "sdraiat*")], "fall": [("cade", "cadono", "cadendo"), ("inciampa", "inciampano", "inciampando")],
    "jump": [("salta", "saltano", "saltando")], "climb": [("si arrampica", "si arrampicano", "arrampicandosi"), ("sale su una scala a pioli", "salgono su scale a pioli", "salendo su una scala a pioli")], "crawl": [("striscia", "strisciano", "strisciando"), ("va a carponi", "vanno a carponi", "a carponi")],
    "punch": [("tira un pugno", "si prendono a pugni", "a pugni"), ("lotta", "lottano", "lottando"), ("combatte", "combattono", "combattendo")], "kick": [("tira un calcio", "tirano calci", "a calci")],
    "aim": [("punta la pistola", "puntano le pistole", "puntando la pistola"), ("spara", "sparano", "sparando")], "phone": [("telefona", "telefonano", "telefonando"), ("parla al telefono", "parlano al telefono", "al telefono")],
    "drink": [("beve", "bevono", "bevendo"), ("beve dalla bottiglia", "bevono dalla bottiglia", "bevendo dalla bottiglia")], "smoke": [("fuma", "fumano", "fumando"), ("accende una sigaretta", "accendono una sigaretta", "con la sigaretta")], "read": [("legge", "leggono", "leggendo")],
    "work": [("lavora alla scrivania", "lavorano alla scrivania", "alla scrivania"), ("scrive", "scrivono", "scrivendo")], "dance": [("balla", "ballano", "ballando"), ("danza", "danzano", "danzando")],
    "hug": [("si abbraccia", "si abbracciano", "abbracciat*")], "shake": [("si stringe la mano", "si stringono la mano", "stringendosi la mano")], "give": [("si passa un pacco", "si passano un pacco", "passandosi un pacco"), ("si scambia un regalo", "si scambiano un regalo", "scambiandosi un regalo")],
    "wave": [("saluta", "salutano", "salutando")], "carry": [("porta una scatola", "portano scatole", "portando una scatola")], "push": [("spinge", "spingono", "spingendo"), ("spinge una cassa", "spingono una cassa", "spingendo una cassa")], "pull": [("tira una corda", "tirano una corda", "tirando una corda")],
    "throw": [("lancia una palla", "lanciano una palla", "lanciando una palla")], "lean": [("si appoggia", "si appoggiano", "appoggiandosi"), ("si appoggia a un pilastro", "si appoggiano a un pilastro", "appoggiat* a un pilastro")], "despair": [("si copre il volto", "si coprono il volto", "testa fra le mani"), ("si dispera", "si disperano", "disperandosi")],
    "think": [("pensa", "pensano", "pensando"), ("riflette", "riflettono", "mano al mento")], "hands up": [("alza le mani", "alzano le mani", "mani in alto"), ("si arrende", "si arrendono", "arrendendosi")],
    "open": [("apre una porta", "aprono una porta", "aprendo una porta")], "look up": [("guarda in alto", "guardano in alto", "guardando il cielo")], "photograph": [("scatta una foto", "scattano foto", "fotografando")],
    "play": [("suona la chitarra", "suonano la chitarra", "suonando la chitarra")], "pray": [("prega", "pregano", "pregando")], "ride": [("va", "vanno", "andando")],
    "sleep": [("dorme", "dormono", "dormendo")], "drive": [("guida", "guidano", "guidando")],
}
KINDS = {"man": ["un uomo", "l'uomo", "un signore"], "woman": ["una donna", "la donna", "una signora"], "boy": ["un bambino", "un ragazzino"], "girl": ["una bambina", "una ragazzina"],
         "old man": ["un vecchio", "un anziano", "il nonno"], "old woman": ["una vecchia", "un'anziana", "la nonna"]}
PLURALS = {"man": "uomini", "woman": "donne", "boy": "bambini", "girl": "bambine", "old man": "anziani", "old woman": "anziane"}
BUILDS = {"slim": ["magr*", "snell*"], "heavy": ["grass*", "robust*"]}
HAIR = {"long": ["coi capelli lunghi"], "bob": ["col caschetto"], "bun": ["con lo chignon"], "ponytail": ["con la coda"], "bald": ["calv*"], "curly": ["coi capelli ricci"], "beard": ["con la barba"]}
COLOURS = {"dark": ["coi capelli scuri"], "fair": ["coi capelli biondi"], "grey": ["coi capelli grigi"]}
CLOTHES = {"shirt": ["in camicia"], "tee": ["in maglietta"], "jacket": ["in giacca"], "suit": ["in completo", "in giacca e cravatta"], "coat": ["col cappotto", "con l'impermeabile"], "dress": ["col vestito", "in abito"],
           "skirt": ["in gonna"], "hoodie": ["con la felpa"], "uniform": ["in uniforme", "in divisa"], "apron": ["col grembiule"]}
MEN = ["Marco", "Luca", "Carlo", "Paolo", "Giovanni", "Matteo", "Andrea", "Pietro", "Stefano", "Davide", "Leo", "Franco", "Nino", "Ahmed"]
WOMEN = ["Anna", "Giulia", "Sofia", "Maria", "Elena", "Chiara", "Rosa", "Laura", "Francesca", "Marta", "Lucia", "Nina", "Paola", "Fatima"]
ROLES = ["un poliziotto", "un soldato", "il detective", "un'infermiera", "il dottore", "una figura", "una persona", "un personaggio", "il ladro", "la regina", "il re", "il prete", "un cameriere", "una spia", "uno sconosciuto",
         "il capitano", "una ballerina", "lo studente", "un operaio", "il cuoco"]
VAGUE = {2: ["due persone", "due figure", "una coppia", "due amici", "i due"], 3: ["tre persone", "tre figure", "un trio", "tre amici"], 4: ["quattro persone", "quattro figure", "gruppo di quattro"],
         9: ["una folla", "folla", "molte persone", "tanta gente", "un gruppo numeroso"]}
RIDES = {"horse": "a cavallo", "bicycle": "in bicicletta", "motorcycle": "in moto"}
MANY = ("due", "tre", "quattro", "molte", "i")
NUMBERS = {2: "due", 3: "tre", 4: "quattro"}
EMPTY = ["nessuno", "vuoto", "senza persone", "senza nessuno", "nessuna figura"]
TAGS = ["luce drammatica", "tensione", "solitudine", "silenzio", "ombre lunghe", "più tardi", "continua", "flashback", "musica", "vento", "lento", "voce fuori campo", "stacco", "poco dopo"]
FRAMES = {"2.39": ["2.39:1", "panoramico"], "9:16": ["verticale", "9:16"], "1:1": ["formato quadrato", "1:1"], "4:3": ["4:3"], "1.85": ["1.85:1"], "16:9": ["16:9"]}
INT, EXT, AND, OF = "INT.", "EST.", "e", "di"
