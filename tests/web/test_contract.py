"""Every endpoint and example of the guide, replayed against a daemon: status, envelope, message, fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.core.caller import Scope
from tests import good
from tests.daemons import Daemon, wait_for
from tests.web.daemon import Answer, Client, make_key, serving

CONTRACT = json.loads((Path(__file__).parent / "contract.json").read_text("utf-8"))
ENDPOINTS = {(one["method"], one["path"]): one for one in CONTRACT["endpoints"]}
RELEASE: dict[str, Any] = ENDPOINTS["POST", "/v1/release"]["request_example"]
TRACK: dict[str, Any] = ENDPOINTS["POST", "/v1/track"]["request_example"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Client]]:
    with serving(tmp_path_factory.mktemp("api")) as found:
        yield found


@pytest.fixture
def ask(there: tuple[Daemon, Client]) -> Client:
    return there[1]


def matches(answer: Answer, method: str, path: str) -> Any:
    """The data of an answer that is as the contract says."""
    said = ENDPOINTS[method, path]
    assert answer.status == said["status"], answer
    assert answer.headers["content-type"] == "application/json"
    data = answer.body
    if said["envelope"]:
        assert list(answer.body) == ["success", "message", "data"]
        assert (answer.body["success"], answer.body["message"]) == (True, said["message"])
        data = answer.body["data"]
    if said.get("data_is_null"):
        assert data is None
    elif said["data_is_list"]:
        assert isinstance(data, list)
        assert all(set(said["data_keys"]) <= set(one) for one in data), data
    else:
        assert set(said["data_keys"]) <= set(data), data
    return data


def new_release(ask: Client, **changes: Any) -> Any:
    fields = {**RELEASE, "upcCode": None, **changes}
    return matches(ask("POST", "/v1/release", fields), "POST", "/v1/release")


def test_the_life_of_a_release_as_the_guide_prints_it(ask: Client) -> None:
    made = matches(ask("POST", "/v1/release", RELEASE), "POST", "/v1/release")
    assert re.fullmatch(r"no-balance-deluxe-user-example-[0-9a-f]{6}", made["albumSlug"])
    assert made["status"] == "Pending"
    assert MOMENT.fullmatch(made["createdAt"])
    one = f"/v1/release/{made['id']}"

    assert made["id"] in [row["id"] for row in matches(ask("GET", "/v1/release"), "GET", "/v1/release")]
    found = matches(ask("GET", one), "GET", "/v1/release/{id}")
    assert (found["releaseDate"], found["tracks"], found["upcCode"]) == ("2025-02-10T12:00:00.000Z", [], "123456789012")
    mine = matches(ask("GET", "/v1/release/user/user_2290"), "GET", "/v1/release/user/{id}")
    assert made["id"] in [row["id"] for row in mine]
    assert ask("GET", "/v1/release/user/nobody").body["data"] == []
    example = ENDPOINTS["PATCH", "/v1/release/{id}"]["request_example"]
    changed = matches(ask("PATCH", one, example), "PATCH", "/v1/release/{id}")
    assert (changed["genre"], changed["distroStores"]) == (example["genre"], example["distroStores"])
    assert changed["releaseTitle"] == RELEASE["releaseTitle"]

    track = matches(ask("POST", "/v1/track", {**TRACK, "releaseId": made["id"]}), "POST", "/v1/track")
    assert re.fullmatch(r"no-balance-acoustic-user-example-[0-9a-f]{6}", track["trackSlug"])
    matches(ask("GET", "/v1/track"), "GET", "/v1/track")
    assert matches(ask("GET", f"/v1/track/{track['id']}"), "GET", "/v1/track/{id}")["releaseId"] == made["id"]
    assert len(matches(ask("GET", f"/v1/track/release/{made['id']}"), "GET", "/v1/track/release/{id}")) == 1
    matches(ask("GET", "/v1/track/user/user_2290"), "GET", "/v1/track/user/{id}")
    lyrics = ENDPOINTS["PATCH", "/v1/track/{id}"]["request_example"]
    assert matches(ask("PATCH", f"/v1/track/{track['id']}", lyrics), "PATCH", "/v1/track/{id}")["lyrics"] == (
        "Updated lyrics..."
    )
    matches(ask("DELETE", f"/v1/track/{track['id']}"), "DELETE", "/v1/track/{id}")
    assert ask("GET", f"/v1/track/{track['id']}").body == {"success": False, "message": "Track not found", "data": None}
    matches(ask("DELETE", one), "DELETE", "/v1/release/{id}")
    assert ask("GET", one).body == {"success": False, "message": "Release not found", "data": None}


def test_the_statuses_of_a_release(ask: Client) -> None:
    made = new_release(ask)
    one = f"/v1/release/{made['id']}"
    approved = matches(ask("PATCH", f"{one}/approve"), "PATCH", "/v1/release/{id}/approve")
    assert (approved["status"], bool(MOMENT.fullmatch(approved["approvedAt"]))) == ("Approved", True)
    again = ask("PATCH", f"{one}/approve").body["data"]
    assert again["approvedAt"] == approved["approvedAt"]
    rejected = matches(ask("PATCH", f"{one}/reject", {"notes": "No"}), "PATCH", "/v1/release/{id}/reject")
    assert rejected == {"id": made["id"], "status": "Rejected"}
    down = matches(ask("PATCH", f"{one}/takedown"), "PATCH", "/v1/release/{id}/takedown")
    assert down == {"id": made["id"], "status": "Taken Down"}


def test_artists(ask: Client) -> None:
    example = ENDPOINTS["POST", "/v1/artist"]["request_example"]
    made = matches(ask("POST", "/v1/artist", example), "POST", "/v1/artist")
    assert {name: made[name] for name in example} == example
    changed = ask("PUT", f"/v1/artist?artistId={made['artistId']}", {"country": "GH"})
    assert matches(changed, "PUT", "/v1/artist?artistId={id}")["country"] == "GH"
    assert made["artistId"] in [one["artistId"] for one in ask("GET", "/v1/artist/all").body]
    assert ask("PUT", "/v1/artist?artistId=artist_none", {}).status == 404
    assert ask("PUT", "/v1/artist", {}).body["message"] == ["artistId should not be empty"]


def test_deliveries(ask: Client) -> None:
    release = new_release(ask)["id"]
    job = ask("POST", "/v1/delivery/submit", {"releaseId": release, "destinations": ["Alpha"], "notes": "Priority"})
    shown = matches(job, "POST", "/v1/delivery/submit")
    assert list(job.body) == ["deliveryJobId", "status", "submittedAt"]
    assert (shown["deliveryJobId"].startswith("deljob_"), shown["status"]) == (True, "queued")
    at = matches(ask("GET", f"/v1/delivery/status?releaseId={release}"), "GET", "/v1/delivery/status?releaseId={id}")
    assert at == {"releaseId": release, "deliveries": [{"provider": "alpha", "status": "queued"}]}
    names = [one["provider"] for one in matches(ask("GET", "/v1/delivery/providers"), "GET", "/v1/delivery/providers")]
    assert names == ["alpha", "beta"]
    report = ask("GET", f"/v1/release/{release}/report").body["data"]
    assert (report["errorFree"], report["checkedAt"], report["findings"]) == (False, None, [])
    example = ENDPOINTS["POST", "/v1/delivery/submit"]["request_example"]
    unknown = ask("POST", "/v1/delivery/submit", {**example, "releaseId": release})
    assert (unknown.status, unknown.body["message"]) == (400, "Unknown provider: spotify, apple_music, youtube_music")
    assert ask("POST", "/v1/delivery/submit", {**example, "releaseId": "rel_01Habc"}).status == 404
    assert ask("POST", "/v1/delivery/redeliver", {"releaseId": release}).status in (202, 409)


def test_files_are_answered_at_once_and_served_in_ranges(ask: Client) -> None:
    content = good.wav(31)
    answer = ask.upload(content, "song.wav")
    made = matches(answer, "POST", "/v1/files")
    assert (made["assetId"], made["type"]) == (made["fileId"], "audio")
    path = made["url"].partition("//")[2].partition("/")[2]
    whole = Client(ask.port, None)("GET", f"/{path}")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, content, "audio/wav")
    part = Client(ask.port, None)("GET", f"/{path}", Range="bytes=10-19")
    assert (part.status, part.body) == (206, content[10:20])
    forged = Client(ask.port, None)("GET", f"/{path[:-1]}{'0' if path[-1] != '0' else '1'}")
    assert (forged.status, forged.body["success"]) == (403, False)

    def processed() -> bool:
        return bool(ask("GET", f"/v1/files/{made['assetId']}").body.get("durationMs") == 31_000)

    wait_for(processed, 60, "the file to be measured")


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"%PDF-1.7", "x.pdf", 415), (b"", "x.wav", 400), (b"ID3\x04" + bytes(99), "x.mp3", 201)],
)
def test_files_that_are_no_media_are_refused_and_mp3_is_taken(
    ask: Client, content: bytes, name: str, status: int
) -> None:
    assert ask.upload(content, name).status == status


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_every_endpoint_needs_a_valid_key(ask: Client, method: str, path: str) -> None:
    anyone = Client(ask.port, None)
    place = path.replace("{id}", "x")
    assert anyone(method, place).body == {"success": False, "message": "Missing API key", "data": None}
    wrong = anyone(method, place, x_api_key="isp_live_" + "A" * 43)
    assert (wrong.status, wrong.body["message"]) == (401, "Invalid API key")


@pytest.mark.parametrize("path", ["/v1/release", "/v1/track"])
def test_each_required_field_is_named_in_the_guides_words_and_order(ask: Client, path: str) -> None:
    said = ENDPOINTS["POST", path]
    answer = ask("POST", path, {})
    required = [name.removesuffix("[]") for name in said["required"]]
    assert answer.status == 400
    assert answer.body["message"] == [f"{name} should not be empty" for name in required]
    (_, printed), *_ = [one for one in ENDPOINTS["POST", "/v1/release"]["errors"] if one[0] == 400]
    without = {name: value for name, value in RELEASE.items() if name not in ("releaseDate", "yearOfCopyright")}
    if path == "/v1/release":
        assert ask("POST", path, without).body["message"] == printed


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("PATCH", "/v1/release/none", "Invalid request or release not found"),
        ("PATCH", "/v1/track/none", "Invalid data or track not found"),
        ("GET", "/v1/release/none", "Release not found"),
        ("GET", "/v1/track/none", "Track not found"),
        ("DELETE", "/v1/release/none", "Release not found"),
        ("DELETE", "/v1/track/none", "Track not found"),
    ],
)
def test_what_is_not_there_is_told_in_the_guides_words(ask: Client, method: str, path: str, told: str) -> None:
    answer = ask(method, path, {} if method == "PATCH" else None)
    assert (answer.status, answer.body["message"], answer.body["data"]) == (404, told, None)
    assert ask("POST", "/v1/track", {**TRACK, "releaseId": "none"}).body["message"] == "Release not found"


def test_a_change_that_is_not_valid_has_one_message_and_says_which_field(ask: Client) -> None:
    release = new_release(ask)["id"]
    answer = ask("PATCH", f"/v1/release/{release}", {"genre": "", "releaseType": "Opera"})
    assert (answer.status, answer.body["message"]) == (400, "Invalid request or release not found")
    assert [one["field"] for one in answer.body["errors"]] == ["releaseType", "genre"]


@pytest.mark.parametrize(
    "raw",
    [b"{", b"[]", b"null", b"\xff\xfe", b'{"releaseTitle": NaN}', b'{"releaseTitle": "\\ud800"}', b"[" * 100_000],
    ids=["open", "list", "null", "utf-16", "nan", "surrogate", "deep"],
)
def test_bodies_that_are_no_json_objects_are_refused_in_the_envelope(ask: Client, raw: bytes) -> None:
    answer = ask("POST", "/v1/release", raw=raw, content_type="application/json")
    assert (answer.status, answer.body["success"], answer.body["data"]) == (400, False, None)


def test_routes_and_methods_that_are_not_there(ask: Client) -> None:
    assert ask("GET", "/v1/nothing").body == {"success": False, "message": "Cannot GET /v1/nothing", "data": None}
    assert ask("GET", "/v1/release/").status == 404
    answer = ask("PUT", "/v1/release", {})
    assert (answer.status, answer.body["success"], "POST" in answer.headers["allow"]) == (405, False, True)
    assert ask("DELETE", "/v1/artist").headers["allow"] == "POST, PUT"


def test_scopes_and_tokens(there: tuple[Daemon, Client]) -> None:
    daemon, ask = there
    reader = Client(ask.port, make_key(daemon, "anna", Scope.READ))
    assert reader("GET", "/v1/release").status == 200
    assert reader("POST", "/v1/release", RELEASE).status == 403
    assert reader("POST", "/v1/artist", {"name": "Ama"}).status == 403
    release = new_release(ask)["id"]
    assert reader("PATCH", f"/v1/release/{release}/approve").status == 403
    token = ask("POST", "/v1/token", {"userId": "user_2290", "ttl": 60}).body["data"]["token"]
    user = Client(ask.port, None, {"authorization": f"Bearer {token}"})
    assert user("GET", "/v1/artist/all").status == 200
    assert user("POST", "/v1/artist", {"name": "Ama"}).status == 201
    assert user("GET", f"/v1/delivery/status?releaseId={release}").status == 200
    assert user("GET", "/v1/release").status == 403
    bearer = Client(ask.port, None, {"authorization": f"Bearer {ask.key}"})
    assert bearer("GET", "/v1/release").status == 200
    both = Client(ask.port, ask.key, {"authorization": f"Bearer {token}"})
    assert both("GET", "/v1/release").status == 401


def test_pages_lead_to_all_rows(ask: Client) -> None:
    for number in range(3):
        new_release(ask, releaseTitle=f"Page {number}", userId="pager")
    every = [one["id"] for one in ask("GET", "/v1/release/user/pager").body["data"]]
    seen, path = [], "/v1/release/user/pager?limit=1"
    while path:
        answer = ask("GET", path)
        seen += [one["id"] for one in answer.body["data"]]
        link = re.match(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        path = link[1] if link else ""
    assert (seen, len(seen)) == (every, 3)
    for wrong in ("limit=0", "limit=x", "cursor=!!", "cursor=YQ", "limit=1001"):
        assert ask("GET", f"/v1/release?{wrong}").status == 400


def test_the_canonical_forms(ask: Client) -> None:
    release = new_release(ask)["id"]
    shown = ask("GET", f"/v1/release/{release}?model=canonical").body["data"]
    assert (shown["releaseType"], shown["releaseDate"], shown["tracks"], shown["status"]) == (
        *("single", "2025-02-10", [], "draft"),
    )
    track = ask("POST", "/v1/track", {**TRACK, "releaseId": release, "isrcCode": "QZABC2600009"}).body["data"]["id"]
    found = ask("GET", f"/v1/track/{track}?model=canonical").body["data"]
    assert (found["title"], found["isrc"]) == ("No Balance", "QZABC2600009")
    assert [one["role"] for one in found["contributors"]] == ["primary", "featured"]


def test_the_description_and_its_page_are_served_without_a_key(ask: Client) -> None:
    anyone = Client(ask.port, None)
    said = anyone("GET", "/openapi.json").body
    assert said["openapi"].startswith("3.1")
    assert set(said["webhooks"]) == {"delivery.update", "asset.processed", "royalty.credited", "release.updated"}
    documented = {(method.upper(), path) for path, one in said["paths"].items() for method in one}
    expected = {(method, re.sub(r"\{id\}", "{}", path.partition("?")[0])) for method, path in ENDPOINTS}
    assert expected <= {(method, re.sub(r"\{[a-z]+\}", "{}", path)) for method, path in documented}
    for path in ("/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/init.js", "/healthz", "/readyz"):
        assert anyone("GET", path).status == 200
    assert b"http" not in anyone("GET", "/docs").body
