"""From the labels to us: the SFTP server, the journal of what it saw, and the intake that seals settled folders."""
