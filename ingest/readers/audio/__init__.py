"""Audio files: structure by our own walkers, samples in one streaming pass; facts only."""

import os

# One thread is fastest for our small matrices; read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ingest.readers.audio.reader import inspect_audio, read_audio

__all__ = ["inspect_audio", "read_audio"]
