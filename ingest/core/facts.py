"""Facts: what was measured or read of one file, unjudged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FileKind(StrEnum):
    """What a file of a package is, by content where that is known and by suffix elsewhere.

    `litter` is what operating systems leave behind (`.DS_Store`, `Thumbs.db`), `temporary` a client's unfinished
    upload (`x.filepart`), `marker` a completion marker (`delivery.complete`).
    """

    MESSAGE = "message"
    AUDIO = "audio"
    IMAGE = "image"
    XML = "xml"
    MARKER = "marker"
    LITTER = "litter"
    TEMPORARY = "temporary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the package: `path` relative with `/`, `size` in bytes, `sha256` as hex where it was computed.

    `is_sparse`: a part of it was never written, as when a client that writes out of order loses its connection.
    """

    path: str
    size: int
    kind: FileKind
    sha256: str | None = None
    is_sparse: bool = False


class UploadEnd(StrEnum):
    """How the last upload of a file ended, as the server saw it.

    The values are stored: `torn` is the one for interrupted.
    """

    CLOSED = "closed"
    INTERRUPTED = "torn"
    OPEN = "open"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class UploadFact:
    """What the SFTP server saw of one file: bytes received, how its last upload ended, whether it left gaps."""

    path: str
    bytes_received: int
    end: UploadEnd
    holes: bool = False


class Container(StrEnum):
    """The container of an audio file by its content, never by its suffix."""

    WAV = "WAV"
    RF64 = "RF64"
    BW64 = "BW64"
    RIFX = "RIFX"
    W64 = "W64"
    AIFF = "AIFF"
    AIFC = "AIFF-C"
    FLAC = "FLAC"
    OGG = "Ogg"
    MP3 = "MP3"
    MP4 = "MP4"
    AAC = "AAC"
    WMA = "WMA"
    WAVPACK = "WavPack"
    OTHER = "other"
    EMPTY = "empty"


class Damage(StrEnum):
    """What is structurally wrong with an audio file."""

    ZERO_LENGTH = "zero-length"
    HEADER_ONLY = "header-only"
    TRUNCATED = "truncated"
    NO_AUDIO = "no-audio"
    BAD_HEADER = "bad-header"
    UNREADABLE = "unreadable"
    DAMAGED_FRAMES = "damaged-frames"
    MD5_MISMATCH = "md5-mismatch"
    TOTAL_MISMATCH = "total-mismatch"
    SECOND_DATA_CHUNK = "second-data-chunk"
    UNPADDED_CHUNK = "unpadded-chunk"
    SIZE_FIELD = "size-field"
    TRAILING_BYTES = "trailing-bytes"
    LEADING_ID3 = "leading-id3"
    NO_MD5 = "no-md5"


