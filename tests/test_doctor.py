"""The doctor: all well on a sound installation, and each thing that breaks turns its own line and no other."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sqlite3
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from aiosmtpd.handlers import Sink
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ingest.cli import main
from ingest.config import load
from ingest.core.notice import Audience, NoticeKind
from ingest.doctor import Check, Outcome, examine, machine, places
from ingest.host.data_files import data_dir
from ingest.inbound.sftp import make_host_keys
from ingest.readers.sandbox import Confinement
from ingest.store.database import Store
from ingest.store.labels import add_label
from ingest.store.models import Notice
from ingest.store.notices import drop_notice, owe_notice
from tests.smtp_servers import scripted_server, smtp_server

NOW = datetime(2026, 3, 23, 10, tzinfo=UTC)
NOBODY = 65534

CONFIG = """
[operator]
qc_emails = ["qc@label.example"]
ops_emails = ["ops@label.example"]

[paths]
data = "."

[sftp]
host = "127.0.0.1"
port = 0
min_free_bytes = 1

[dsp.shop]
path = "shop"
"""

NAMES = [
    "versions",
    "kernel",
    "sandbox",
    "shipped files",
    "clock",
    "config",
    "labels folder",
    "spool folder",
    "shelves folder",
    "state folder",
    "one filesystem",
    "host keys",
    "database",
    "migrations",
    "labels",
    "emails given up",
    "disk",
    "port",
    "email",
    "addresses",
    "schema",
    "dsp shop",
]
UNASKED = {"labels": Outcome.SKIP, "emails given up": Outcome.SKIP}
"""What cannot be asked of a database that is missing, broken or of another version."""

Home = Path
Turned = dict[str, Outcome]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The folder of an installation as it is after its first start, made once and copied by each test."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").write_text(CONFIG)
    for name in ("labels", "spool", "shelves", "state", "shop"):
        (home / name).mkdir(mode=0o700)
    make_host_keys(home / "state/host-keys")
    with _store(home) as store:
        store.migrate()
        with store.transaction() as tx:
            add_label(
                tx,
                name="afro",
                title="Afro Records",
                emails=["label@label.example"],
                password_hash=None,
                public_keys=[],
                dsps=["shop"],
                max_bytes=None,
                now=NOW,
            )
    return home


@pytest.fixture
def home(sound: Home, tmp_path: Path) -> Home:
    return Path(shutil.copytree(sound, tmp_path / "home"))


@contextmanager
def _store(home: Home) -> Iterator[Store]:
    store = Store(f"sqlite:///{home / 'state/ingest.db'}")
    try:
        yield store
    finally:
        store.close()


def edit(home: Home, old: str, new: str) -> None:
    config = home / "config.toml"
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def checks(home: Home) -> dict[str, Check]:
    return {check.name: check for check in examine(home / "config.toml")}


def turned(home: Home) -> Turned:
    """The lines that are not OK; all others must be there and OK."""
    found = list(examine(home / "config.toml"))
    assert len({check.name for check in found}) == len(found)
    assert all(bool(check.cure) == (check.outcome in (Outcome.WARN, Outcome.FAIL)) for check in found)
    return {check.name: check.outcome for check in found if check.outcome is not Outcome.OK}


def run(home: Home, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(home / "config.toml"), *words])


def as_nobody(question: Callable[[], object]) -> str:
    """What `question` answers in a process without root's rights; the modules it needs are loaded already."""
    if os.geteuid() != 0:
        return repr(question())
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writing, repr(question()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


@pytest.fixture
def open_home(sound: Home) -> Iterator[Home]:
    """An installation that belongs to an account without root's rights, at a place that it can reach."""
    place = Path(tempfile.mkdtemp())
    try:
        place.chmod(0o755)
        home = Path(shutil.copytree(sound, place / "home"))
        if os.geteuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        yield home
    finally:
        shutil.rmtree(place)


# All well


def test_a_sound_installation_is_all_ok(home: Home) -> None:
    found = list(examine(home / "config.toml"))

    assert [check.name for check in found] == NAMES
    assert {check.outcome for check in found} == {Outcome.OK}


def test_looking_changes_nothing(home: Home) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_mode, path.stat().st_size) for path in home.rglob("*")}

    before = state()
    turned(home)

    assert state() == before


