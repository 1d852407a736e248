"""A SPARQL endpoint that can stand in the open.

The front (`front`) speaks HTTP and holds no store. Queries run in read-only worker processes (`worker`), forked by
a small process that never opened a store or a thread (`forkserver`) and fenced by the kernel (`sandbox`). The front holds
the clock and the kill switch (`pool`).
"""
