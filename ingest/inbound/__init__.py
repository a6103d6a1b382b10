"""The world to us: the SFTP door, the journal of what it saw, and the intake that seals settled folders."""