def test_the_command_prints_one_line_for_each_check(home: Home) -> None:
    done = run(home, "doctor")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert [line[6:21].strip() for line in lines] == NAMES
    assert all(line.startswith("OK    ") for line in lines)


def test_the_command_says_the_cure_and_exits_with_1_when_a_check_fails(home: Home) -> None:
    (home / "shop").rmdir()
    done = run(home, "doctor")

    shop = home / "shop"
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if not line.startswith("OK")] == [
        f"FAIL  dsp shop        {shop} does not exist. Cure: Make or mount {shop}, writable for the daemon's user."
    ]


def test_a_warning_alone_is_no_failure(home: Home) -> None:
    edit(home, 'ops_emails = ["ops@label.example"]', "")

    assert turned(home) == {"addresses": Outcome.WARN}
    assert run(home, "doctor").exit_code == 0


def test_the_command_gives_the_same_checks_as_json(home: Home) -> None:
    (home / "shop").rmdir()
    done = run(home, "doctor", "--format", "json")

    found = json.loads(done.stdout)["checks"]
    assert done.exit_code == 1
    assert [check["name"] for check in found] == NAMES
    assert found[-1] == {
        "name": "dsp shop",
        "outcome": "FAIL",
        "text": f"{home / 'shop'} does not exist",
        "cure": f"Make or mount {home / 'shop'}, writable for the daemon's user.",
    }


# Configuration


def test_an_unknown_config_key_fails_its_line_and_leaves_the_rest_unasked(home: Home) -> None:
    edit(home, "port = 0", "prot = 0")
    found = checks(home)

    failed = [check for check in found.values() if check.outcome in (Outcome.WARN, Outcome.FAIL)]
    assert [(check.name, check.outcome) for check in failed] == [("config", Outcome.FAIL)]
    assert failed[0].text.endswith("config.toml:11: sftp.prot: unknown key; did you mean 'port'?")
    assert [name for name, check in found.items() if check.outcome is Outcome.SKIP] == [
        *NAMES[NAMES.index("labels folder") : -1],
        "dsp",
    ]
    assert run(home, "doctor").exit_code == 1


def test_every_mistake_of_the_configuration_is_in_its_one_line(home: Home) -> None:
    edit(home, "port = 0", 'prot = 0\nidle_seconds = "long"')

    assert checks(home)["config"].text.count("config.toml:") == 2
    assert "\n" not in checks(home)["config"].text


def test_a_configuration_that_does_not_exist_has_a_cure_that_fits(tmp_path: Path) -> None:
    (found,) = (check for check in examine(tmp_path / "none.toml") if check.name == "config")
    assert (found.outcome, found.text) == (Outcome.FAIL, f"there is no {tmp_path / 'none.toml'}")
    assert found.cure.startswith("Correct --config or $INGEST_CONFIG, or put a file there")


def test_a_folder_as_the_configuration_has_a_cure_that_fits(tmp_path: Path) -> None:
    (found,) = (check for check in examine(tmp_path) if check.name == "config")
    assert found.text == f"{tmp_path}: this file cannot be read: Is a directory"
    assert found.cure == f"Make {tmp_path} a file that this user can read."


def test_no_configuration_at_all_is_a_failure_with_a_cure() -> None:
    found = {check.name: check for check in examine(None)}

    assert found["config"].outcome is Outcome.FAIL
    assert "/etc/ingest/config.toml" in found["config"].cure


@pytest.mark.parametrize(
    "secret",
    [
        '[email]\npassword = "hunter2"\n',
        '[database]\nurl = "postgresql://u:hunter2@127.0.0.1:1/d"\n',
        '[database]\nurl = "postgresql://127.0.0.1:1/d?user=u&password=hunter2"\n',
    ],
)
def test_a_password_that_everybody_can_read_is_a_warning(home: Home, secret: str) -> None:
    (home / "config.toml").write_text(CONFIG + secret)
    (home / "config.toml").chmod(0o644)

    assert turned(home)["config"] is Outcome.WARN
    assert "hunter2" not in str(checks(home))


