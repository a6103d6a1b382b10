"""The SFTP server: labels log in, upload release folders into /incoming, and see what became of them."""

from ingest.inbound.sftp.accept import SftpServer, serve
from ingest.inbound.sftp.accounts import hash_password, verify_password
from ingest.inbound.sftp.host_keys import make_host_keys

__all__ = ["SftpServer", "hash_password", "make_host_keys", "serve", "verify_password"]
