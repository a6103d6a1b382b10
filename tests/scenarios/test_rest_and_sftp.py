"""A release is the same whichever way it came: by the REST API, or as a folder over SFTP."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ingest.core.release_reading import release_of
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.store import packages
from tests.flow.integrators import KEY, Integrator
from tests.rules.reading import read_here
from tests.stage import Stage, staged


@pytest.fixture(autouse=True)
def reads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def found(on: Stage, package: int) -> list[dict[str, object]]:
    with on.app.store.reading() as tx:
        return [one.values() for one in packages.findings_of(tx, package)]


def said(on: Stage, package: int) -> Any:
    with on.app.store.reading() as tx:
        dossier = dossier_of(tx, package)
    assert dossier is not None
    return release_of(dossier)


def delivered(on: Stage) -> list[str]:
    return sorted(path.name for path in on.directory("alpha").rglob("*") if path.is_file())


def shown(they: Integrator) -> list[tuple[Any, ...]]:
    return [(one.title, one.status, one.decision) for one in they.parts.catalogue.releases(1)]


@pytest.mark.parametrize("changes", [{}, {"upcCode": "5034567890123", "subGenre": "Afro-fusion"}])
def test_both_ways_lead_to_the_same_findings_release_and_deliveries(tmp_path: Path, changes: dict[str, str]) -> None:
    for home in ("rest", "sftp"):
        (tmp_path / home).mkdir()
    with staged(tmp_path / "rest") as rest, staged(tmp_path / "sftp") as sftp:
        they, label = Integrator(rest), Integrator(sftp)
        release = they.whole(distroStores=["Alpha", "Beta"], **changes)
        status = they.judged(release)
        composed = they.seen(release).package
        assert composed is not None
        sftp.clock.now = rest.clock.now
        with rest.app.storage.local(kept_of(composed)) as folder:
            shutil.copytree(folder, tmp_path / folder.name)
        for one in (tmp_path / folder.name, *(tmp_path / folder.name).iterdir()):
            one.chmod(0o700)
        package = sftp.place(tmp_path / folder.name)
        assert sftp.judge(package) == status == "Needs QC"

        assert found(sftp, package) == found(rest, composed.id)
        assert said(sftp, package) == said(rest, composed.id)
        assert shown(label) == shown(they)

        they.parts.moderation.approve(1, release, KEY)
        label.parts.moderation.approve(1, label.parts.catalogue.releases(1)[0].id, KEY)
        for on, number in ((rest, composed.id), (sftp, package)):
            assert [on.deliver(number, dsp) for dsp in ("alpha", "beta")] == ["delivered", "delivered"]
        assert delivered(rest) == delivered(sftp)
        assert shown(label) == shown(they)
