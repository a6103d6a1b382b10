"""Emails: a notice is rendered as text and HTML, then handed to a transport."""
