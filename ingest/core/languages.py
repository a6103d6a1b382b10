"""Names of languages in English and their codes of ISO 639-1: integrators write `English`, messages `en`."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
    aa Afar; ab Abkhazian; af Afrikaans; ak Akan, Twi, Fante; sq Albanian; am Amharic; ar Arabic; an Aragonese;
    hy Armenian; as Assamese; av Avaric; ae Avestan; ay Aymara; az Azerbaijani; ba Bashkir; bm Bambara; eu Basque;
    be Belarusian;
    bn Bengali, Bangla; bh Bihari; bi Bislama; bs Bosnian; br Breton; bg Bulgarian; my Burmese; ca Catalan, Valencian;
    ch Chamorro; ce Chechen; zh Chinese, Mandarin, Cantonese; cv Chuvash; kw Cornish; co Corsican; cr Cree; cs Czech;
    da Danish; dv Divehi, Maldivian; nl Dutch, Flemish; dz Dzongkha; en English, Pidgin; eo Esperanto; et Estonian;
    ee Ewe; fo Faroese; fj Fijian; fi Finnish; fr French; fy Frisian; ff Fulah, Fula; ka Georgian; de German; gd Gaelic;
    ga Irish; gl Galician; gv Manx; el Greek; gn Guarani; gu Gujarati; ht Haitian, Haitian Creole, Kreyol; ha Hausa;
    he Hebrew; hz Herero; hi Hindi; ho Hiri Motu; hr Croatian; hu Hungarian; ig Igbo; is Icelandic; io Ido; ii Nuosu;
    iu Inuktitut; ie Interlingue; ia Interlingua; id Indonesian; ik Inupiaq; it Italian; jv Javanese; ja Japanese;
    kl Greenlandic; kn Kannada; ks Kashmiri; kr Kanuri; kk Kazakh; km Khmer; ki Kikuyu; rw Kinyarwanda; ky Kyrgyz;
    kv Komi; kg Kongo; ko Korean; kj Kuanyama; ku Kurdish; lo Lao; la Latin; lv Latvian; li Limburgish; ln Lingala;
    lt Lithuanian; lb Luxembourgish; lu Luba-Katanga; lg Ganda, Luganda; mk Macedonian; mh Marshallese; ml Malayalam;
    mi Maori; mr Marathi; ms Malay; mg Malagasy; mt Maltese; mn Mongolian; na Nauru; nv Navajo; nr South Ndebele;
    nd North Ndebele, Ndebele; ng Ndonga; ne Nepali; nn Nynorsk; nb Bokmal; no Norwegian; ny Chichewa, Nyanja;
    oc Occitan; oj Ojibwa; or Odia, Oriya; om Oromo; os Ossetian; pa Punjabi, Panjabi; fa Persian, Farsi; pi Pali;
    pl Polish; pt Portuguese, Brazilian Portuguese; ps Pashto; qu Quechua; rm Romansh; ro Romanian, Moldovan; rn Rundi;
    ru Russian; sg Sango; sa Sanskrit; si Sinhala; sk Slovak; sl Slovenian; se Northern Sami, Sami; sm Samoan; sn Shona;
    sd Sindhi; so Somali; st Sotho, Sesotho; es Spanish, Castilian; sc Sardinian; sr Serbian; ss Swati; su Sundanese;
    sw Swahili; sv Swedish; ty Tahitian; ta Tamil; tt Tatar; te Telugu; tg Tajik; tl Tagalog, Filipino; th Thai;
    bo Tibetan; ti Tigrinya; to Tonga; tn Tswana; ts Tsonga; tk Turkmen; tr Turkish; ug Uighur; uk Ukrainian; ur Urdu;
    uz Uzbek; ve Venda; vi Vietnamese; vo Volapuk; cy Welsh; wa Walloon; wo Wolof; xh Xhosa; yi Yiddish; yo Yoruba;
    za Zhuang; zu Zulu
"""


def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for entry in _NAMES.split(";"):
        code, _, names = entry.strip().partition(" ")
        codes |= {name.strip().lower(): code for name in names.split(",")}
    return codes


CODES: Final = _codes()
"""ISO 639-1 codes by English names in lower case."""
KNOWN: Final = frozenset(CODES.values())
INSTRUMENTAL: Final = frozenset({"instrumental", "zxx"})
"""What stands for a track without words."""


def language_code(text: str) -> str | None:
    """The code of a language that is named or given as a code, `en-GB` included; None where it is not known."""
    word = text.strip().lower()
    return CODES.get(word) or next((one for one in (word, word.partition("-")[0]) if one in KNOWN), None)
