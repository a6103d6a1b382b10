"""What stands around the application: plain ASGI classes, each of which guards or records one thing.

None of them reads the body of a request; `around` says in which order they stand. Whatever is refused here is answered
in the envelope of the API.
"""
