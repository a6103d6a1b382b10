"""Every field of a genuine message, and the quirks of real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.deals import Deal, DealChannel, Period, Price
from ingest.core.message import Header, Party, ResourceUse, TrackEntry
from ingest.core.resources import (
    Artist,
    FileReference,
    Genre,
    HashSum,
    Identifier,
    ImageResource,
    Line,
    OtherResource,
    SoundRecording,
    TechnicalDetails,
    TerritoryBlock,
    Title,
)
from ingest.core.text import Text
from ingest.readers.ern.references import ANCHORS, REFERENCES
from ingest.readers.ern.schema import own_schema
from tests.readers.ern.messages import GENUINE, GUIDE, changed, line_of, read


def at(part: str, value: str | None = None, nth: int = 1) -> Text:
    """The text of the element `<x>value</x>`, where it stands in the genuine message."""
    shown = part[part.index(">") + 1 :].partition("<")[0] if value is None else value
    return Text(shown, line_of(GENUINE, part, nth))


def named(part: str) -> Identifier:
    """As `at`, of a ProprietaryId in the namespace of the genuine message."""
    return Identifier(at(part).value, at(part).line, "DPID:PADPIDA2026010101A")


def artist(name: str, *roles: str, sequence: int | None = None, nth: int = 1) -> Artist:
    line = line_of(GENUINE, f"<FullName>{name}</FullName>", nth)
    return Artist(Text(name, line), tuple(Text(r, line + 1 + i) for i, r in enumerate(roles)), line - 1, sequence)


def test_the_header_is_read_with_its_parties(tmp_path: Path) -> None:
    assert read(tmp_path, GENUINE).header == Header(
        line=line_of(GENUINE, "<MessageHeader>"),
        message_id=at("<MessageId>M-77-1"),
        thread_id=at("<MessageThreadId>T-77"),
        sender=Party((at(">PADPIDA2026010101A</PartyId>"),), at("<FullName>Fjord Records", "Fjord Records"), 7),
        sent_on_behalf_of=Party((at("<PartyId>FJORD-SUB"),), None, 11),
        recipients=(Party((at("<PartyId>INTERSPACE"),), None, 14),),
        created=at("<MessageCreatedDateTime>2026-03-23T10:00:00.1234567+01:00"),
        control_type=at("<MessageControlType>LiveMessage"),
        update_indicator=at("<UpdateIndicator>OriginalMessage"),
    )


def test_a_recording_is_read_with_everything_its_default_territory_block_says(tmp_path: Path) -> None:
    line = line_of(GENUINE, "<SoundRecordingType>") - 1
    details = line_of(GENUINE, "<TechnicalResourceDetailsReference>T1<") - 1
    clip = line_of(GENUINE, "<TechnicalResourceDetailsReference>T2<") - 1
    digest = "d41d8cd98f00b204e9800998ecf8427e"
    hash_sum = HashSum(at(f"<HashSum>{digest.upper()}"), at(">MD5<", "MD5"), at("<HashSumDataType>HexBinary"), digest)
    wav = FileReference(at("<FileName>7031234567897_T1_1.wav"), "FileName", at("<FilePath>resources/"), hash_sum)
    url = at("<URL>resources/clips/clip1.mp3").line
    assert read(tmp_path, GENUINE).recordings[0] == SoundRecording(
        line=line,
        reference=at("<ResourceReference>A1"),
        isrc=at("<ISRC>NOABC2600001"),
        type=at("<SoundRecordingType>MusicalWorkSoundRecording"),
        catalog_number=at(">FJ-1<"),
        proprietary_ids=(named(">REC-1<"),),
        iswcs=(at("<IndirectSoundRecordingId>", "T0345246802"),),
        title=Title(at(">Nordlys</TitleText><Sub", "Nordlys"), at(">Live<", "Live"), at(">Live<", "").line),
        titles=(Title(at(">Nordlys (Live)<"), None, at(">Nordlys (Live)<").line, "DisplayTitle"),),
        duration=at("<Duration>PT5M7.000S"),
        duration_seconds=307.0,
        language=at("<LanguageOfPerformance>no"),
        is_instrumental=True,
        territories=(Text("Worldwide", line_of(GENUINE, "<SoundRecordingDetailsByTerritory>") + 1),),
        display_artists=(
            artist("Blå Natt", "MainArtist", "Band", sequence=1),
            artist("Ola Vik", "FeaturedArtist", sequence=2),
        ),
        display_artist_name=at("<DisplayArtistName>Blå Natt feat. Ola Vik"),
        contributors=(artist("Per Lund", "Producer"),),
        writers=(artist("Kari Dal", "Composer", nth=2),),
        label_name=at("<LabelName>Fjord<"),
        genres=(Genre(at("<SubGenre>", "Jazz"), at("<SubGenre>", "Nordic"), at("<SubGenre>", "").line),),
        parental_warnings=(at("<ParentalWarningType>NotExplicit"),),
        p_lines=(
            Line(
                at("<PLineCompany>", "2026"),
                at("<PLineCompany>", "Fjord Records"),
                at("<PLineCompany>", "2026 Fjord Records"),
                at("<PLineCompany>", "").line,
            ),
        ),
        sequence=1,
        technical_details=(
            TechnicalDetails(
                line=details,
                files=(wav,),
                codec=at("<AudioCodecType>PCM"),
                container=at("<ContainerFormat>WAV"),
                sample_rate=at(">44.1<"),
                sample_rate_hz=44100.0,
                bits=at("<BitsPerSample>24"),
                channels=at("<NumberOfChannels>2"),
            ),
            TechnicalDetails(
                line=clip,
                files=(FileReference(Text("clip1.mp3", url), "URL", Text("resources/clips", url), None, True),),
                codec=at("<AudioCodecType>MP3"),
                is_preview=True,
            ),
        ),
        ids_line=line_of(GENUINE, "<SoundRecordingId>"),
        block_line=line_of(GENUINE, "<SoundRecordingDetailsByTerritory>"),
        blocks=(
            TerritoryBlock(
                line=line_of(GENUINE, "<SoundRecordingDetailsByTerritory>", 2),
                territories=(at("<TerritoryCode>US"),),
                parental_warnings=(at("<ParentalWarningType>Explicit"),),
            ),
        ),
    )


def test_identifiers_of_parties_say_what_they_are(tmp_path: Path) -> None:
    one = "<PartyName><FullName>Blå Natt</FullName></PartyName>"
    ids = '<PartyId IsISNI="true">0000000121707484</PartyId><PartyId IsDPID="true">PADPIDA1</PartyId>'
    text = changed(GENUINE, (one, f'{one}{ids}<PartyId Namespace="IPN">7</PartyId><PartyId>8</PartyId>'))
    line = line_of(text, '<PartyId Namespace="IPN">')
    assert read(tmp_path, text).recordings[0].display_artists[0].ids == (
        Identifier("0000000121707484", line, "ISNI"),
        Identifier("PADPIDA1", line, "DPID"),
        Identifier("7", line, "IPN"),
        Identifier("8", line),
    )


def test_a_recording_without_writers_has_those_of_its_works(tmp_path: Path) -> None:
    recording = read(tmp_path, GENUINE).recordings[1]
    assert recording.writers == (artist("Kari Dal", "Composer"),)
    assert recording.iswcs == (at("<MusicalWorkId>", "T0345246801"),)
    assert recording.duration_seconds == 196.0
    hash_sum = recording.technical_details[0].files[0].hash_sum
    assert hash_sum is not None
    assert hash_sum.hex == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_images_and_other_resources_are_read(tmp_path: Path) -> None:
    message = read(tmp_path, GENUINE)
    cover = FileReference(
        at("<FileName>7031234567897.jpg"),
        "FileName",
        at("<FilePath>resources/", nth=4),
        HashSum(at(">TEMP_HASH<", "TEMP_HASH"), at(">TEMP_HASH<", "MD5")),
    )
    details = TechnicalDetails(
        line=line_of(GENUINE, ">T5<") - 1,
        files=(cover,),
        codec=at("<ImageCodecType>JPEG"),
        width=at('<ImageWidth UnitOfMeasure="Pixel">3000'),
        height=at('<ImageHeight UnitOfMeasure="Pixel">3000'),
    )
    image_line = line_of(GENUINE, "<ImageType>") - 1
    assert message.images == (
        ImageResource(
            image_line, at("<ResourceReference>A3"), at("<ImageType>FrontCoverImage"), (named(">IMG-1<"),), (details,)
        ),
    )
    booklet = FileReference(at("<FileName>booklet.pdf"), "FileName")
    text = TechnicalDetails(line=line_of(GENUINE, ">T6<") - 1, files=(booklet,))
    assert message.others == (OtherResource(line_of(GENUINE, "<Text>"), "Text", at("<ResourceReference>A4"), (text,)),)


def test_the_main_release_is_read_whole(tmp_path: Path) -> None:
    message = read(tmp_path, GENUINE)
    release = message.main_release
    assert release is not None
    assert (message.main, release.is_main, release.line) == (0, True, line_of(GENUINE, "<Release IsMain"))
    assert release.references == (at("<ReleaseReference>R0"),)
    assert (release.barcode, release.barcode_element) == (at('<ICPN IsEan="true">7031234567897'), "ICPN")
    assert (release.grid, release.isrc) == (at("<GRid>A1UCASE0000000401X"), None)
    assert (release.catalog_number, release.proprietary_ids) == (at(">FJ-ALB-1<"), (named(">REL-1<"),))
    title = line_of(GENUINE, "<ReferenceTitle><TitleText>Vinter")
    assert release.title == Title(Text("Vinter", title), None, title)
    assert [each.type for each in release.titles] == ["FormalTitle", "DisplayTitle"]
    assert [kind.value for kind in release.types] == ["Album"]
    assert release.label_name == at('<LabelName LabelNameType="DisplayLabelName">Fjord')
    assert release.display_artist_name == at("<DisplayArtistName>Blå Natt<")
    assert [name.name and name.name.value for name in release.display_artists] == ["Blå Natt"]
    assert (release.release_date, release.original_release_date) == (
        at("<ReleaseDate>2026-05-01"),
        at("<OriginalReleaseDate>2020-05-01"),
    )
    assert release.global_release_date == at("<GlobalReleaseDate>2026-05-02")
    assert release.global_original_release_date == at("<GlobalOriginalReleaseDate>2020-05-02")
    assert [line.text and line.text.value for line in (*release.p_lines, *release.c_lines)] == [
        "2026 Fjord Records"
    ] * 2
    assert [(use.reference.value, use.type) for use in release.resources] == [
        ("A1", "PrimaryResource"),
        ("A2", "PrimaryResource"),
        ("A3", "SecondaryResource"),
        ("A4", "SecondaryResource"),
    ]
    first, second = (line_of(GENUINE, f'"PrimaryResource">{name}<', 2) for name in ("A2", "A1"))
    assert release.groups == (
        ResourceUse(Text("A2", first), "PrimaryResource", 1, 1, 1, 1),
        ResourceUse(Text("A1", second), "PrimaryResource", 2, 1, 1, 2),
    )
    assert message.tracks == (TrackEntry(1, 1, 1), TrackEntry(2, 2, 0))


def test_a_release_type_of_a_territory_block_counts(tmp_path: Path) -> None:
    assert [kind.value for kind in read(tmp_path, GENUINE).releases[2].types] == ["TrackRelease"]


def test_deals_are_read_with_terms_periods_and_exclusions(tmp_path: Path) -> None:
    message = read(tmp_path, GENUINE)
    takedown = line_of(GENUINE, "<StartDateTime>")
    assert message.has_deal_list
    assert message.deals == (
        Deal(
            line=line_of(GENUINE, "<Deal>"),
            releases=(at("<DealReleaseReference>R0"), at("<DealReleaseReference>R1")),
            commercial_models=(at("<CommercialModelType>PayAsYouGoModel"),),
            use_types=(at("<Usage>", "PermanentDownload"), at("<Usage>", "OnDemandStream")),
            excluded_territories=(at("<ExcludedTerritoryCode>US"), at("<ExcludedTerritoryCode>CA")),
            periods=(Period(at("<StartDate>", "2026-04-15"), None, at("<StartDate>", "").line),),
            is_pre_order=True,
            prices=(Price(line_of(GENUINE, "<PriceInformation>"), price_type=at(">15<", "15")),),
            effective_date=at("<EffectiveDate>2026-04-15"),
            pre_order_release_date=at("<PreOrderReleaseDate>2026-05-01"),
        ),
        Deal(
            line=line_of(GENUINE, "<Deal>", 2),
            releases=(at("<DealReleaseReference>R2"),),
            territories=(at("<TerritoryCode>DE"),),
            periods=(
                Period(Text("2026-05-01T00:00:00", takedown), Text("2026-06-01T00:00:00", takedown), takedown),
                Period(None, Text("2026-08-01", takedown + 1), takedown + 1),
            ),
            is_takedown=True,
        ),
    )


def test_prices_are_read_with_their_currency(tmp_path: Path) -> None:
    old = '<PriceInformation><PriceType Namespace="DPID:PADPIDA2026010101A">15</PriceType></PriceInformation>'
    new = (
        '<PriceInformation PriceType="PreOrderPrice"><PriceRangeType Namespace="x">Mid</PriceRangeType>'
        '<WholesalePricePerUnit CurrencyCode="EUR">6.99</WholesalePricePerUnit>'
        '<SuggestedRetailPrice CurrencyCode="EUR">9.99</SuggestedRetailPrice></PriceInformation>'
    )
    text = changed(GENUINE, (old, new))
    message, line = read(tmp_path, text), line_of(text, "<PriceInformation")
    assert message.schema_faults == ()
    assert message.deals[0].prices == (
        Price(line, "PreOrderPrice", None, Text("Mid", line), Text("6.99", line), Text("9.99", line), "EUR"),
    )
    assert [deal.has_prices for deal in message.deals] == [True, False]


CHANNELS = """<DistributionChannel>
<PartyName><FullName>Spotify</FullName></PartyName><PartyName><FullName>Spoty</FullName></PartyName>
<PartyId IsDPID="true">PADPIDA2011072101T</PartyId><TradingName>Spotify AB</TradingName><URL>https://x</URL>
<TerritoryCode>SE</TerritoryCode></DistributionChannel>
<DistributionChannel><PartyId>PADPIDA2013020802I</PartyId></DistributionChannel>"""


def test_the_dsps_that_a_deal_is_for_or_not_for_are_read_with_all_their_names(tmp_path: Path) -> None:
    excluded = "<ExcludedDistributionChannel><PartyName><FullName>Deezer</FullName></PartyName><PartyId/>"
    first = "<ExcludedTerritoryCode>CA</ExcludedTerritoryCode>"
    second = "<TerritoryCode>DE</TerritoryCode>\n          <V"
    xml = changed(
        GENUINE,
        (first, first + CHANNELS),
        (second, second.replace("<V", f"{excluded}</ExcludedDistributionChannel>\n<V")),
    )
    message = read(tmp_path, xml)
    line = line_of(xml, "<DistributionChannel>")
    names = (Text("Spotify", line + 1), Text("Spoty", line + 1), Text("Spotify AB", line + 2))
    one, other = message.deals
    assert one.channels == (
        DealChannel(line, (Text("PADPIDA2011072101T", line + 2),), names, Text("SE", line + 3)),
        DealChannel(line + 4, (Text("PADPIDA2013020802I", line + 4),)),
    )
    after = line_of(xml, excluded)
    assert other.excluded_channels == (DealChannel(after, (), (Text("Deezer", after),)),)
    assert (one.excluded_channels, other.channels) == ((), ())
    assert message.schema_faults == ()


def test_anchors_and_references_are_those_of_the_schema() -> None:
    schema = own_schema().read_text("utf-8").split("<xs:element ")
    anchors = {part.split('"')[1] for part in schema if 'base="xs:ID"' in part}
    direct = {part.split('"')[1] for part in schema if 'base="xs:IDREF"' in part.partition("</xs:element>")[0]}
    typed = {"ReleaseResourceReference", "LinkedReleaseResourceReference", "ReleaseCollectionReference"}
    named = {part.split('"')[1] for part in schema for name in typed if f'type="ern:{name}"' in part.partition(">")[0]}
    assert anchors == ANCHORS
    assert direct | named == REFERENCES
    assert (len(ANCHORS), len(REFERENCES)) == (7, 25)


def test_blanks_inside_a_reference_are_stripped(tmp_path: Path) -> None:
    text = changed(GUIDE, ("Reference>A1</ReleaseResourceReference", "Reference>A1\n\t\t</ReleaseResourceReference"))
    message = read(tmp_path, text)
    assert [use.reference.value for use in message.releases[0].resources] == ["A1"]
    assert message.schema_faults == ()
    assert len(message.tracks) == 1


@pytest.mark.parametrize("unknown", ["9999-01-01", "#unknown#"])
def test_ddex_spellings_of_not_known_are_missing_values(tmp_path: Path, unknown: str) -> None:
    text = changed(GENUINE, (">2026-05-01</ReleaseDate>", f">{unknown}</ReleaseDate>"))
    assert read(tmp_path, text).releases[0].release_date is None


def test_the_release_date_falls_back_in_order_of_trust(tmp_path: Path) -> None:
    text, dates = GENUINE, []
    for name in ("ReleaseDate", "OriginalReleaseDate", "GlobalReleaseDate", "GlobalOriginalReleaseDate", "none"):
        found = read(tmp_path, text).release_date
        dates.append(found.value if found else None)
        text = text.replace(f"<{name}>", "<MarketingComment>").replace(f"</{name}>", "</MarketingComment>")
    assert dates == ["2026-05-01", "2020-05-01", "2026-05-02", "2020-05-02", "2026-04-15"]


def test_quirks_of_real_messages_are_read_as_they_stand(tmp_path: Path) -> None:
    text = changed(
        GUIDE,
        ("<ISRC>GBDUM7620001</ISRC>", "<ISRC/>"),
        ("<MessageId>MSG-001</MessageId>", "<MessageId> </MessageId>"),
        ("<PartyName><FullName>Artist Name</FullName></PartyName>", "<PartyName><KeyName>宇多田</KeyName></PartyName>"),
        ("<ReleaseType>Single</ReleaseType>", '<ReleaseType UserDefinedValue="Compilation">UserDefined</ReleaseType>'),
        ("<AudioCodecType>WAV", "<AudioCodecType>MP3"),
        ("<StartDate>2026-04-01</StartDate>", "<EndDate>2026-04-01</EndDate>"),
    )
    message = read(tmp_path, text)
    recording = message.recordings[0]
    assert recording.isrc == Text("", 25)
    assert message.header is not None
    assert message.header.message_id == Text("", 9)
    assert recording.display_artists[0].name == Text("宇多田", 35)
    assert recording.technical_details[0].codec == Text("MP3", 42)
    assert [kind.value for kind in message.releases[0].types] == ["UserDefined"]
    assert message.deals[0].periods == (Period(None, Text("2026-04-01", 76), 76),)


def test_what_the_guide_wants_is_read_even_where_it_stands_in_the_wrong_place(tmp_path: Path) -> None:
    text = changed(
        GUIDE,
        ("        <Genre><GenreText>Afrobeats</GenreText></Genre>\n", ""),
        ("      <Duration>", "      <Genre><GenreText>Afrobeats</GenreText></Genre>\n      <Duration>"),
    )
    message = read(tmp_path, text)
    assert message.recordings[0].genres == (Genre(Text("Afrobeats", 31), None, 31),)
    assert len(message.schema_faults) == 1


def test_a_message_without_any_list_has_nothing_but_faults(tmp_path: Path) -> None:
    message = read(tmp_path, '<e:NewReleaseMessage xmlns:e="http://ddex.net/xml/ern/382"/>')
    assert (message.header, message.recordings, message.releases, message.deals) == (None, (), (), ())
    assert (message.main, message.tracks, message.has_deal_list, message.release_date) == (None, (), False, None)
    assert {fault.element for fault in message.schema_faults} == {
        "NewReleaseMessage",
        "MessageHeader",
        "ResourceList",
        "ReleaseList",
    }
