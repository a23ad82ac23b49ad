"""The words of the generated pairs, sorted by what is special about them."""

from __future__ import annotations

LATIN = ["a", "b", "c", "nike", "Adidas", "prix", "montre", "or", "et", "snow", "air", "france"]
ACCENTED = ["vélo", "été", "École", "naïve", "cœur", "œuf", "Straße", "æquo", "Ángel", "garçon"]
ELIDED = ["l'Orange", "d'EDF", "qu'Apple", "aujourd'hui", "l'oréal", "L’été"]
COMPOUND = ["coca-cola", "porte-monnaie", "booking.com", "air_france", "a.b", "vélo-école"]
SIGNED = ["Canal+", "C++", "C#", "50%", "H&M", "20€", "A$AP", "C+", "h&m+"]
GREEK = ["Αθήνα", "οδός", "ΟΔΟΣ"]
CYRILLIC = ["йод", "иод", "Москва", "ёлка"]
ARABIC = ["محمد", "مُحَمَّد", "سلام"]
HINDI = ["हिन्दी", "हन्दी", "कि"]
HEBREW = ["שלום", "שָׁלוֹם"]
KOREAN = ["서울", "한국"]
CHINESE = ["東京", "京", "中国", "東京タワー", "塔", "nike東京"]
KANA = ["タワー", "ガラス", "ひらがな", "ばか"]
THAI = ["กรุงเทพ", "ไทย", "ที่"]
EMOJI = ["😀", "👍", "👍🏽", "👩\u200d👧", "❤", "❤️", "🇫🇷", "🔥"]
NUMBER = ["2024", "5", "50", "3d"]
WIDE = ["ｆｕｌｌ", "ＮＩＫＥ", "ﬁn", "①"]
HIDDEN = ["zero\u200bwidth", "soft\u00adhyphen", "ni\u2060ke"]
HASHTAGS = ["#air", "#AirFrance", "#air_france", "#airfrance", "#École", "#東京", "#France2024"]
HANDLES = ["@air", "@AirFrance", "@air_france", "@united", "@nike", "@user@mast.social"]
PREFIXES = ["sno*", "snow*", "éco*", "montr*", "東京*", "fra*", "202*", "coca-col*", "วัน*", "Ath*"]
TAG_PREFIXES = ["#air*", "@air*", "#fran*", "@uni*"]
QUESTIONS = [
    "wom?n",
    "cat?",
    "?at",
    "v?lo",
    "ni?e",
    "fr?nce",
    "20?4",
    "sno?*",
    "co?a-cola",
    "?ike*",
]
LEMMAS = ["acheter", "cheval", "buy", "être", "go", "decathlon", "œil", "run"]
INFLECTED = {
    "acheter": ["acheté", "achète", "achetons", "acheter", "achat"],
    "cheval": ["chevaux", "cheval", "Chevaux"],
    "buy": ["bought", "buys", "buying", "buy"],
    "être": ["était", "sont", "être", "serons"],
    "go": ["went", "going", "goes", "gone"],
    "decathlon": ["Decathlon", "décathlon", "decathlons"],
    "œil": ["yeux", "œil", "oeil"],
    "run": ["ran", "running", "RUNS"],
}
LIKE = {
    "wom?n": ["woman", "Women", "womn", "womaan"],
    "cat?": ["cats", "cat", "catch", "CAT5"],
    "?at": ["cat", "bat", "at", "that"],
    "v?lo": ["vélo", "velo", "vlo"],
    "ni?e": ["nike", "nice", "nie"],
    "fr?nce": ["France", "frnce"],
    "20?4": ["2024", "2014", "204"],
    "sno?*": ["snow", "snows", "sno", "snob"],
    "co?a-cola": ["coca-cola", "Cola Cola", "cocacola", "coa cola"],
    "?ike*": ["nike", "bikes", "ike"],
    "วัน*": ["วันนี้", "วัน"],
    "Ath*": ["Athènes", "athlète"],
    "東京*": ["東京タワー", "東京", "京"],
    "coca-col*": ["coca-cola", "Coca Colas", "cocacola"],
    "202*": ["2024", "202", "2025x"],
}

# kind of word → its words; each is counted when drawn.
KINDS: dict[str, list[str]] = {
    "latin": LATIN,
    "accented": ACCENTED,
    "elided": ELIDED,
    "compound": COMPOUND,
    "signed": SIGNED,
    "greek": GREEK,
    "cyrillic": CYRILLIC,
    "arabic": ARABIC,
    "hindi": HINDI,
    "hebrew": HEBREW,
    "korean": KOREAN,
    "chinese": CHINESE,
    "kana": KANA,
    "thai": THAI,
    "emoji": EMOJI,
    "number": NUMBER,
    "full-width": WIDE,
    "zero-width": HIDDEN,
    "hashtag": HASHTAGS,
    "handle": HANDLES,
}
# Plain words are drawn more often than each of the others.
WEIGHTS = [12, 4, 3, 4, 4, 1, 2, 2, 1, 1, 1, 4, 2, 2, 3, 2, 1, 1, 4, 4]

HOSTS = ["lemonde.fr", "www.lemonde.fr", "blog.lemonde.fr", "pslemonde.fr", "nike.com", "x.fr"]
SITES = ["lemonde.fr", "blog.lemonde.fr", "nike.com", "www.nike.com", "Lemonde.fr"]
LANGS = ["fr", "en", "fr-FR", "fr-CA", "de", "ja"]
COUNTRIES = ["FR", "DE", "CA", "fr"]
SOURCES = [("Hacker News", "hackernews"), ("Le Monde", "rss"), ("Mastodon", "mastodon")]
CLUSTERS = ["c1", "c12", "C2"]
LISTS = ["journalists", "vip", "élus"]
AUTHORS = ["Jeanne Durand", "Air France", "李明", "nike", "Zoë"]
METRICS = ["followers", "likes", "reposts", "replies", "views", "engagement", "score", "stars"]
ZONES = ["Europe/Paris", "UTC", "America/Montreal", "Asia/Tokyo"]
