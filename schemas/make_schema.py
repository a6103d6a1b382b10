"""Write the schemas from the files of facts: ern382.xsd and ern43.xsd, avs.xsd and avs43.xsd, choreography.xsd.

Each is made of the text file of its name; the value lists avs.xsd and avs43.xsd of allowed-values.txt and
allowed-values-43.txt.
Run `python schemas/make_schema.py` after changing one; a test compares the committed files with a fresh run.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).resolve().parent
ERN = "http://ddex.net/xml/ern/382"
ERN_43 = "http://ddex.net/xml/ern/43"
CHOREOGRAPHY = "http://ddex.net/xml/ern-c-sftp/16"
AVS = "http://ddex.net/xml/avs/avs"
XS = "http://www.w3.org/2001/XMLSchema"
OCCURS = {"?": ' minOccurs="0"', "*": ' minOccurs="0" maxOccurs="unbounded"', "+": ' maxOccurs="unbounded"'}
KEYS = {"anchor": "xs:ID", "reference": "xs:IDREF"}
KEY_PATTERN = r"[\d\-_a-zA-Z]+"


@dataclass(slots=True)
class Node:
    """One line of a facts file with the lines indented below it."""

    text: str
    children: list[Node] = field(default_factory=list)


def read_outline(path: Path) -> list[Node]:
    """The lines of an indented file as trees; `#` starts a comment line, four blanks are one step of indentation."""
    top = Node("")
    open_nodes = [top]
    for line in path.read_text("utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 4
        del open_nodes[depth + 1 :]
        node = Node(text)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
    return top.children


def split_mark(name: str) -> tuple[str, str]:
    """`Name+` as the name and its occurrence attributes."""
    return (name[:-1], OCCURS[name[-1]]) if name[-1] in OCCURS else (name, "")


def qualified(name: str) -> str:
    return name if ":" in name else f"ern:{name}"


def restriction(base: str, facet: str, values: list[str]) -> Iterator[str]:
    yield "<xs:simpleType>"
    yield f'<xs:restriction base="{base}">'
    yield from (f"<xs:{facet} value={quoteattr(value)}/>" for value in values)
    yield "</xs:restriction>"
    yield "</xs:simpleType>"


def particle(node: Node) -> Iterator[str]:
    """One child, choice or sequence."""
    left, _, right = node.text.partition(" : ")
    name, occurs = split_mark(left)
    if node.children:
        yield f"<xs:{name}{occurs}>"
        for child in node.children:
            yield from particle(child)
        yield f"</xs:{name}>"
        return
    kind, _, letter = right.partition(" ")
    if letter:
        yield f'<xs:element name="{name}"{occurs}>'
        yield from restriction(KEYS[kind], "pattern", [letter + KEY_PATTERN])
        yield "</xs:element>"
    else:
        yield f'<xs:element name="{name}" type="{qualified(right or name)}"{occurs}/>'


def attribute(node: Node) -> str:
    name, _, type_name = node.text[1:].partition(" : ")
    use = ' use="required"' if name.endswith("!") else ""
    return f'<xs:attribute name="{name.rstrip("!")}" type="{qualified(type_name)}"{use}/>'


def complex_type(node: Node, text: str, name: str) -> Iterator[str]:
    """A type with children, or with `text` and attributes; `name` is ` name="..."` or empty."""
    attributes = [attribute(child) for child in node.children if child.text.startswith("@")]
    children = [child for child in node.children if not child.text.startswith("@")]
    yield f"<xs:complexType{name}>"
    if text:
        yield "<xs:simpleContent>"
        yield f'<xs:extension base="{qualified(text)}">'
        yield from attributes
        yield "</xs:extension>"
        yield "</xs:simpleContent>"
    else:
        yield from content(children)
        yield from attributes
    yield "</xs:complexType>"


def content(children: list[Node]) -> Iterator[str]:
    if len(children) == 1 and children[0].children:
        yield from particle(children[0])
        return
    yield from particle(Node("sequence", children)) if children else iter(("<xs:sequence/>",))


def simple_type(name: str, rule: str) -> Iterator[str]:
    """`one of A B "C D"`, `xs:string matching PATTERN`."""
    base, _, pattern = rule.partition(" matching ")
    values = [] if pattern else shlex.split(rule.removeprefix("one of "))
    lines = list(
        restriction(base, "pattern", [pattern]) if pattern else restriction("xs:string", "enumeration", values)
    )
    yield f'<xs:simpleType name="{name}">'
    yield from lines[1:]


def definition(node: Node) -> Iterator[str]:
    """One message, type or simple type of a content model."""
    kind, name = node.text.split()[:2]
    rule = node.text.partition(" = ")[2]
    if kind == "simple":
        yield from simple_type(name, rule)
    elif kind == "type":
        yield from complex_type(node, rule, f' name="{name}"')
    else:
        yield f'<xs:element name="{name}">'
        yield from complex_type(node, rule, "")
        yield "</xs:element>"


def value_list(node: Node) -> Iterator[str]:
    """One list of allowed values."""
    name, _, rule = node.text.partition(" = ")
    if not rule:
        values = " ".join(child.text for child in node.children)
        yield from simple_type(name, f"one of {values}")
        return
    yield f'<xs:simpleType name="{name}">'
    if rule == "text":
        yield '<xs:restriction base="xs:string"/>'
    else:
        yield f'<xs:union memberTypes="{" ".join("avs:" + part for part in rule.split(" | "))}"/>'
    yield "</xs:simpleType>"


def document(namespace: str, source: str, lines: Iterator[str], own: str = ERN) -> str:
    """A whole schema, indented by one blank a step. `own` is the namespace that the prefix `ern` stands for."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', f"<!-- Written by make_schema.py from {source}; change that. -->"]
    head = f'xmlns:xs="{XS}" xmlns:ern="{own}" xmlns:avs="{AVS}" targetNamespace="{namespace}"'
    out.append(f'<xs:schema {head} elementFormDefault="unqualified">')
    depth = 1
    for line in lines:
        depth -= line.startswith("</")
        out.append(" " * depth + line)
        depth += not line.startswith("</") and not line.endswith("/>") and "</" not in line
    return "\n".join([*out, "</xs:schema>", ""])


def model_lines(facts: str, values: str = "") -> Iterator[str]:
    """The definitions of a content model; `values` is the schema of the value lists that it uses."""
    if values:
        yield f'<xs:import namespace="{AVS}" schemaLocation="{values}"/>'
    for node in read_outline(HERE / facts):
        yield from definition(node)


def avs_lines(facts: str) -> Iterator[str]:
    for node in read_outline(HERE / facts):
        yield from value_list(node)


def schemas() -> dict[str, str]:
    """File name -> text of each schema."""
    return {
        "ern382.xsd": document(ERN, "ern382.txt", model_lines("ern382.txt", "avs.xsd")),
        "ern43.xsd": document(ERN_43, "ern43.txt", model_lines("ern43.txt", "avs43.xsd"), ERN_43),
        "choreography.xsd": document(CHOREOGRAPHY, "choreography.txt", model_lines("choreography.txt"), CHOREOGRAPHY),
        "avs.xsd": document(AVS, "allowed-values.txt", avs_lines("allowed-values.txt")),
        "avs43.xsd": document(AVS, "allowed-values-43.txt", avs_lines("allowed-values-43.txt")),
    }


if __name__ == "__main__":
    for file_name, text in schemas().items():
        (HERE / file_name).write_text(text, "utf-8")
