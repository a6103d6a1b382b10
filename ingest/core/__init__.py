"""Values and pure functions; nothing here touches a file, a clock or a socket."""