@dataclass(frozen=True, slots=True)
class DamageFact:
    """One structural defect; `chunk` names the place (a chunk id, `STREAMINFO`, `metadata`, `frame`).

    `expected` and `present` count bytes where they are known, or samples per channel where `chunk` is `samples`. For a
    header field (`size-field`, `bad-header`) they are the right value and the value in the file. For a
    `second-data-chunk` that holds audio they are the bytes of audio in all data chunks and in the first one.
    """

    kind: Damage
    expected: int | None = None
    present: int | None = None
    chunk: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds from the start of the file."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS (ITU-R BS.1770-4; None: all under the gate), range in LU (EBU Tech 3342)."""

    integrated: float | None
    range: float | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one pass over all samples gave. Levels in dBFS or dBTP; None where the file is digitally silent.

    `clipped_runs` counts runs of three or more samples at full scale (of float: exactly there, for samples over it are
    whole), `clipped_at` their first times in seconds.
    Silence is at or under `silence_level` in every channel, at the ends without fades; the digital figures count exact
    zeros only. Silences are in seconds; a file without any sample over the level is silent from both ends.
    `inner_silences` holds those of a second and more; `dropouts` are exact zeros of 10 to 80 ms between samples over
    -20 dBFS, in sound that is equally loud before and after. `true_peak` is by a 4-fold sinc interpolator,
    `true_peak_itu` by the filter printed in ITU-R BS.1770-4.
    `channel_ends` are the seconds after which each holds exact zeros only, late by 128 samples at most.
    `silent_channels` count from 0; `dc_offset` is the mean per channel as a share of full scale, `correlation` is
    between the first two channels. `flat_tops` counts runs of three or more equal samples just under the file's peak in
    which a wave was cut off.
    `cutoff_hz` is where the spectrum ends as only a lossy codec or a lower sample rate ends it, None without such an
    edge.
    `non_finite` counts NaN and infinite samples of float files. `waveform` holds peaks from 0 to 255, evenly in time.
    """

    frames: int
    sample_peak: float | None
    true_peak: float | None
    true_peak_at: float | None
    true_peak_itu: float | None
    clipped_runs: int
    clipped_at: tuple[float, ...]
    silence_level: float
    lead_silence: float
    trail_silence: float
    lead_digital_silence: float
    trail_digital_silence: float
    is_silent: bool
    inner_silences: tuple[Span, ...] = ()
    dropouts: tuple[Span, ...] = ()
    loudness: Loudness | None = None
    dc_offset: tuple[float, ...] = ()
    correlation: float | None = None
    is_dual_mono: bool = False
    is_inverted: bool = False
    channel_ends: tuple[float, ...] = ()
    silent_channels: tuple[int, ...] = ()
    effective_bits: int | None = None
    flat_tops: int = 0
    cutoff_hz: float | None = None
    non_finite: int = 0
    waveform: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One audio file. Rate in Hz, `bits` valid bits a sample, `frames` as declared, `duration` in seconds.

    `codec` is `PCM` for uncompressed integer samples, `float` for IEEE float, else the codec's name (`FLAC`, `MP3`,
    `AAC`, `ALAC`, ...). `measurement` is None where the samples could not or need not be decoded. `chunks` are the
    chunk ids in file order, `format_tag` and `subformat` the WAVE format tag and GUID. `tags` may hold `title`,
    `artist` and `isrc` as embedded in the file; `hashes` are lower-case hex of the whole file.
    """

    file: str
    size: int
    suffix: str
    container: Container
    codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    bits: int | None = None
    frames: int | None = None
    duration: float | None = None
    damages: tuple[DamageFact, ...] = ()
    measurement: Measurement | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    chunks: tuple[str, ...] = ()
    format_tag: int | None = None
    subformat: str | None = None


class ImageDamage(StrEnum):
    """What is structurally wrong with a picture."""

    ZERO_LENGTH = "zero-length"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    INCOMPLETE = "incomplete"
    """The picture has its end, but data are missing inside it."""
    TOO_MANY_PIXELS = "too-many-pixels"
    TRAILING_BYTES = "trailing-bytes"


@dataclass(frozen=True, slots=True)
class ArtworkFacts:
    """One picture. `format` is by content (JPEG, PNG, GIF, WebP, TIFF, BMP, HEIF, SVG, HTML, or other).

    `mode` is the colour mode (RGB, RGBA, L, LA, P, CMYK, ...), `depth` bits a channel, `orientation` the EXIF value.
    Width and height are in pixels as stored, before any EXIF rotation. `icc_space` is the profile's colour space
    (`RGB`, `CMYK`, `GRAY`; of wider ones than sRGB their name: `Adobe RGB`, `ProPhoto RGB`, `Display P3`, `Rec.
    2020`). `damage` is the most serious one; `trailing_bytes` follow the end of the picture. `upscale` holds `hf` (dB,
    fine against coarse detail; native pictures lie over -31), `psnr` (dB, what halving and enlarging again keeps;
    native under 53) and `pix` (side of the squares of an enlarged picture, 0 without any); it is empty where the
    picture has too little detail to tell. `border` is the share of a side taken by even bars at two opposite edges,
    None without bars. `is_plain` marks a picture of nearly one tone, which takes `plain_share` of it. `codes` are the
    texts of QR codes and barcodes in it. `is_transparent`: a pixel is at least partly transparent, or a colour is
    declared transparent; an alpha channel alone does not count.
    """

    file: str
    size: int
    suffix: str
    format: str
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    depth: int | None = None
    is_transparent: bool = False
    has_icc: bool = False
    icc_space: str | None = None
    orientation: int | None = None
    is_progressive: bool = False
    is_animated: bool = False
    is_mpo: bool = False
    damage: ImageDamage | None = None
    trailing_bytes: int = 0
    upscale: dict[str, float] = field(default_factory=dict)
    border: float | None = None
    is_plain: bool = False
    plain_share: float = 0.0
    codes: tuple[str, ...] = ()
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that we failed to read (crash, time, memory): an error of ours, reported to ops, never a finding."""

    file: str
    reason: str
