"""What lands at a DSP, judged as a label's delivery would be: `ingest check` on each batch finds nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.check import check_folder, releases_in
from ingest.readers.dossier import ReaderSettings
from tests.broken.change import Change, message_of
from tests.flow.test_shipments import TUBE, approved, copied
from tests.good import Good
from tests.lives import alone, whole
from tests.rules.reading import read_here
from tests.scenarios.test_dsp_messages import another_genre, no_deals
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


IS_UPDATE, IS_TAKEDOWN = "ERN-019", "ERN-017"
"""What every update without audio, and every takedown, is told: that a person will look at it."""
FROM_LABEL = {Good.GUIDE: {"STY-041", "ERN-003", "STY-030", "AUD-030", "STY-032", "STY-025"}}
"""What the label itself was told, and had QC take all the same."""


@dataclass
class Tube:
    """The directory of a DSP, and what was found there before."""

    on: Stage
    seen: set[str] = field(default_factory=set)

    def codes(self) -> set[str]:
        """The codes that the only new batch is told by the rules, but for that it is ERN 3.8.3."""
        root = self.on.directory("tube")
        (batch,) = {path.name for path in root.iterdir()} - self.seen
        self.seen.add(batch)
        (release,) = releases_in(root / batch)
        policy = self.on.app.config.policy(self.on.clock().date())
        checked = check_folder(release, ReaderSettings(), policy, lambda done, total, name: None, root / batch)
        assert checked.dossier.manifest is not None
        return {one.code for one in checked.findings} - {"XML-019"}


@pytest.fixture
def tube(version: str, tmp_path: Path) -> Iterator[Tube]:
    (tmp_path / "tube").mkdir()
    table = TUBE.replace('ern_version = "3.8.2"', f'ern_version = "{version}"\nupdate_indicator = true')
    with staged(tmp_path, config=CONFIG + table, convert=copied) as on:
        yield Tube(on)


def rewritten(day: int, change: Callable[[str], str]) -> Change:
    """The message changed, as the label made it on that day of April."""

    def apply(folder: Path) -> None:
        text = change(message_of(folder).read_text("utf-8"))
        made = f"<MessageCreatedDateTime>2026-04-{day}T10:00:00<"
        message_of(folder).write_text(re.sub("<MessageCreatedDateTime>[^<]*<", made, text), "utf-8")

    return apply


CASES = [*((kind, "3.8.2") for kind in Good), (Good.SINGLE, "3.8.3"), (Good.ERN, "3.8.3")]


@pytest.mark.parametrize(("kind", "version"), CASES)
def test_nothing_is_wrong_with_insert_update_and_takedown_of_a_good_package(
    tube: Tube, tmp_path: Path, kind: Good
) -> None:
    own = FROM_LABEL.get(kind, set())
    update = alone(tmp_path, "Update", rewritten(21, another_genre), kind=kind)
    down = alone(tmp_path, "Down", rewritten(22, no_deals), kind=kind)
    steps = {whole(tmp_path, "Insert", kind=kind): set(), update: {IS_UPDATE}, down: {IS_TAKEDOWN}}
    for folder, expected in steps.items():
        package = approved(tube.on, folder)
        assert tube.on.deliver(package, "tube") == "delivered"
        found = tube.codes()
        assert found - own == expected, folder.name
