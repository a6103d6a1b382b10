"""Allowed values of ERN 3.8.2 (edition 2016-10-06 of the allowed-value sets) that the rules need by name."""

from __future__ import annotations

from typing import Final

WORLDWIDE: Final = "Worldwide"

GUIDE_RELEASE_TYPES: Final = ("Single", "Album", "EP")
"""The three values of the guide, "Required XML fields"."""

GUIDE_PARENTAL_WARNINGS: Final = ("NotExplicit", "Explicit", "NoAdviceAvailable")

PARENTAL_WARNINGS: Final = frozenset({*GUIDE_PARENTAL_WARNINGS, "ExplicitContentEdited", "Unknown", "UserDefined"})

_RELEASE_TYPES = """
    AdvertisementVideo Album AlertToneRelease Animation AsPerContract AudioBookRelease AudioClipRelease
    BackCoverImageRelease BookletBackImageRelease BookletFrontImageRelease BookletRelease Bundle ClassicalAlbum
    ConcertVideo CorporateFilm DigitalBoxSetRelease Documentary DocumentImageRelease EBookRelease EP Episode
    FeatureFilm FilmBundle FrontCoverImageRelease IconRelease InfomercialVideo InteractiveBookletRelease
    KaraokeRelease LiveEventVideo LogoRelease LongFormMusicalWorkVideoRelease LongFormNonMusicalWorkVideoRelease
    LyricSheetRelease MultimediaAlbum MultimediaSingle MusicalWorkBasedGameRelease MusicalWorkClipRelease
    MusicalWorkReadalongVideoRelease MusicalWorkTrailerRelease MusicalWorkVideoChapterRelease News
    NonMusicalWorkBasedGameRelease NonMusicalWorkClipRelease NonMusicalWorkReadalongVideoRelease
    NonMusicalWorkTrailerRelease NonMusicalWorkVideoChapterRelease NonSerialAudioVisualRecording PhotographRelease
    RingbackToneRelease RingtoneRelease ScreensaverRelease Season Series SheetMusicRelease
    ShortFormMusicalWorkVideoRelease ShortFormNonMusicalWorkVideoRelease Single SingleResourceRelease
    SingleResourceReleaseWithCoverArt TrackRelease TrailerVideo TrayImageRelease Unknown UserDefined VideoAlbum
    VideoChapterRelease VideoClipRelease VideoScreenCaptureRelease VideoSingle VideoTrackRelease WallpaperRelease
"""

RELEASE_TYPES: Final = frozenset(_RELEASE_TYPES.split())
"""ReleaseType, all 71 values."""

_TERRITORIES = """
    AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CS CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ES-CE ES-CN
    ES-ML ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL
    IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH
    PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC
    TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
"""

TERRITORIES: Final = frozenset(_TERRITORIES.split())
"""ISO 3166 codes with the additions of the standard; `Worldwide` and the numeric TIS codes are not among them."""

_COMMERCIAL_MODELS = """
    AdvertisementSupportedModel AsPerContract DeviceFeeModel FreeOfChargeModel PayAsYouGoModel
    PerformanceRoyaltiesModel RightsClaimModel SubscriptionModel Unknown UserDefined
"""

COMMERCIAL_MODELS: Final = frozenset(_COMMERCIAL_MODELS.split())
"""CommercialModelType, all 10 values."""

_USE_TYPES = """
    AsPerContract Broadcast ConditionalDownload ContentInfluencedStream Display Download DubForAdvertisement
    DubForLivePerformance DubForMovies DubForMusicOnHold DubForPublicPerformance DubForRadio DubForTV
    ExtractForInternet KioskDownload Narrowcast NonInteractiveStream OnDemandStream PerformAsMusicOnHold
    PerformInLivePerformance PerformInPublic PermanentDownload Playback PlayInPublic Podcast Print PrivateCopy
    PurchaseAsPhysicalProduct Rent Simulcast Stream TetheredDownload TimeInfluencedStream Unknown UseAsAlertTone
    UseAsDevice UseAsKaraoke UseAsRingbackTone UseAsRingbackTune UseAsRingtone UseAsRingtune UseAsScreensaver
    UseAsVoiceMail UseAsWallpaper UseForIdentification UseInMobilePhoneMessaging UseInPhoneListening UserDefined
    UserMakeAvailableLabelProvided UserMakeAvailableUserProvided Webcast
"""

USE_TYPES: Final = frozenset(_USE_TYPES.split())
"""UseType, all 51 values."""
