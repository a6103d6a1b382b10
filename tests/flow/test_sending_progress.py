"""How far a sending is, in the row of its delivery and in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.delivery_state import Standing
from ingest.flow.delivery_lines import DeliveryLine
from ingest.flow.sending_progress import sending
from tests.flow.scenes import approved
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def line(on: Stage, package: int) -> DeliveryLine:
    return next(one for one in on.app.views.package(package).deliveries if one.dsp == "alpha")


def test_those_who_look_see_the_bytes_that_were_put_until_it_is_settled(on: Stage, tmp_path: Path) -> None:
    package = approved(on, tmp_path)
    logged: list[tuple[str, object, object]] = []
    number = line(on, package).id

    def log(event: str, **values: object) -> None:
        logged.append((event, values["bytes"], values["of"]))

    with sending(on.app.store, on.clock, log, number, "alpha", 1000) as progress:
        seen = [(line(on, package).state, line(on, package).bytes_sent)]
        progress(400)
        on.clock.advance(seconds=3)
        progress(300)
        seen.append((line(on, package).state, line(on, package).bytes_sent))
        on.clock.advance(seconds=30)
        progress(900)  # what was found there already may count twice
        now = line(on, package)
    assert seen == [(Standing.SENDING, 0), (Standing.SENDING, 700)]
    assert (now.bytes_sent, now.bytes_in_all) == (1000, 1000)
    assert logged == [("sending", 0, 1000), ("sending", 1600, 1000), ("sent", 1600, 1000)]
    assert on.deliver(package, "alpha") == "delivered"
    assert line(on, package).state is Standing.SENT
