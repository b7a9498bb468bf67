from .core.errors import PsttmError
from .library.changes import Add, Close, Move
from .library.city import City
from .library.opening import open
from .library.scenario_result import WhatIf
from .library.where_next import WhereNext

__all__ = ["Add", "City", "Close", "Move", "PsttmError", "WhatIf", "WhereNext", "open"]

__version__: str
