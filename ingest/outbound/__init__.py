"""Us to the world: emails, and packages to the DSPs."""
