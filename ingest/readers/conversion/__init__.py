"""Files for DSPs made from those of a package, in children: audio as FLAC, covers as JPEG in sRGB."""
