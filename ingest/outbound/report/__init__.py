"""What a label reads about a package in its own tree, under `/reports/`: the words of the emails, as files."""
