"""A keeper of children that were taken over and lie in their answers: `python -m tests.readers.lying`.

What is told of the folder is made by the name of the release; media are lied about where its name asks for that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, Final, NoReturn

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.answers import to_text
from ingest.readers.fork_server import main
from ingest.readers.reads import READS, Request
from tests.readers.hostile import is_pipe

Lie = Callable[[dict[str, Any]], Any]


def entry(path: str, kind: str = "other", size: int = 1) -> dict[str, Any]:
    return {"path": path, "size": size, "kind": kind, "is_sparse": False, "sha256": None}


def to_json(facts: Any) -> Any:
    return json.loads(to_text(facts))


def with_folder(**changed: Any) -> Lie:
    return lambda told: {**told, "folder": {**told["folder"], **changed}}


def with_entries(change: Callable[[list[Any]], list[Any]]) -> Lie:
    return lambda told: with_folder(entries=change(told["folder"]["entries"]))(told)


def of_kind(old: str, kind: str) -> Lie:
    return with_entries(lambda all_: [{**one, "kind": kind} if one["kind"] == old else one for one in all_])


def with_(**changed: Any) -> Lie:
    return lambda told: {**told, **changed}


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def with_message(**changed: Any) -> Lie:
    return lambda told: {**told, "message": {**told["message"], **changed}}


def with_track(**changed: Any) -> Lie:
    return lambda told: with_message(tracks=[{**told["message"]["tracks"][0], **changed}])(told)


def with_details(count: int, lists: int = 1) -> Lie:
    """Resources that hold lists of many details."""
    other = {"line": 1, "kind": "Video", "reference": None, "technical_details": [{"line": 1}] * count}
    return with_message(others=[other] * lists)


def without(told: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != name}


def unreadable(**changed: Any) -> dict[str, Any]:
    return {**to_json(UnreadableMessage(None, MessageProblem.MISSING)), **changed}


def just(value: Any) -> Lie:
    return lambda told: value


FOLDER_LIES: Final[dict[str, Lie]] = {
    "absolute": with_entries(lambda all_: [*all_[:-1], entry("/etc/passwd", "message")]),
    "climbing": with_entries(lambda all_: [*all_[:-1], entry("../outside.txt")]),
    "foreign root": with_(root="/etc"),
    "foreign nested": with_folder(nested="../.."),
    "foreign name": with_folder(name="Other"),
    "cut": with_folder(is_cut=True),
    "extra": with_entries(lambda all_: [*all_, entry("more.txt")]),
    "missing": with_entries(lambda all_: all_[1:]),
    "twice": with_entries(lambda all_: [*all_[:-1], all_[0]]),
    "other size": with_entries(lambda all_: [{**all_[0], "size": 7}, *all_[1:]]),
    "two messages": of_kind("xml", "message"),
    "media as message": of_kind("image", "message"),
    "media as litter": of_kind("audio", "litter"),
    "media as temporary": of_kind("audio", "temporary"),
    "no digest": with_(digest=None),
    "no hex": with_(digest="Z" * 64),
    "cover elsewhere": with_(cover="/etc/passwd"),
    "file elsewhere": lambda told: {**told, "files": [{**told["files"][0], "path": "../x"}]},
    "near elsewhere": lambda told: {**told, "files": [{**told["files"][0], "near": "/x"}]},
    "recording of none": lambda told: {**told, "files": [{**told["files"][0], "recording": 9}]},
    "track of none": lambda told: {**told, "message": {**told["message"], "main": -1}},
    "no message at all": with_(message=None),
    "message of no file": with_message(file="../../etc/shadow"),
    "message of another file": with_message(file="notes.xml"),
    "message where none is marked": lambda told: {**of_kind("message", "xml")(told), "digest": None},
    "unreadable elsewhere": with_(message=None, unreadable=unreadable(file="/etc/shadow")),
    "candidates elsewhere": with_(message=None, unreadable=unreadable(candidates=["../other.xml"])),
    "encoding of no name": with_(message=None, unreadable=unreadable(problem="encoding", candidates=["notes.xml"])),
    "manifest elsewhere": with_(manifest={"file": "../x.xml", "line": 1, "delivery_type": "", "is_test": False}),
    "field left out": lambda told: {**told, "folder": without(told["folder"], "is_cut")},
    "field of no name": with_folder(more=1),
    "many parts that leave out": with_message(releases=[{"line": 1, "is_main": None}] * 299_999),
    "null": just(None),
    "list": just([]),
    "text": just("facts"),
    "nan": with_folder(entries=[entry("a", size=float("nan"))]),  # type: ignore[arg-type]
    "surrogate": with_folder(entries=[entry("\ud800")]),
    "strange": just({"garbage": 1}),
    "long list inside": with_details(300_001),
    "long lists inside": with_details(290_000, lists=4),
    "long text": with_message(version="3" * 20_000),
    "long name": lambda told: {**told, "x" * 20_000: None},
    "number of no column": with_track(number=2**31),
    "number of no database": with_track(number=10**30),
    "line of no column": with_message(header={"line": -(2**31)}),
    "size of no file": with_folder(entries=[entry("a", size=10**30)]),
    "deep": with_message(others=deep(900)),
    "a million": with_folder(entries=[{}] * 1_000_000),
    "a million parts": lambda told: {**told, "message": {**told["message"], "releases": [{}] * 1_000_000}},
    "more tracks than any release": with_message(tracks=[{"number": 1, "disc": 1, "recording": 0}] * 4_001),
    "more recordings than any release": with_message(recordings=[{}] * 4_001),
    "more deals than any release": with_message(deals=[{}] * 20_001),
    "many parts": lambda told: {**told, "message": {**told["message"], "releases": [{}] * 299_999}},
}
MEDIA_LIES: Final[dict[str, Lie]] = {
    "other file": with_(file="../../other"),
    "other bytes": with_(size=1),
    "digest of its own": with_(sha256="ab" * 32, hashes={"sha256": "ab" * 32}),
    "another hash": with_(sha256="", hashes={"md5": "0" * 32}),
    "endless tags": with_(tags={f"{number:05}": "x" for number in range(4_000)}, codes=["x" * 50] * 1_100),
    "endless numbers": with_(upscale={"hf": float("inf")}, duration=float("nan")),
    "nothing": just(None),
    "number of no header": with_(trailing_bytes=2**70, frames=-(2**70)),
    "long words": with_(format="x" * 20_000, codec="x" * 20_000),
    "many hashes": with_(hashes=[{}] * 200_000, codes=[{}] * 200_000),
}
FAT_LIES: Final[dict[str, str]] = {
    "nested": "[" + ",".join(['{"a":' * 700 + "1" + "}" * 700] * 18) + "]",
    "lists": "[" + ",".join(["[" * 700 + "]" * 700] * 55) + "]",
    "words": '{"tags": {' + ",".join(f'"{number:05}":"\U0001f3b5"' for number in range(4_500)) + "}}",
}
"""What children say that were taken over to fill our memory: as much as is heard of one."""
FAT_FIELDS: Final[dict[str, Lie]] = {
    "fields": lambda told: {**told, "measurement": {**told["measurement"], "waveform": [255] * 9_000}},
    "numbers": lambda told: {**told, "measurement": {**told["measurement"], "clipped_at": [1.5] * 2_400}},
    "texts": with_(tags={f"{number:05}": "x" * 500 for number in range(110)}),
}
"""The same in fields of the right form."""
WRONG_DIGEST: Final = "wrong digest"


def _folder(request: Request) -> Any:
    told = to_json(READS["folder"](request))
    if request["name"] == WRONG_DIGEST:
        return {**told, "digest": "0" * 64}
    return FOLDER_LIES.get(request["name"], just(told))(told)


def _media(read: str) -> Callable[[Request], Any]:
    def lie(request: Request) -> Any:
        told = to_json(READS[read](request))
        return next((lie(told) for name, lie in MEDIA_LIES.items() if f"/{name}/" in request["path"]), told)

    return lie


def _audio(request: Request) -> Any:
    path = request["path"]
    for name, said in FAT_LIES.items():
        if f"/fat {name}/" in path:
            _say('{"facts":' + said + "}\n")
    told = _media("audio")(request)
    return next((lie(told) for name, lie in FAT_FIELDS.items() if f"/fat {name}/" in path), told)


def _say(said: str) -> NoReturn:
    """Write an answer as it stands, and end."""
    (pipe,) = (number for number in range(3, 64) if is_pipe(number))
    left = memoryview(said.encode())
    while left:
        left = left[os.write(pipe, left) :]
    os._exit(0)


def _hash(request: Request) -> Any:
    """None where the release is called so, and more than fits."""
    if "/null hash/" in request["path"] and not request["name"].endswith("metadata.xml"):
        return None
    if "/endless hash/" in request["path"]:
        return "0" * 1_000_000
    return READS["hash"](request)


def _readiness(request: Request) -> Any:
    return {"missing": [{}] * 100_000} if request["name"] == "many" else {"missing": os.getpid()}


if __name__ == "__main__":
    lies = {"folder": _folder, "audio": _audio, "artwork": _media("artwork")}
    main(READS | lies | {"hash": _hash, "readiness": _readiness})
