"""What a 5xx reply of a mail server is about: this address, this email, or us.

Only the first two are for good. A reply about us (login, sender, HELO name, relaying, limits, blocklists) ends when
somebody mends the set-up, and so does a full mailbox: such an email stays owed. Where a reply has an enhanced status
code (RFC 3463), that decides, else the basic code and the words; what is not known to be for good is not.
"""

from __future__ import annotations

import re
from typing import Final

ADDRESS_REPLIES: Final = frozenset({550, 551, 553, 556})
"""Replies without an enhanced code that may be about the address (RFC 5321, section 4.2.3; RFC 7504)."""
NO_SUCH_ADDRESS: Final = frozenset({(1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 1)})
"""Subject and detail of enhanced codes: the address is wrong or closed (RFC 3463, sections 3.2 and 3.3; RFC 7505)."""
TOO_LONG: Final = (2, 3)
"""The email is longer than this mailbox takes (RFC 3463, section 3.3)."""
UNSAID: Final = frozenset({None, (0, 0), (1, 0), (5, 0)})
"""Enhanced codes that leave it to the words."""

_ENHANCED: Final = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_ADDRESS: Final = re.compile(r"\S*@\S*")
_SENDER: Final = re.compile(r"\b(sender|from|return.?path|mail from)\b", re.IGNORECASE)
_ABOUT_US: Final = re.compile(
    r"\b(relay|rcpthosts|polic|spam|block|black|banned|listed|reputation|client|your|connect|helo|ehlo|ptr\b|reverse"
    r"|rbl|dnsbl|spf|dkim|dmarc|authenti|authori[sz]|unauthori|log ?in|denied|access|permission|permitted"
    r"|(?<!name )not allowed|limit|quota|rate\b|too many|exceed|storage|full\b|later|tempor|try again|gr[ae]ylist)",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(
    r"\b(virus|malware|infected|attachment|too (large|big|long)|exceeds? .*\bsize|malformed|mime|headers?)\b",
    re.IGNORECASE,
)


def refuses_address(code: int, text: str) -> bool:
    """Whether this reply to RCPT says that no email will ever reach the address."""
    known, words = _enhanced(text), _ADDRESS.sub("", text)
    if not _is_final(code, text) or _SENDER.search(words):
        return False
    if known in UNSAID:
        return code in ADDRESS_REPLIES and not _ABOUT_US.search(words)
    return known in NO_SUCH_ADDRESS


def refuses_content(code: int, text: str, *, is_alone: bool) -> bool:
    """Whether this reply to DATA says that no server will ever take this email there.

    `is_alone`: it has one recipient, so that a reply about an address is about that one's.
    """
    known = _enhanced(text)
    if not _is_final(code, text):
        return False
    if known in UNSAID:
        return bool(_CONTENT.search(text))
    return known is not None and (known[0] == 6 or known == TOO_LONG or (is_alone and known in NO_SUCH_ADDRESS))


def _enhanced(text: str) -> tuple[int, int] | None:
    """Subject and detail of the enhanced status code, where the text begins with one."""
    found = _ENHANCED.match(text)
    return None if found is None else (int(found[2]), int(found[3]))


def _is_final(code: int, text: str) -> bool:
    """Whether both codes are 5xx; 500 to 504 say that the command was wrong, which is never the recipient's fault."""
    found = _ENHANCED.match(text)
    return 510 <= code < 600 and (found is None or found[1] == "5")
