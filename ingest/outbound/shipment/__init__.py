"""The files of one release for one DSP, built once and frozen."""
