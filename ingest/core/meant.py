"""The allowed value that a label meant by another one: written differently, another word for it, or a slip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ingest.core.likeness import LONGEST, is_alike, slips

USER_DEFINED: Final = "UserDefined"
_SHORTEST: Final = 4
"""Letters of a value that may be compared by likeness: codes of two or three letters are all alike."""


def nearest(found: str, allowed: Iterable[str], element: str) -> str | None:
    """The value of `element` (or attribute) that was meant by `found`; None where that would be a guess.

    The same letters in other capitals or with blanks and hyphens, another word for it, its beginning, or a slip in it.
    """
    plain = {_bare(value): value for value in reversed(tuple(allowed))}
    bare = _bare(found[: LONGEST * 2])
    synonym = SYNONYMS.get(element, {}).get(bare)
    if bare in plain:
        return plain[bare]
    if synonym is not None:
        return synonym if synonym in plain.values() else None
    if len(bare) < _SHORTEST:
        return None
    begun = [value for one, value in plain.items() if one.startswith(bare) and len(bare) * 2 >= len(one)]
    if begun:
        return begun[0] if len(begun) == 1 else None
    alike = [one for one in reversed(plain) if is_alike(bare, one)]
    return plain[min(alike, key=lambda one: slips(bare, one))] if alike else None


def is_in_own_words(found: str) -> bool:
    """Whether a value that is to become UserDefined says in words of its own what is meant."""
    return _bare(found) != _bare(USER_DEFINED)


def _bare(value: str) -> str:
    return re.sub(r"[\s_./-]", "", value).casefold()


def _table(words: str) -> dict[str, str]:
    """Lines as `Composer: componist komponist`, as a value for each word."""
    rows = (line.partition(":") for line in words.split("\n") if line.strip())
    return {word: value.strip() for value, _, others in rows for word in others.split()}


_WRITERS: Final = """
    Composer: componist komponist compositor compositeur compositore music musicby
    ComposerLyricist: songwriter writer songwriters singersongwriter autorcompositor
    Lyricist: lyrics lyric lyricsby texter textdichter paroles parolier letrista words wordsby
    Arranger: arrangement arr arrangedby
    MusicPublisher: publisher musicpublishing
"""
_PERFORMERS: Final = """
    FeaturedArtist: feat ft featuring featured featuredperformer guest guestartist
    MainArtist: main primary primaryartist mainperformer leadartist
"""
_IN_THE_STUDIO: Final = """
    Producer: producedby prod recordproducer musicproducer executiveproducer coproducer
    StudioPersonnel: mixer mixing mix mixedby mixengineer mixingengineer mastering masteringengineer masteredby engineer
    StudioPersonnel: soundengineer audioengineer recordingengineer recordedby recording assistantengineer
    AssociatedPerformer: vocal vocals vocalist singer leadvocals leadvocal leadvocalist rapper rap
    AssociatedPerformer: backingvocals backingvocal backgroundvocals backgroundvocal backgroundvocalist
    UserDefined: remixer remix dj guitar guitars guitarist acousticguitar electricguitar leadguitar bass bassguitar
    UserDefined: bassist drums drum drummer percussion percussionist piano pianist keyboard keyboards keyboardist
    UserDefined: synthesizer synth organ violin violinist viola cello cellist flute clarinet saxophone sax trumpet
    UserDefined: trombone horn horns harp harmonica accordion banjo ukulele mandolin strings programming
"""

SYNONYMS: Final[Mapping[str, Mapping[str, str]]] = {
    "IndirectResourceContributorRole": _table(_WRITERS),
    "MusicalWorkContributorRole": _table(_WRITERS),
    "ResourceContributorRole": _table(_PERFORMERS + _IN_THE_STUDIO),
    "ArtistRole": _table(_PERFORMERS + "UserDefined: remixer remix dj"),
    "ReleaseType": _table(
        """
        Album: lp longplay compilation mixtape fullalbum fulllength
        EP: eps extendedplay minialbum
        """
    ),
    "ParentalWarningType": _table(
        """
        NotExplicit: no false nonexplicit notexplicitcontent
        Explicit: yes true explicitcontent explicitlyrics parentaladvisory
        ExplicitContentEdited: edited explicitedited cleanversion
        """
    ),
    "UseType": _table(
        """
        OnDemandStream: streaming streams interactivestream ondemand ondemandstreaming
        PermanentDownload: purchase downloadtoown
        """
    ),
    "CommercialModelType": _table(
        """
        AdvertisementSupportedModel: adsupported adfunded advertising ads adsupportedmodel adfundedmodel
        FreeOfChargeModel: free
        PayAsYouGoModel: purchase payperdownload download perdownload
        """
    ),
    "AudioCodecType": _table("PCM: wav wave aiff aif lpcm linearpcm"),
    "ImageType": _table(
        """
        FrontCoverImage: cover coverart front artwork coverimage frontcoverart
        BackCoverImage: back
        """
    ),
    "SoundRecordingType": _table(
        """
        MusicalWorkSoundRecording: soundrecording music musicalwork audio song
        SpokenWordSoundRecording: spokenword speech
        """
    ),
    "TerritoryCode": _table(
        """
        Worldwide: ww world global all international earth
        GB: uk en greatbritain unitedkingdom britain england scotland wales gbr
        US: usa unitedstates unitedstatesofamerica america
        DE: germany deutschland deu ger
        FR: france fra
        ES: spain esp
        IT: italy ita
        NL: netherlands holland nld
        NG: nigeria nga
        GH: ghana gha
        KE: kenya ken
        ZA: southafrica rsa zaf
        CA: canada can
        BR: brazil brasil bra
        JP: japan jpn
        """
    ),
    "LanguageOfPerformance": _table(
        """
        en: english englisch anglais ingles eng
        de: german deutsch ger deu
        fr: french francais fra fre
        es: spanish espanol spa
        it: italian italiano
        pt: portuguese
        nl: dutch
        yo: yoruba
        ig: igbo
        ha: hausa
        sw: swahili
        """
    ),
}
"""Other words for a value, in small letters and without blanks, by the element that they stand in."""