# Folders


@pytest.mark.parametrize("name", ["labels", "spool"])
def test_a_file_in_the_place_of_a_folder_fails_its_line(home: Home, name: str) -> None:
    (home / name).rmdir()
    (home / name).touch()

    assert turned(home) == {f"{name} folder": Outcome.FAIL}


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_an_unwritable_spool_fails_its_line(open_home: Home, mode: int) -> None:
    turned(open_home)
    (open_home / "spool").chmod(mode)

    assert as_nobody(lambda: turned(open_home)) == repr({"spool folder": Outcome.FAIL})


@pytest.mark.parametrize(("name", "line"), [("spool", "spool folder"), ("shop", "dsp shop")])
def test_root_sees_what_the_owner_could_not_write(home: Home, name: str, line: str) -> None:
    (home / name).chmod(0o555)

    assert turned(home) == {line: Outcome.FAIL}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_no_cure_is_a_command_on_a_folder_above_ours(open_home: Home) -> None:
    above = open_home / "above"
    above.mkdir(mode=0o555)
    check = as_nobody(lambda: places.folder("spool folder", above / "spool", ""))
    assert f"install -d -o ingest -g ingest -m 700 {above}/spool." in check
    assert f"{above}/spool does not exist, and {above} cannot be written by this user" in check
    assert "chown" not in check


def test_a_folder_of_another_user_is_a_warning(home: Home) -> None:
    os.chown(home / "spool", NOBODY, NOBODY)

    assert turned(home) == {"spool folder": Outcome.WARN}


def test_a_disk_that_takes_no_bytes_fails_the_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    check = places.folder("spool folder", home / "spool", "")
    assert (check.outcome, check.text) == (
        Outcome.FAIL,
        f"{home / 'spool'} cannot be written: no space left on device",
    )


def test_folders_that_the_daemon_will_make_are_a_warning(home: Home) -> None:
    (home / "spool").rmdir()
    (home / "labels").rmdir()

    assert turned(home) == {"labels folder": Outcome.WARN, "spool folder": Outcome.WARN}


@pytest.fixture
def other_disk() -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        pytest.skip("there is no second file system here")
    place = Path(tempfile.mkdtemp(dir=shared))
    yield place
    shutil.rmtree(place)


def test_a_spool_on_another_file_system_fails_its_line(home: Home, other_disk: Path) -> None:
    edit(home, 'data = "."', f'data = "."\nspool = "{other_disk}"')

    assert turned(home) == {"one filesystem": Outcome.FAIL}


def test_two_mounts_of_one_disk_are_told_apart_by_a_rename(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)

    assert turned(home) == {"one filesystem": Outcome.FAIL}
    assert list((home / "labels").iterdir()) == []


# Host keys


def test_a_host_key_that_its_user_may_not_read_fails_its_line(open_home: Home) -> None:
    turned(open_home)
    (open_home / "state/host-keys/ssh_host_rsa_key").chmod(0)

    assert as_nobody(lambda: turned(open_home)) == repr({"host keys": Outcome.FAIL})


def _others_may_read(key: Path) -> None:
    key.chmod(0o640)


def _is_a_folder(key: Path) -> None:
    key.unlink()
    key.mkdir(mode=0o700)


def _is_cut_off(key: Path) -> None:
    os.truncate(key, 100)


def _is_gone(key: Path) -> None:
    key.unlink()


@pytest.mark.parametrize("breaking", [_others_may_read, _is_a_folder, _is_cut_off, _is_gone])
@pytest.mark.parametrize("name", ["ssh_host_ed25519_key", "ssh_host_rsa_key"])
def test_a_host_key_that_cannot_be_used_fails_its_line(home: Home, name: str, breaking: Callable[[Path], None]) -> None:
    breaking(home / "state/host-keys" / name)

    assert turned(home) == {"host keys": Outcome.FAIL}
    assert name in checks(home)["host keys"].text


