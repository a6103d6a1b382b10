"""The guide's spelling and genuine ERN become one canonical ERN 3.8.2 tree; every change is noted with its line.

The guide's example differs from the standard in seven ways (guide, "Minimal example"); a tree that is already ERN
3.8.2 leaves here as it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from ingest.core.message import Dialect, Rewrite
from ingest.readers.ern.document import Document, Element, Lines
from ingest.readers.ern.versions import NAMESPACE, RootName

FILE_CODECS = ("WAV", "AIFF", "AIF")
BARCODES = ("UPC", "EAN")
_AFTER_RELEASE_DATE = (
    "ReleaseDate",
    "OriginalReleaseDate",
    "OriginalDigitalReleaseDate",
    "FileAvailabilityDescription",
    "File",
    "Keywords",
    "Synopsis",
    "Character",
    "NumberOfUnitsPerPhysicalRelease",
    "DisplayConductor",
)
_BEFORE_TERRITORIES = (
    "ReleaseType",
    "ReleaseCollectionReferenceList",
    "ReleaseResourceReferenceList",
    "ResourceOmissionReason",
)


@dataclass(slots=True)
class Canonical:
    """A tree in ERN 3.8.2's own spelling. `written` keeps the element name or value that a change replaced.

    `made` holds the elements that the label did not write.
    """

    root: Element
    lines: Lines
    dialect: Dialect = Dialect.ERN
    rewrites: list[Rewrite] = field(default_factory=list)
    written: dict[Element, str] = field(default_factory=dict)
    made: set[Element] = field(default_factory=set)

    def note(self, element: Element, found: str, read_as: str) -> None:
        self.rewrites.append(Rewrite(self.lines.of(element), found, read_as))


def normalise(document: Document, root_name: RootName) -> Canonical:
    """Rewrite the document's tree in place and say what was changed."""
    root = document.root
    tree = Canonical(root, document.lines)
    if _unqualify(root):
        tree.dialect = Dialect.GUIDE
        tree.note(root, f"elements in {root_name.namespace or 'a namespace'}", "elements without a namespace")
    root.tag = f"{{{NAMESPACE}}}{root_name.name}"
    if root_name.namespace is None:
        tree.note(root, root_name.name, NAMESPACE)
    _rename_files(tree)
    _rename_barcodes(tree)
    for release in root.iterfind("ReleaseList/Release"):
        _move_types(tree, release)
        _move_date(tree, release)
    _rename_codecs(tree)
    tree.rewrites.sort(key=lambda rewrite: rewrite.line)
    return tree


def _unqualify(root: Element) -> bool:
    """Take every element below the root out of its namespace, and namespaced attributes away."""
    found = False
    for element in root.iter("*"):
        for key in [key for key in element.attrib if str(key)[0] == "{"]:
            del element.attrib[key]
        if element is not root and element.tag[0] == "{":
            element.tag = element.tag.rpartition("}")[2]
            found = True
    return found


def _rename(tree: Canonical, element: Element, name: str) -> None:
    tree.written[element] = element.tag
    tree.note(element, element.tag, name)
    tree.dialect = Dialect.GUIDE
    element.tag = name


def _rename_files(tree: Canonical) -> None:
    for file in tree.root.iter("File"):
        uri = file.find("URI")
        if uri is not None and file.find("FileName") is None and file.find("URL") is None:
            _rename(tree, uri, "FileName")


def _rename_barcodes(tree: Canonical) -> None:
    for release_id in tree.root.iter("ReleaseId"):
        barcode = next((child for child in release_id if child.tag in BARCODES), None)
        if barcode is not None and release_id.find("ICPN") is None:
            _rename(tree, barcode, "ICPN")
            barcode.set("IsEan", "true" if len((barcode.text or "").strip()) == 13 else "false")


def _rename_codecs(tree: Canonical) -> None:
    for codec in tree.root.iter("AudioCodecType"):
        value = (codec.text or "").strip()
        if value.upper() in FILE_CODECS and not len(codec):
            tree.written[codec] = value
            tree.note(codec, value, "PCM")
            codec.text = "PCM"


def _last(release: Element, names: Iterable[str]) -> Element | None:
    """The last child with the first of the names that occurs."""
    return next((found[-1] for name in names if (found := release.findall(name))), None)


def _move_types(tree: Canonical, release: Element) -> None:
    """A ReleaseType that stands before the list of resources belongs after it."""
    content = _last(
        release, ("ReleaseCollectionReferenceList", "ReleaseResourceReferenceList", "ResourceOmissionReason")
    )
    if content is None:
        return
    early = [kind for kind in release.findall("ReleaseType") if release.index(kind) < release.index(content)]
    for kind in reversed(early):
        tree.note(kind, f"ReleaseType before {content.tag}", f"ReleaseType after {content.tag}")
        _place(release, kind, release.index(content))


def _place(parent: Element, child: Element, index: int) -> None:
    """Move `child` to `index` of `parent`, counted without it, leaving the blanks around it behind."""
    tail = child.tail
    former = child.getparent()
    if former is not None:
        former.remove(child)
    child.tail = None if tail is None or not tail.strip() else tail
    parent.insert(index, child)


def _move_date(tree: Canonical, release: Element) -> None:
    """A ReleaseDate directly in the release belongs in its territory details, which the guide does not know."""
    date = release.find("ReleaseDate")
    if date is not None:
        tree.dialect = Dialect.GUIDE
    details = release.find("ReleaseDetailsByTerritory")
    if details is None and tree.dialect is Dialect.GUIDE:
        details = _make_details(tree, release)
    if details is None or date is None or details.find("ReleaseDate") is not None:
        return
    tree.note(date, "Release/ReleaseDate", "ReleaseDetailsByTerritory/ReleaseDate")
    later = next((child for child in details if child.tag in _AFTER_RELEASE_DATE), None)
    _place(details, date, len(details) if later is None else details.index(later))


def _make_details(tree: Canonical, release: Element) -> Element | None:
    """The territory details that a release in the guide's spelling goes without, for Worldwide."""
    before = _last(release, _BEFORE_TERRITORIES)
    if before is None:
        return None
    details = etree.Element("ReleaseDetailsByTerritory")
    territory = etree.SubElement(details, "TerritoryCode")
    territory.text = "Worldwide"
    line = tree.lines.of(before)
    tree.lines.known.update({details: line, territory: line})
    tree.made.add(territory)
    tree.note(release, "Release without ReleaseDetailsByTerritory", "ReleaseDetailsByTerritory for Worldwide")
    release.insert(release.index(before) + 1, details)
    return details
