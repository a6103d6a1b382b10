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
_CONTENT = ("ReleaseCollectionReferenceList", "ReleaseResourceReferenceList", "ResourceOmissionReason")
_BEFORE_TERRITORIES = ("ReleaseType", *_CONTENT)
_XML = "http://www.w3.org/XML/1998/namespace"  # of xml:lang, which needs no declaration


@dataclass(slots=True)
class Canonical:
    """A tree in ERN 3.8.2's own spelling. `written` keeps the element name or value that a change replaced.

    `made` holds the elements that the label did not write, `owners` the resources, releases and deals with their names
    (`SoundRecording 2`), once they are numbered.
    """

    root: Element
    lines: Lines
    dialect: Dialect = Dialect.ERN
    rewrites: list[Rewrite] = field(default_factory=list)
    written: dict[Element, str] = field(default_factory=dict)
    made: set[Element] = field(default_factory=set)
    owners: dict[Element, str] = field(default_factory=dict)

    def note(self, element: Element, found: str, read_as: str) -> None:
        self.rewrites.append(Rewrite(self.lines.of(element), found, read_as))


def number_owners(tree: Canonical) -> None:
    """Number the resources, releases and deals by kind, from 1, in the order in which they are read."""
    counted: dict[str, int] = {}
    for path in ("ResourceList/*", "ReleaseList/Release", "DealList/ReleaseDeal/Deal"):
        for element in tree.root.iterfind(path):
            name = str(element.tag)
            counted[name] = counted.get(name, 0) + 1
            tree.owners[element] = f"{name} {counted[name]}"


def normalise(document: Document, root_name: RootName) -> Canonical:
    """Rewrite the document's tree in place and say what was changed."""
    root = document.root
    tree = Canonical(root, document.lines)
    if _unqualify(document):
        tree.dialect = Dialect.GUIDE
        tree.note(root, f"elements in {root_name.namespace or 'a namespace'}", "elements without a namespace")
    root.tag = f"{{{NAMESPACE}}}{root_name.name}"
    if root_name.namespace is None:
        tree.note(root, root_name.name, NAMESPACE)
    _rename_files(tree)
    _rename_barcodes(tree)
    for release in list(root.iterfind("ReleaseList/Release")):
        _move_types(tree, release)
        _move_date(tree, release)
    _rename_codecs(tree)
    tree.rewrites.sort(key=lambda rewrite: rewrite.line)
    return tree


def _unqualify(document: Document) -> bool:
    """Take every element below the root out of its namespace, and namespaced attributes away."""
    root = document.root
    names = [f"{{{uri}}}*" for uri in {*document.namespaces, _XML}]
    etree.strip_attributes(root, *names)
    qualified = [element for element in root.iter(*names) if element is not root]
    for element in qualified:
        element.tag = element.tag.rpartition("}")[2]
    return bool(qualified)


def _rename(tree: Canonical, element: Element, name: str) -> None:
    tree.written[element] = element.tag
    tree.note(element, element.tag, name)
    tree.dialect = Dialect.GUIDE
    element.tag = name


def _rename_files(tree: Canonical) -> None:
    for uri in list(tree.root.iter("URI")):
        file = uri.getparent()
        if file is not None and file.tag == "File" and next(file.iterchildren("FileName", "URL"), None) is None:
            _rename(tree, uri, "FileName")


def _rename_barcodes(tree: Canonical) -> None:
    for barcode in list(tree.root.iter(*BARCODES)):
        release_id = barcode.getparent()
        if release_id is not None and release_id.tag == "ReleaseId" and _child(release_id, "ICPN") is None:
            _rename(tree, barcode, "ICPN")
            barcode.set("IsEan", "true" if len((barcode.text or "").strip()) == 13 else "false")


def _rename_codecs(tree: Canonical) -> None:
    for codec in tree.root.iter("AudioCodecType"):
        value = (codec.text or "").strip()
        if value.upper() in FILE_CODECS and not len(codec):
            tree.written[codec] = value
            tree.note(codec, value, "PCM")
            codec.text = "PCM"


def _child(parent: Element, name: str) -> Element | None:
    return next(parent.iterchildren(name), None)


def _last(release: Element, names: Iterable[str]) -> Element | None:
    """The last child with the first of the names that occurs."""
    return next((found[-1] for name in names if (found := list(release.iterchildren(name)))), None)


def _move_types(tree: Canonical, release: Element) -> None:
    """A ReleaseType that stands before the list of resources belongs after it."""
    early: list[Element] = []
    waiting: list[Element] = []
    content = None
    for child in release.iterchildren("ReleaseType", *_CONTENT):
        if child.tag == "ReleaseType":
            waiting.append(child)
        else:
            content, early = child, waiting[:]
    if content is None:
        return
    for kind in reversed(early):
        tree.note(kind, f"ReleaseType before {content.tag}", f"ReleaseType after {content.tag}")
        _cut_out(kind)
        content.addnext(kind)


def _cut_out(child: Element) -> None:
    """Take an element out of its parent, leaving the blanks around it behind; stray words go with it."""
    tail = child.tail
    former = child.getparent()
    if former is not None:
        former.remove(child)
    child.tail = None if tail is None or not tail.strip() else tail


def _move_date(tree: Canonical, release: Element) -> None:
    """A ReleaseDate directly in the release belongs in its territory details, which the guide does not know."""
    date = _child(release, "ReleaseDate")
    if date is not None:
        tree.dialect = Dialect.GUIDE
    elif tree.dialect is not Dialect.GUIDE:
        return
    details = _child(release, "ReleaseDetailsByTerritory")
    if details is None and tree.dialect is Dialect.GUIDE:
        details = _make_details(tree, release)
    if details is None or date is None or _child(details, "ReleaseDate") is not None:
        return
    tree.note(date, "Release/ReleaseDate", "ReleaseDetailsByTerritory/ReleaseDate")
    _cut_out(date)
    later = next(details.iterchildren(*_AFTER_RELEASE_DATE), None)
    if later is None:
        details.append(date)
    else:
        later.addprevious(date)


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
    tree.made.update((details, territory))
    tree.note(release, "Release without ReleaseDetailsByTerritory", "ReleaseDetailsByTerritory for Worldwide")
    release.insert(release.index(before) + 1, details)
    return details
