"""The one import for declaring and reading layouts; it knows where each part lives and adds nothing of its own."""

from .codelist import Bits, CodeList, Codes
from .declare import class_of, item, item_class_of, layout_of, message, replace
from .fields import MISSING, LayoutError, RangeError, array, blob, field, tail, tail_bytes
from .flat import (
    IDENTITY,
    MEASURED,
    TAIL_PREFIX_BYTES,
    THERAPY,
    TICK,
    TRANSPORT,
    WALL,
    Channel,
    Field,
    Kind,
    Klass,
    Layout,
    Tail,
)
from .registry import Registry
from .state import State, state, state_class_of
from .table import layout_from_dict, layout_to_dict, schema_id
from .wire import I8, I16, I32, I64, U8, U16, U32, U64, Wire

__all__ = [
    "I8", "I16", "I32", "I64", "IDENTITY", "MEASURED", "MISSING", "TAIL_PREFIX_BYTES", "THERAPY", "TICK", "TRANSPORT",
    "U8", "U16", "U32", "U64", "WALL", "Bits", "Channel", "CodeList", "Codes", "Field", "Kind", "Klass", "Layout",
    "LayoutError", "RangeError", "Registry", "State", "Tail", "Wire", "array", "blob", "class_of", "field", "item",
    "item_class_of", "layout_from_dict", "layout_of", "layout_to_dict", "message", "replace", "schema_id", "state",
    "state_class_of", "tail", "tail_bytes",
]  # fmt: skip
