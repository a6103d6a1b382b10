"""The front door of a music distributor: releases come in over SFTP, are checked, reviewed and delivered to the DSPs.

Start reading at `ingest.flow.pipeline`.
"""

__version__ = "0.1.0"
