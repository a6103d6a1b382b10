"""What is sent out: emails, reports and acknowledgements to labels, packages to DSPs."""
