"""The ERN reader: from bytes to a Message, in the guide's spelling or genuine ERN 3.8.2.

`candidates.find_message` picks the file, `message.message_of` reads it. Nothing is imported here: the encodings that a
message may name are known to processes that load no parser.
"""
