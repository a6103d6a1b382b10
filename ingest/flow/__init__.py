"""What happens to a release, from sealed folder to the DSPs. Read `pipeline` first."""
