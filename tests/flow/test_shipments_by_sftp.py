"""A shipment with everything real: files made by confined children, ERN 4.3, an OpenSSH server as the DSP."""

from __future__ import annotations

import hashlib
import shutil
from io import BytesIO
from pathlib import Path

import soundfile
from lxml import etree
from PIL import Image

from ingest.host.data_files import data_dir
from tests.flow.scenes import status_of
from tests.lives import whole
from tests.messages import BARCODE
from tests.outbound.dsp.servers import openssh
from tests.readers.ern.test_choreography_schema import ANSWER
from tests.stage import CONFIG, by, staged

TABLE = """
[ddex]
party_id = "PADPIDA2026010101N"
name = "InterSpace"
[dsp.stream]
kind = "sftp"
layout = "batch"
ern_version = "4.3"
hash_algorithm = "SHA-256"
recipients = {{ PADPIDA2013020802I = "Stream" }}
[dsp.stream.sftp]
host = "127.0.0.1"
port = {port}
user = "{user}"
key_file = "{key_file}"
host_keys = ["{host_key}"]
folder = "{folder}"
[dsp.stream.contract]
models = ["SubscriptionModel", "PayAsYouGoModel", "AdvertisementSupportedModel"]
uses = ["OnDemandStream", "Stream", "NonInteractiveStream", "PermanentDownload"]
"""


def test_a_release_is_delivered_as_a_batch_of_flac_in_ern_4_3(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    folder = whole(tmp_path, "One")
    (master,) = folder.glob("*.wav")
    sound, rate = soundfile.read(master, dtype="int32")
    with openssh(tmp_path) as server:
        target = server.target
        table = TABLE.format(
            **target.model_dump(include={"port", "user", "key_file", "folder"}), host_key=target.host_keys[0]
        )
        with staged(home, config=CONFIG + table) as on:
            package = on.place(folder)
            assert on.judge(package) == "Needs QC"
            on.app.review.approve(package, by("ngozi"), dsps=("stream",))
            assert on.deliver(package, "stream") == "delivered"
            assert status_of(on, package) == "Delivered to DSPs"
            answers = server.root / "acknowledgements"
            answers.mkdir()
            (answers / "ACK_1.xml").write_text(
                ANSWER.replace("5034567890120", BARCODE).replace("ResourceMissing", "FileOK")
            )
            assert on.app.answers.fetch() == 1
            (line,) = on.app.views.package(package).deliveries
            assert (line.answer, line.kind) == ("accepted", "insert")
            shutil.rmtree(answers)

        landed = {str(path.relative_to(server.root)): path for path in server.root.rglob("*") if path.is_file()}
        (batch,) = {name.split("/")[0] for name in landed}
        inner = f"{batch}/{BARCODE}"
        assert sorted(landed) == [
            f"{inner}/{BARCODE}.xml",
            f"{inner}/resources/{BARCODE}_T1_SoundRecording_001_001.flac",
            f"{inner}/resources/{BARCODE}_T2_Image_001.jpg",
            f"{batch}/BatchComplete_{batch}.xml",
        ]
        root = etree.parse(str(landed[f"{inner}/{BARCODE}.xml"])).getroot()
        etree.XMLSchema(etree.parse(str(data_dir("schemas") / "ern43.xsd"))).assertValid(root)
        for file in root.iter("File"):
            sent = landed[f"{inner}/{file.findtext('URI')}"].read_bytes()
            assert hashlib.sha256(sent).hexdigest() == file.findtext("HashSum/HashSumValue")
        again, same = soundfile.read(
            landed[f"{inner}/resources/{BARCODE}_T1_SoundRecording_001_001.flac"], dtype="int32"
        )
        assert (same, again.tolist() == sound.tolist()) == (rate, True)
        with Image.open(BytesIO(landed[f"{inner}/resources/{BARCODE}_T2_Image_001.jpg"].read_bytes())) as cover:
            assert (cover.format, cover.mode, cover.info.get("icc_profile")) == ("JPEG", "RGB", None)
