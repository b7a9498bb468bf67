from .core.errors import PsttmError
from .library.best_places import WhereNext
from .library.changes import Add, Close, Move
from .library.city import City
from .library.opening import open
from .library.scenario_result import WhatIf

__all__ = ["Add", "City", "Close", "Move", "PsttmError", "WhatIf", "WhereNext", "open"]

__version__: str
