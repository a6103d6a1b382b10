"""The files of a shipment: those that the package has, in the forms that the DSP takes, named by their places."""

from __future__ import annotations

import pytest

from ingest.core.conversion import Form
from ingest.flow.shipment_files import wanted_files
from tests.flow.test_shipment_plans import dsp_with
from tests.good import Good
from tests.messages import BARCODE
from tests.scenarios.test_dsp_messages import dossier, released, same


@pytest.mark.parametrize(("form", "suffix"), [("flac", "flac"), ("as-received", "wav")])
def test_tracks_and_cover_have_the_forms_and_names_that_the_dsp_takes(form: str, suffix: str) -> None:
    found = dossier(Good.EP, same, False)
    wanted = wanted_files(released(found), found, "7", dsp_with(audio=form))
    assert [one.path for one in wanted] == [
        *(f"resources/{BARCODE}_T{n}_SoundRecording_001_{n:03}.{suffix}" for n in range(1, 6)),
        f"resources/{BARCODE}_T6_Image_001.jpg",
    ]
    assert [one.form for one in wanted] == [*[Form(form)] * 5, Form.SRGB_JPEG]
    assert {one.source: one.sha256 for one in wanted} == {
        entry.path: entry.sha256 for entry in found.folder.entries if not entry.path.endswith(".xml")
    }


def test_tracks_of_a_second_disc_are_numbered_anew() -> None:
    found = dossier(Good.DISCS, same, False)
    names = [one.path.split("_")[-2:] for one in wanted_files(released(found), found, "7", dsp_with())]
    assert names[:4] == [["001", "001.flac"], ["001", "002.flac"], ["002", "001.flac"], ["002", "002.flac"]]
