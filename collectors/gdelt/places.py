"""GDELT names languages and countries in English; here are their ISO codes. Pure.

Languages: those that GDELT translates (blog.gdeltproject.org/gdelt-translingual-…-65-languages).
Countries: names as GDELT's lists write them (data.gdeltproject.org/api/v2/guides). What is not
here has no code, and the item then says nothing of it.
"""

from __future__ import annotations

from functools import cache

_LANGUAGES = """
af Afrikaans, sq Albanian, am Amharic, ar Arabic, hy Armenian, az Azerbaijani, eu Basque,
be Belarusian, bn Bengali, bs Bosnian, bg Bulgarian, my Burmese, ca Catalan, zh Chinese,
hr Croatian, cs Czech, da Danish, nl Dutch, en English, et Estonian, fi Finnish, fr French,
gl Galician, ka Georgian, de German, el Greek, gu Gujarati, he Hebrew, hi Hindi, hu Hungarian,
is Icelandic, id Indonesian, ga Irish, it Italian, ja Japanese, kn Kannada, kk Kazakh, km Khmer,
ko Korean, ky Kyrgyz, lo Lao, lv Latvian, lt Lithuanian, mk Macedonian, ms Malay, ml Malayalam,
mt Maltese, mr Marathi, mn Mongolian, ne Nepali, no Norwegian, fa Persian, pl Polish,
pt Portuguese, pa Punjabi, ro Romanian, ru Russian, sr Serbian, si Sinhalese, sk Slovak,
sl Slovenian, so Somali, es Spanish, sw Swahili, sv Swedish, tl Tagalog, tg Tajik, ta Tamil,
te Telugu, th Thai, bo Tibetan, tr Turkish, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese,
cy Welsh
"""
_COUNTRIES = """
AF Afghanistan, AL Albania, DZ Algeria, AD Andorra, AO Angola, AR Argentina, AM Armenia,
AU Australia, AT Austria, AZ Azerbaijan, BS Bahamas, BH Bahrain, BD Bangladesh, BB Barbados,
BY Belarus, BE Belgium, BZ Belize, BJ Benin, BM Bermuda, BT Bhutan, BO Bolivia,
BA Bosnia-Herzegovina, BW Botswana, BR Brazil, BN Brunei, BG Bulgaria, BF Burkina Faso,
BI Burundi, KH Cambodia, CM Cameroon, CA Canada, CV Cape Verde, KY Cayman Islands,
CF Central African Republic, TD Chad, CL Chile, CN China, CO Colombia, KM Comoros, CG Congo,
CD Democratic Republic Of The Congo, CR Costa Rica, CI Cote D'ivoire, CI Ivory Coast, HR Croatia,
CU Cuba, CY Cyprus, CZ Czech Republic, DK Denmark, DJ Djibouti, DM Dominica,
DO Dominican Republic, EC Ecuador, EG Egypt, SV El Salvador, GQ Equatorial Guinea, ER Eritrea,
EE Estonia, ET Ethiopia, FJ Fiji, FI Finland, FR France, GF French Guiana, PF French Polynesia,
GA Gabon, GM Gambia, GE Georgia, DE Germany, GH Ghana, GI Gibraltar, GR Greece, GL Greenland,
GD Grenada, GP Guadeloupe, GT Guatemala, GN Guinea, GY Guyana, HT Haiti, HN Honduras,
HK Hong Kong, HU Hungary, IS Iceland, IN India, ID Indonesia, IR Iran, IQ Iraq, IE Ireland,
IL Israel, IT Italy, JM Jamaica, JP Japan, JO Jordan, KZ Kazakhstan, KE Kenya, KW Kuwait,
KG Kyrgyzstan, LA Laos, LV Latvia, LB Lebanon, LS Lesotho, LR Liberia, LY Libya,
LI Liechtenstein, LT Lithuania, LU Luxembourg, MO Macau, MK Macedonia, MG Madagascar, MW Malawi,
MY Malaysia, MV Maldives, ML Mali, MT Malta, MQ Martinique, MR Mauritania, MU Mauritius,
MX Mexico, MD Moldova, MC Monaco, MN Mongolia, ME Montenegro, MA Morocco, MZ Mozambique,
MM Myanmar, NA Namibia, NP Nepal, NL Netherlands, NC New Caledonia, NZ New Zealand,
NI Nicaragua, NE Niger, NG Nigeria, KP North Korea, NO Norway, OM Oman, PK Pakistan, PA Panama,
PG Papua New Guinea, PY Paraguay, PE Peru, PH Philippines, PL Poland, PT Portugal,
PR Puerto Rico, QA Qatar, RE Reunion, RO Romania, RU Russia, RW Rwanda, WS Samoa, SM San Marino,
SA Saudi Arabia, SN Senegal, RS Serbia, SC Seychelles, SL Sierra Leone, SG Singapore,
SK Slovakia, SK Slovak Republic, SI Slovenia, SB Solomon Islands, SO Somalia, ZA South Africa,
KR South Korea, SS South Sudan, ES Spain, LK Sri Lanka, SD Sudan, SR Suriname, SZ Swaziland,
SE Sweden, CH Switzerland, SY Syria, TW Taiwan, TJ Tajikistan, TZ Tanzania, TH Thailand,
TG Togo, TT Trinidad And Tobago, TN Tunisia, TR Turkey, TM Turkmenistan, UG Uganda, UA Ukraine,
AE United Arab Emirates, GB United Kingdom, US United States, UY Uruguay, UZ Uzbekistan,
VU Vanuatu, VA Vatican City, VE Venezuela, VN Vietnam, YE Yemen, ZM Zambia, ZW Zimbabwe
"""


def language_code(name: str) -> str | None:
    """ISO 639-1 of a language's English name."""
    return _codes(_LANGUAGES).get(_plain(name))


def country_code(name: str) -> str | None:
    """ISO 3166-1 of a country's English name."""
    return _codes(_COUNTRIES).get(_plain(name))


def language_name(code: str) -> str | None:
    """The name by which `sourcelang:` knows a language: small letters, no blanks."""
    return _names(_LANGUAGES).get(code)


def country_name(code: str) -> str | None:
    """The name by which `sourcecountry:` knows a country: small letters, no blanks."""
    return _names(_COUNTRIES).get(code)


@cache
def _codes(table: str) -> dict[str, str]:
    return {_plain(name): code for code, name in _pairs(table)}


@cache
def _names(table: str) -> dict[str, str]:
    # The first name of a code is the one to ask by.
    return {code: _plain(name) for code, name in reversed(_pairs(table))}


def _pairs(table: str) -> list[tuple[str, str]]:
    entries = (entry.split(None, 1) for entry in table.split(","))
    return [(code, name) for code, name in entries]


def _plain(name: str) -> str:
    return "".join(name.lower().split())[:100]
