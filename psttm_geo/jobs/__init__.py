"""One function per job a user has.

A command loads only the modules of its own job: those of all of them take twice as long as a build's. The stub beside
this file lists what there is, for the loader and for type checkers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