def test_configured_host_keys_are_looked_at_instead_of_our_own(home: Home) -> None:
    edit(home, "port = 0", 'port = 0\nhost_keys = ["elsewhere/key"]')
    assert turned(home) == {"host keys": Outcome.FAIL}

    (home / "elsewhere").mkdir()
    shutil.copy(home / "state/host-keys/ssh_host_rsa_key", home / "elsewhere/key")
    shutil.rmtree(home / "state/host-keys")
    assert turned(home) == {}


def test_before_the_first_start_there_are_no_host_keys_and_that_is_a_warning(home: Home) -> None:
    shutil.rmtree(home / "state/host-keys")

    assert turned(home) == {"host keys": Outcome.WARN}


# Database


def test_a_database_behind_its_migrations_fails_that_line(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()

    assert turned(home) == {"migrations": Outcome.FAIL}


def test_a_database_without_tables_fails_the_migrations_line(home: Home) -> None:
    with _store(home) as store:
        store.migrate("base")

    assert turned(home) == {"migrations": Outcome.FAIL, **UNASKED}


def test_a_damaged_database_fails_its_line(home: Home) -> None:
    file = home / "state/ingest.db"
    file.write_bytes(b"this is no database" * 1000)

    assert turned(home) == {"database": Outcome.FAIL, "migrations": Outcome.SKIP, **UNASKED}


def test_damaged_pages_of_a_database_are_found(home: Home) -> None:
    file = home / "state/ingest.db"
    with file.open("r+b") as pages:
        pages.seek(4096 * 3)
        pages.write(b"\xff" * 4096)

    found = checks(home)
    assert found["database"].outcome is Outcome.FAIL
    assert "\n" not in found["database"].text


def test_a_database_is_not_made_by_looking_for_it(home: Home) -> None:
    shutil.rmtree(home / "state")

    assert turned(home) == {
        "state folder": Outcome.WARN,
        "host keys": Outcome.WARN,
        "database": Outcome.WARN,
        "migrations": Outcome.SKIP,
        **UNASKED,
    }
    assert not (home / "state").exists()


@pytest.mark.parametrize("url", ["ingest:hunter2@127.0.0.1:{}/ingest", "127.0.0.1:{}/ingest?user=u&password=hunter2"])
def test_a_database_server_that_refuses_fails_the_line_and_hides_the_password(home: Home, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (home / "config.toml").write_text(CONFIG + f'[database]\nurl = "postgresql://{url.format(port)}"\n')
    (home / "config.toml").chmod(0o640)

    assert turned(home) == {"database": Outcome.FAIL, "migrations": Outcome.SKIP, **UNASKED}
    assert "hunter2" not in checks(home)["database"].text


@pytest.mark.postgres
def test_a_postgresql_database_has_the_same_lines(home: Home, fresh_postgres: str) -> None:
    (home / "config.toml").write_text(CONFIG + f'[database]\nurl = "{fresh_postgres}"\n')
    assert turned(home) == {"migrations": Outcome.FAIL, **UNASKED}

    store = Store(fresh_postgres)
    store.migrate()
    store.close()
    assert turned(home) == {"labels": Outcome.WARN}


def test_without_a_label_nobody_can_log_in(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE labels SET enabled = 0")
    connection.close()

    assert turned(home) == {"labels": Outcome.WARN}


def test_a_label_agreed_with_an_unknown_dsp_is_a_warning(home: Home) -> None:
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("""UPDATE labels SET dsps = '["shop", "radio"]'""")
    connection.close()

    assert turned(home) == {"labels": Outcome.WARN}
    assert checks(home)["labels"].text.endswith(": radio")


# Disk, port, DSPs


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "outcome"), [(999, Outcome.FAIL), (1999, Outcome.WARN), (2000, None)])
def test_free_space_is_measured_against_what_uploads_need(
    home: Home, monkeypatch: pytest.MonkeyPatch, free: int, outcome: Outcome | None
) -> None:
    edit(home, "min_free_bytes = 1", "min_free_bytes = 1000")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10_000, 10_000 - free, free))

    assert turned(home) == ({} if outcome is None else {"disk": outcome})


