"""The database: models, migrations, and queries named as verbs of the domain, each within an open transaction `tx`."""
