"""XML: the words for what keeps a file from being XML: what is wrong, what to do, and what is needed in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final

from ingest.core.documents import Document
from ingest.core.message import MessageProblem, UnclosedTag, UnreadableMessage
from ingest.rules.documents import cure_of

NAMESPACE: Final = "http://ddex.net/xml/ern/382"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'

_NAMESPACES: Final = {
    "avs": "http://ddex.net/xml/avs/avs",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xs": "http://www.w3.org/2001/XMLSchema",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_IN_AN_EDITOR: Final = "Open the file in a plain text editor"
_WHOLE: Final = (
    f"{_IN_AN_EDITOR} on your computer. If it is damaged there too, export the release again; if only closing tags are"
    " missing, write them. Then upload the release again as a new folder, and wait until your SFTP program shows every"
    " transfer as finished."
)
_OWN_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


@dataclass(frozen=True, slots=True)
class Words:
    """What is wrong as a clause without its point, the cure as a sentence, and what is needed, if one thing is."""

    cause: str
    cure: str
    needed: str | None = None


_WORDS: Final[Mapping[MessageProblem, Words]] = {
    MessageProblem.NOT_XML: Words(
        "something in this line is not as XML needs it",
        "Open the file in a web browser: it shows where the first fault is. Correct it there in a plain text editor, or"
        " export the release again.",
        "well-formed XML",
    ),
    MessageProblem.UNFINISHED_TAG: Words(
        "a tag begins in this line and is not finished",
        f"{_IN_AN_EDITOR} and finish the tag with >. A closing tag is </ with the name and >, without spaces in"
        " between. If the < is part of a title or name, write &lt; in its place.",
        "> at the end of the tag",
    ),
    MessageProblem.UNFINISHED_COMMENT: Words(
        "a comment begins with <!-- in this line and never ends",
        f"{_IN_AN_EDITOR} and write --> where the comment ends, or delete it.",
        "--> at the end of the comment",
    ),
    MessageProblem.HYPHENS: Words(
        "a comment has two hyphens in a row (--), which XML does not allow",
        f"{_IN_AN_EDITOR} and write a single hyphen between <!-- and -->, or delete the comment.",
        "single hyphens",
    ),
    MessageProblem.CDATA: Words(
        "the signs <![CDATA[ and ]]> do not stand in a pair",
        f"{_IN_AN_EDITOR} and delete both signs, or write the one that is missing. In a title or name, ]]> is written"
        " ]]&gt;.",
        "<![CDATA[ and ]]> in a pair",
    ),
    MessageProblem.LESS_THAN: Words(
        "a < in this line does not begin a tag",
        f"{_IN_AN_EDITOR}. If the < is part of a title or name, write &lt; in its place, as in I &lt;3 You. If it"
        " begins a tag, the name of the tag must follow at once, without a space.",
        "&lt;",
    ),
    MessageProblem.AMPERSAND: Words(
        "an & in this line is not written as XML needs it",
        f"{_IN_AN_EDITOR} and write &amp; for every & in titles and names, as in Tom &amp; Jerry. The semicolon is part"
        " of it.",
        "&amp;",
    ),
    MessageProblem.QUOTES: Words(
        "an attribute in this line has no straight quotation marks around its value",
        f'{_IN_AN_EDITOR}, not in a word processor, and write straight quotation marks around the value, as in "en".',
        'straight quotation marks, as in "en"',
    ),
    MessageProblem.OPEN_QUOTE: Words(
        "the value of an attribute in this line has no closing quotation mark, or has a < in it",
        f'{_IN_AN_EDITOR} and write " at the end of the value. If the value itself has a <, write &lt; in its place.',
        '" at the end of the value',
    ),
    MessageProblem.BETWEEN_ATTRIBUTES: Words(
        "something other than a space follows the value of an attribute in this line",
        f'{_IN_AN_EDITOR} and separate attributes with a space. Write &quot; for a " that is part of the value.',
        "a space between two attributes",
    ),
    MessageProblem.ESCAPED: Words(
        "it shows its tags as &lt; and &gt; in place of < and >, as the source of a web page does",
        "Export the release again, or download the XML file itself and not the page that shows it.",
        "tags in < and >",
    ),
    MessageProblem.BEFORE_START: Words(
        "there is text before the first tag",
        f"{_IN_AN_EDITOR} and delete everything before the first <. If it was copied from a browser window, download"
        " or export the XML file itself.",
        DECLARATION,
    ),
    MessageProblem.AFTER_END: Words(
        "it goes on after its first element was closed",
        f"{_IN_AN_EDITOR}. Delete what follows the last tag of the message; if a tag was closed too early, remove that"
        " closing tag. Two messages belong in two files.",
        "nothing after the last tag",
    ),
    MessageProblem.DECLARATION: Words(
        "the first line is not a correct XML declaration",
        f"{_IN_AN_EDITOR} and write {DECLARATION} as the first line.",
        DECLARATION,
    ),
    MessageProblem.SECOND_DECLARATION: Words(
        "<?xml stands here a second time, or not at the very beginning of the file",
        f"{_IN_AN_EDITOR} and keep <?xml … ?> only as the very first line. Two messages belong in two files.",
        "one <?xml … ?>, as the first line",
    ),
}
"""The words that depend on nothing but the problem."""


def words_for(unread: UnreadableMessage) -> Words:
    """The words for a file that is not well-formed, or that is another document."""
    if unread.problem is MessageProblem.OTHER_DOCUMENT:
        return _of_document(next((one for one in Document if one.value == unread.found), Document.BINARY))
    tag = unread.unclosed
    if unread.problem is MessageProblem.CUT_OFF or (tag is not None and tag.closed_by is None):
        return _of_cut(unread.unclosed)
    if tag is not None:
        return _of_tags(unread.problem, tag, tag.closed_by or "")
    return _of_name(unread.problem, unread.found or "") or _WORDS.get(unread.problem, _WORDS[MessageProblem.NOT_XML])


def _of_document(document: Document) -> Words:
    return Words(f"it is {document}", cure_of(document), "an XML file")


def _of_cut(tag: UnclosedTag | None) -> Words:
    cause = "it breaks off" if tag is None else f"it breaks off inside <{tag.name}> of line {tag.line}"
    return Words(cause, _WHOLE, "the whole file, down to its last closing tag")


def _of_tags(problem: MessageProblem, tag: UnclosedTag, closing: str) -> Words:
    opened = f"<{tag.name}> of line {tag.line}"
    if problem is MessageProblem.UNCLOSED:
        return Words(
            f"{opened} is not closed before </{closing}>",
            f"{_IN_AN_EDITOR} and write </{tag.name}> where <{tag.name}> ends; the slash is part of it.",
            f"</{tag.name}>",
        )
    if problem is MessageProblem.UNOPENED:
        return Words(
            f"</{closing}> stands where {opened} must be closed first, or <{closing}> was never opened",
            f"{_IN_AN_EDITOR} and write <{closing}> where it begins, or </{tag.name}> in place of </{closing}>.",
            f"</{tag.name}>, or <{closing}> before it",
        )
    return Words(
        f"{opened} is closed by </{closing}>, which is spelled differently",
        f"{_IN_AN_EDITOR} and spell both tags the same, including capitals and prefixes: </{tag.name}> closes"
        f" <{tag.name}>.",
        f"</{tag.name}>",
    )


def _of_name(problem: MessageProblem, name: str) -> Words | None:
    """The words for a fault of which the name is known: of a prefix, entity, attribute or character."""
    if problem is MessageProblem.PREFIX:
        prefix = name.rstrip(":")
        declared = f'xmlns:{prefix}="{_NAMESPACES.get(prefix, NAMESPACE)}"'
        cure = f"{_IN_AN_EDITOR} and add {declared} to the first tag, or remove {prefix}: wherever it stands."
        return Words(f"the prefix {prefix}: is used, but nothing says what it stands for", cure, declared)
    if problem is MessageProblem.ENTITY:
        return _of_entity(name.strip("&;"))
    if problem is MessageProblem.CHARACTER:
        if name == "U+0000":
            return Words("it contains bytes of zero, as an upload that broke off leaves them", _WHOLE)
        cure = (
            "Open the file in a text editor that shows control characters and delete it, or export the release again."
        )
        return Words(f"it contains a control character ({name}), which XML does not allow", cure)
    if problem is MessageProblem.NO_VALUE:
        cause = f"in a tag of this line, {name} stands without a value"
        cure = f'{_IN_AN_EDITOR}. Write {name}="…" with its value, or remove {name}; names of tags have no spaces.'
        return Words(cause, cure, f'{name}="…"')
    if problem is MessageProblem.REPEATED_ATTRIBUTE:
        cause = f"a tag of this line has the attribute {name} twice"
        return Words(cause, f"{_IN_AN_EDITOR} and remove one of the two.", f"{name} once")
    return None


def _of_entity(name: str) -> Words:
    """XML knows five named characters, HTML hundreds."""
    character = unescape(f"&{name};")
    if name.lower() in _OWN_ENTITIES:
        needed, cure = f"&{name.lower()};", "write it in small letters"
    elif character != f"&{name};" and character.isprintable() and not character.isspace():
        needed, cure = character, f"write the character itself, {character}, and save the file as UTF-8"
    elif name == "nbsp":
        needed, cure = "an ordinary space", "write an ordinary space in its place"
    else:
        needed, cure = f"&amp;{name};", f"write the character that is meant, or &amp;{name}; if the title has this text"
    cause = f"XML does not know &{name};" if needed.startswith("&") else f"XML does not know &{name};, which is HTML"
    return Words(cause, f"{_IN_AN_EDITOR} and {cure}.", needed)
