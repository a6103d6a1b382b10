"""The schema of a batch's manifest and of what answers it: as its facts say, in two validators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

from ingest.core.file_status import FileStatus
from ingest.host.data_files import data_dir
from tests.readers.ern.facts import Facts, harness

NAMESPACE = "http://ddex.net/xml/ern-c-sftp/16"
SCHEMA = "choreography.xsd"
HEADER = """
 <MessageHeader>
  <MessageSender><PartyId IsDPID="true">PADPIDA2026010101A</PartyId></MessageSender>
  <MessageRecipient><PartyId>INTERSPACE</PartyId></MessageRecipient>
  <MessageCreatedDateTime>2026-03-23T16:05:57Z</MessageCreatedDateTime>
 </MessageHeader>"""
MANIFEST = f"""<m:ManifestMessage xmlns:m="{NAMESPACE}" MessageVersionId="ern-c-sftp/16">{HEADER}
 <IsTestFlag>false</IsTestFlag><RootDirectory/><NumberOfMessages>1</NumberOfMessages>
 <MessageInBatch>
  <MessageType>NewReleaseMessage</MessageType><MessageId>M-1</MessageId><URL>5034567890120/5034567890120.xml</URL>
  <IncludedReleaseId><ICPN IsEan="true">5034567890120</ICPN></IncludedReleaseId>
  <DeliveryType>NewReleaseDelivery</DeliveryType><ProductType>AudioProduct</ProductType>
  <HashSum><HashSum>d41d8cd98f00b204e9800998ecf8427e</HashSum><HashSumAlgorithmType>MD5</HashSumAlgorithmType></HashSum>
 </MessageInBatch>
</m:ManifestMessage>"""
ANSWER = f"""<a:FtpAcknowledgementMessage xmlns:a="{NAMESPACE}" MessageVersionId="ern-c-sftp/16">{HEADER}
 <AcknowledgedFile><ReleaseId>5034567890120</ReleaseId><Date>2026-03-23</Date></AcknowledgedFile>
 <FileStatus>ResourceMissing</FileStatus>
 <ErrorText>02_Song.wav is not in the folder</ErrorText>
 <ProposedActionType>ResendXmlAndResources</ProposedActionType>
 <ManualCheckRequired>true</ManualCheckRequired>
 <AffectedResource><ISRC>GBDUM2600002</ISRC></AffectedResource>
</a:FtpAcknowledgementMessage>"""


def test_every_particle_attribute_and_value_is_judged_as_the_facts_say(tmp_path: Path) -> None:
    facts = Facts("choreography.txt", NAMESPACE)
    path = harness(tmp_path, list(facts.types), SCHEMA, NAMESPACE)
    fast, slow = etree.XMLSchema(file=str(path)), xmlschema.XMLSchema(str(path))
    cases = [case for name in facts.types for case in facts.cases(name)]
    assert len(cases) > 100
    wrong = [
        (case.type, case.what)
        for case in cases
        if (fast.validate(case.element), slow.is_valid(case.element)) != (case.allowed, case.allowed)
    ]
    assert wrong == []


def test_manifests_and_answers_follow_it_and_without_a_header_do_not() -> None:
    path = data_dir("schemas") / SCHEMA
    fast, slow = etree.XMLSchema(file=str(path)), xmlschema.XMLSchema(str(path))
    for text in (MANIFEST, ANSWER):
        root: Any = etree.fromstring(text)
        assert (fast.validate(root), slow.is_valid(root)) == (True, True), fast.error_log
        root.remove(root[0])
        assert (fast.validate(root), slow.is_valid(root)) == (False, False)


def test_every_file_status_of_ours_can_be_answered_and_no_other() -> None:
    schema = etree.XMLSchema(file=str(data_dir("schemas") / SCHEMA))

    def accepts(status: str) -> bool:
        return schema.validate(etree.fromstring(ANSWER.replace("ResourceMissing", status)))

    assert [status.value for status in FileStatus if not accepts(status.value)] == []
    assert not accepts("FileBroken")
