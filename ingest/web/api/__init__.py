"""The endpoints of the REST API, a module for each group of the guide."""
