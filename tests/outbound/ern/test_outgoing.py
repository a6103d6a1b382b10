"""The neutral message: whose names are shown, which file stands for which, whose namespace identifiers have."""

from __future__ import annotations

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import Credit
from ingest.outbound.ern.outgoing import Outgoing, digest_of, shown_artist, shown_credits
from tests.outbound.ern.releases import TRANSMISSION, sent_audio

AYO, ESI = Credit("Ayo", ("MainArtist",)), Credit("Esi", ("FeaturedArtist",))


def test_artists_are_shown_as_the_label_said_or_by_the_names_of_the_main_ones() -> None:
    assert shown_artist(Release(artists=(AYO, ESI))) == "Ayo"
    assert shown_artist(Release(artists=(AYO, ESI), display_name="Ayo feat. Esi")) == "Ayo feat. Esi"
    assert shown_artist(ReleaseTrack(1)) == ""


def test_the_name_that_is_shown_is_credited_where_nobody_is() -> None:
    assert shown_credits(Release(artists=(AYO, ESI), display_name="Ayo feat. Esi")) == (AYO, ESI)
    assert shown_credits(Release(display_name="Ayo")) == (Credit("Ayo"),)
    assert shown_credits(Release()) == ()


def test_a_file_is_found_by_what_it_was_made_of() -> None:
    file = sent_audio("01.wav")
    outgoing = Outgoing(TRANSMISSION, Release(), files={"01.wav": file})
    assert [outgoing.sent(path) for path in ("01.wav", "02.wav", None)] == [file, None, None]
    assert [digest_of(file, algorithm) for algorithm in ("MD5", "SHA-1", "SHA-256")] == [
        file.md5,
        file.sha1,
        file.sha256,
    ]
    assert TRANSMISSION.namespace == "DPID:PADPIDA2026010101A"