@contextmanager
def answering(line: bytes, waits: bool = True) -> Iterator[int]:
    """A server on loopback that says `line` to everyone, after their first word if it `waits`; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = listening.accept()
                except OSError:
                    return
                with accepted:
                    if waits:
                        accepted.recv(255)
                    accepted.sendall(line)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_port_held_by_our_daemon_is_all_right(home: Home) -> None:
    with answering(b"SSH-2.0-ingest\r\n") as port:
        edit(home, "port = 0", f"port = {port}")
        assert turned(home) == {}
        assert checks(home)["port"].text == f"{port} is held by the running daemon"


@pytest.mark.parametrize("line", [b"SSH-2.0-OpenSSH_9.2\x1b[31m\r\n", b""])
def test_a_port_held_by_another_program_fails_its_line(home: Home, line: bytes) -> None:
    with answering(line) as port:
        edit(home, "port = 0", f"port = {port}")
        assert turned(home) == {"port": Outcome.FAIL}
        assert checks(home)["port"].text.isprintable()


def test_an_address_that_is_not_ours_fails_the_port(home: Home) -> None:
    edit(home, 'host = "127.0.0.1"', 'host = "192.0.2.1"')

    assert turned(home) == {"port": Outcome.FAIL}


def test_a_port_for_root_only_fails_where_nobody_serves_it(open_home: Home) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 9:
        pytest.skip("every port may be opened here")
    turned(open_home)
    edit(open_home, "port = 0", "port = 9")

    assert as_nobody(lambda: turned(open_home)) == repr({"port": Outcome.FAIL})


def test_a_missing_dsp_folder_fails_the_line_of_that_dsp(home: Home) -> None:
    (home / "radio").mkdir()
    (home / "config.toml").write_text(CONFIG + '[dsp.radio]\npath = "radio"\n')
    assert turned(home) == {}

    (home / "shop").rmdir()
    assert turned(home) == {"dsp shop": Outcome.FAIL}


def test_a_dsp_folder_that_cannot_be_written_fails_its_line(open_home: Home) -> None:
    turned(open_home)
    (open_home / "shop").chmod(0o555)

    assert as_nobody(lambda: turned(open_home)) == repr({"dsp shop": Outcome.FAIL})


def test_without_a_dsp_approved_packages_go_nowhere(home: Home) -> None:
    edit(home, '[dsp.shop]\npath = "shop"\n', "")
    with sqlite3.connect(home / "state/ingest.db") as connection:
        connection.execute("UPDATE labels SET dsps = '[]'")
    connection.close()

    assert turned(home) == {"dsp": Outcome.WARN}


def test_an_own_schema_is_tried_with_what_it_imports(home: Home) -> None:
    (home / "ddex").mkdir()
    (home / "config.toml").write_text(CONFIG + '[ern]\nschema = "ddex/own.xsd"\n')
    assert turned(home) == {"schema": Outcome.FAIL}

    shutil.copy(data_dir("schemas") / "ern382.xsd", home / "ddex/own.xsd")
    assert turned(home) == {"schema": Outcome.FAIL}

    shutil.copy(data_dir("schemas") / "avs.xsd", home / "ddex")
    assert turned(home) == {}
    assert checks(home)["schema"].text == str(home / "ddex/own.xsd")


def test_a_schema_of_something_else_fails_its_line(home: Home) -> None:
    shutil.copy(data_dir("schemas") / "avs.xsd", home)
    (home / "config.toml").write_text(CONFIG + '[ern]\nschema = "avs.xsd"\n')

    assert turned(home) == {"schema": Outcome.FAIL}
    assert checks(home)["schema"].text.endswith("it has no element NewReleaseMessage")


# Email


def test_emails_that_were_given_up_are_a_warning_until_they_are_dropped(home: Home) -> None:
    with _store(home) as store:
        with store.transaction() as tx:
            row = owe_notice(
                tx,
                key="alarm:1",
                kind=NoticeKind.ALARM,
                audience=Audience.OPS,
                recipients=["ops@label.example"],
                domain="label.example",
                now=NOW,
            )
            assert row is not None
            row.given_up_at, row.fault = NOW, "553 not owned\x1b"
        assert turned(home) == {"emails given up": Outcome.WARN}
        assert checks(home)["emails given up"].text == "1, the last: 553 not owned "
        with store.transaction() as tx:
            drop_notice(tx.get_one(Notice, 1), NOW)
    assert turned(home) == {}


def smtp(home: Home, port: int, more: str = "starttls = false", seconds: float = 5) -> None:
    email = f'transport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntimeout_seconds = {seconds}\n{more}\n'
    (home / "config.toml").write_text(f"{CONFIG}[email]\n{email}")


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, login: str = "") -> Iterator[int]:
    def authenticator(server: object, session: object, envelope: object, mechanism: str, data: object) -> object:
        from aiosmtpd.smtp import AuthResult, LoginPassword

        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == login.encode(), handled=False)

    options: dict[str, object] = {"tls_context": tls, "auth_require_tls": bool(login)}
    if login:
        options["authenticator"] = authenticator
    with smtp_server(Sink(), **options) as port:
        yield port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that stands for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.label.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_mail_server_that_refuses_the_connection_fails_the_line(home: Home) -> None:
    with mail_server() as port:
        smtp(home, port)
        assert turned(home) == {}

    assert turned(home) == {"email": Outcome.FAIL}
    assert checks(home)["email"].text == f"127.0.0.1:{port} cannot be used: connection refused"


def test_a_mail_server_that_turns_us_away_fails_the_line(home: Home) -> None:
    with answering(b"554 not you\x1b[31m\r\n", waits=False) as port:
        smtp(home, port)
        assert turned(home) == {"email": Outcome.FAIL}
        assert checks(home)["email"].text == f"127.0.0.1:{port} cannot be used: 554 not you [31m"


def test_a_silent_mail_server_is_given_up(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp(home, silent.getsockname()[1], seconds=0.3)
        assert turned(home) == {"email": Outcome.FAIL}


def test_a_mail_server_without_tls_fails_the_line_where_tls_is_configured(home: Home) -> None:
    with mail_server() as port:
        smtp(home, port, "starttls = true")
        assert turned(home) == {"email": Outcome.FAIL}


def test_a_certificate_that_nobody_vouches_for_fails_the_line(home: Home, tls: ssl.SSLContext) -> None:
    with mail_server(tls) as port:
        smtp(home, port, "starttls = true")
        assert turned(home) == {"email": Outcome.FAIL}
        assert "certificate" in checks(home)["email"].text


def test_a_login_over_tls_is_tried(
    home: Home, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = 'starttls = true\nusername = "ingest"\npassword_file = "smtp-password"'
    (home / "smtp-password").write_text("correct horse\n")
    with mail_server(tls, "correct horse") as port:
        smtp(home, port, login)
        assert turned(home) == {}
        assert checks(home)["email"].text == f"127.0.0.1:{port} answers, speaks TLS, takes the login"

        (home / "smtp-password").write_text("wrong")
        assert turned(home) == {"email": Outcome.FAIL}
        assert "refuses the login of ingest" in checks(home)["email"].text

        (home / "smtp-password").write_text("pässword")
        assert turned(home) == {"email": Outcome.FAIL}
        assert checks(home)["email"].text == "the user name or the password is not ASCII: no such login can be sent"

        (home / "smtp-password").unlink()
        assert turned(home) == {"email": Outcome.FAIL}


def test_tls_from_the_first_byte_is_named(
    home: Home, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server({}, tls) as server:
        smtp(home, server.port, 'tls = "implicit"')
        assert turned(home) == {"email": Outcome.FAIL}
        assert "certificate" in checks(home)["email"].text
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert turned(home) == {}
        assert checks(home)["email"].text == f"127.0.0.1:{server.port} answers, speaks TLS from the first byte"


@pytest.mark.parametrize("encryption", ["starttls", "off"])
def test_a_server_with_tls_from_the_first_byte_is_told_from_one_that_is_silent(
    home: Home, tls: ssl.SSLContext, encryption: str
) -> None:
    with scripted_server({}, tls) as server:
        smtp(home, server.port, f'tls = "{encryption}"', seconds=0.5)
        check = checks(home)["email"]
    assert check.text.startswith(f"127.0.0.1:{server.port} speaks TLS from the first byte: ")
    assert check.cure == 'Set email.tls to "implicit".'


def test_a_server_without_tls_from_the_first_byte_is_told(home: Home) -> None:
    with scripted_server({}) as server:
        smtp(home, server.port, 'tls = "implicit"')
        check = checks(home)["email"]
    assert check.text.startswith(f"127.0.0.1:{server.port} does not speak TLS from the first byte: ")
    assert check.cure == 'Set email.tls to "starttls".'


def test_emails_switched_off_are_a_warning(home: Home) -> None:
    (home / "config.toml").write_text(CONFIG + '[email]\ntransport = "off"\n')

    assert turned(home) == {"email": Outcome.WARN}


def test_a_maildir_that_cannot_be_written_fails_the_line(home: Home) -> None:
    (home / "maildir").mkdir()
    for part in ("new", "cur"):
        (home / "maildir" / part).mkdir()
    assert turned(home) == {}

    (home / "maildir/tmp").touch()
    assert turned(home) == {"email": Outcome.FAIL}


# The machine


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LIBRARIES", ("asyncssh", "no-such-library"))

    (check,) = machine.versions()
    assert (check.outcome, check.text) == (
        Outcome.FAIL,
        "a library is missing: No package metadata was found for no-such-library",
    )


def test_a_kernel_without_openat2_fails_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(directory: Path) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(machine, "check_available", refuse)

    (check,) = machine.kernel()
    assert check.outcome is Outcome.FAIL
    assert check.text.endswith("refuses openat2: function not implemented")


UNFILTERED = "system calls are not filtered: a hostile file may use them"
NO_LANDLOCK = "no Landlock: a hostile file may read others' files"
OLD = "Landlock 2 of 6; system calls are filtered, which alone holds what this version lacks"
HELD = [
    (Confinement(7, True), Outcome.OK, "Landlock 7, system calls are filtered"),
    (Confinement(6, True), Outcome.OK, "Landlock 6, system calls are filtered"),
    (Confinement(2, True), Outcome.WARN, OLD),
    (Confinement(0, True), Outcome.WARN, f"{NO_LANDLOCK}; system calls are filtered"),
    (Confinement(7, False), Outcome.WARN, f"Landlock 7; {UNFILTERED}"),
    (Confinement(0, False), Outcome.WARN, f"{NO_LANDLOCK}; {UNFILTERED}"),
]


@pytest.mark.parametrize(("held", "outcome", "text"), HELD)
def test_a_kernel_that_cannot_confine_readers_wholly_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, held: Confinement, outcome: Outcome, text: str
) -> None:
    monkeypatch.setattr(machine, "probe", lambda: held)

    (check,) = machine.sandbox()
    assert (check.name, check.outcome, check.text) == ("sandbox", outcome, text)
    assert bool(check.cure) == (outcome is Outcome.WARN)


def test_readers_that_cannot_be_confined_at_all_fail_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Confinement:
        raise OSError(errno.E2BIG, "Landlock cannot be put in force")

    monkeypatch.setattr(machine, "probe", refuse)

    (check,) = machine.sandbox()
    assert check.outcome is Outcome.FAIL
    assert check.text == "no child can be confined, so no file is read: landlock cannot be put in force"


def test_a_missing_or_empty_shipped_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "data_dir", lambda name: tmp_path)
    (missing,) = machine.shipped_files()
    (tmp_path / "ern382.xsd").touch()
    (empty,) = machine.shipped_files()

    assert (missing.outcome, missing.text) == (
        Outcome.FAIL,
        "schemas/ern382.xsd cannot be read: no such file or directory",
    )
    assert (empty.outcome, empty.text) == (Outcome.FAIL, "schemas/ern382.xsd is empty")


def test_a_clock_before_the_installation_fails_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 86_400.0)

    (check,) = machine.clock()
    assert check.outcome is Outcome.FAIL


def test_a_check_that_crashes_hides_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(path: Path) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(shutil, "disk_usage", crash)

    assert turned(home) == {"disk": Outcome.FAIL}


def test_the_config_of_the_sound_installation_is_the_one_looked_at(home: Home) -> None:
    assert load(home / "config.toml").paths.data == home
