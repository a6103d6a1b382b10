"""How a generated message is spelled: the guide's ways, those of genuine senders, and what XML leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

NAMESPACE = "http://ddex.net/xml/ern/382"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a message; each of the guide's seven deviations can be chosen by itself.

    `root` is the start of the root element, `codec` the encoding of the bytes; `main` the main release's reference.
    """

    root: str
    declaration: str
    codec: str
    comments: bool
    main: str
    file_element: str
    barcode_element: str
    wav_codec: bool
    date_in_release: bool
    type_first: bool
    territory_details: bool
    groups: bool
    track_releases: bool
    marks_main: bool

    def document(self, body: str) -> str:
        name = self.root.split()[0]
        comment = "<!-- one\ntwo -->\n<?made by hand?>" if self.comments else ""
        return f"{self.declaration}\n{comment}<{self.root}>\n{body}\n</{name}>\n"


def draw_spelling(rng: Random, guide: bool) -> Spelling:
    codec, declaration = rng.choice(
        (
            ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
            ("utf-8", "<?xml version='1.0' encoding='utf-8' standalone='yes'?>"),
            ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>'),
            ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
            ("utf-8", '<?xml version="1.0"?>'),
        )
    )

    def deviates() -> bool:
        return guide and rng.random() < 0.8

    date_in_release = deviates()
    return Spelling(
        root=_root(rng, guide),
        declaration=declaration,
        codec=codec,
        comments=rng.random() < 0.3,
        main=rng.choice(("R0", "R1000")),
        file_element="URI" if deviates() else rng.choice(("FileName", "FilePath", "URL")),
        barcode_element=rng.choice(("UPC", "EAN")) if deviates() else "ICPN",
        wav_codec=deviates(),
        date_in_release=date_in_release,
        type_first=deviates(),
        territory_details=not (guide and date_in_release and rng.random() < 0.7),
        groups=rng.random() < (0.1 if guide else 0.8),
        track_releases=rng.random() < (0.1 if guide else 0.7),
        marks_main=rng.random() < (0.1 if guide else 0.8),
    )


def _root(rng: Random, guide: bool) -> str:
    language = rng.choice(("", ' LanguageAndScriptCode="en"'))
    version = f' MessageSchemaVersionId="{rng.choice(("ern/382", "/ern/381", "382"))}"'
    profile = rng.choice(("", ' ReleaseProfileVersionId="CommonReleaseTypes/14/AudioAlbum"'))
    place = rng.choice(("", f' xmlns:xsi="{XSI}" xsi:schemaLocation="{NAMESPACE} ern.xsd"'))
    if guide:
        both = rng.choice(("", f' xmlns:ern="{NAMESPACE}"'))
        return f'NewReleaseMessage xmlns="{NAMESPACE}"{both}{place}{version}{language}{profile}'
    prefix = rng.choice(("ern", "ernm", "n1"))
    return f'{prefix}:NewReleaseMessage xmlns:{prefix}="{NAMESPACE}"{place}{version}{language}{profile}'
