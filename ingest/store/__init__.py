"""The rows: models, migrations, and queries named as verbs of the domain. Each verb takes the open transaction `tx`."""
