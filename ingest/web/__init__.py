"""HTTP: the REST API of the guide."""
