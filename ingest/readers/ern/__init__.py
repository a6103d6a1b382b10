"""The ERN reader: from bytes to a Message, in the guide's spelling or genuine ERN 3.8.2."""

from ingest.readers.ern.candidates import find_message
from ingest.readers.ern.message import message_of, overfull, read_message

__all__ = ["find_message", "message_of", "overfull", "read_message"]
