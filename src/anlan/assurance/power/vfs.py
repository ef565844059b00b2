"""A layer beneath the SQLite that Python itself uses, which writes down what reaches the files, in order.

SQLite reaches files through a table of functions (a VFS). This one is a copy of the usual table in which
open, delete, write, truncate and sync first make a note and then do as before. It is put in front of the very
library the product runs on, so nothing between the product and its file is another than in service.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from types import TracebackType
from typing import Any

from anlan.assurance.power.tape import DELETE, SYNC, TRUNCATE, WRITE, Tape

READ = "read"
Refuse = Callable[[str, str], int]
"""Asked before an operation (its kind, the file's name): the code with which it fails, 0 to let it be done."""

NAME = b"anlan-recorder"
OK, IOERR = 0, 10

# Names go through as addresses: SQLite keeps the very pointer, and reads what lies behind its end.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """``sqlite3_vfs`` as far as its order of fields is promised (version 3)."""

    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", c_void_p),
        ("xDelete", c_void_p),
        ("others", c_void_p * 13),
    ]


class _Methods(Structure):
    """``sqlite3_io_methods`` (version 3)."""

    _fields_ = [
        ("iVersion", c_int),
        ("xClose", c_void_p),
        ("xRead", c_void_p),
        ("xWrite", c_void_p),
        ("xTruncate", c_void_p),
        ("xSync", c_void_p),
        ("others", c_void_p * 13),
    ]


class NotHere(Exception):
    """This Python's SQLite can't be reached from outside (it is built into the interpreter)."""


def _library() -> Any:
    """The SQLite that ``sqlite3`` itself has loaded, found through the module that links it."""
    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        library.sqlite3_vfs_find.argtypes = [c_char_p]
        library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
        library.sqlite3_vfs_unregister.argtypes = [c_void_p]
    except (AttributeError, OSError) as problem:
        raise NotHere(f"{problem}; take a Python that links the system's SQLite") from problem
    return library


_ALIVE: list[Recording] = []
"""SQLite may call a table of functions until the process ends: none of them may be freed before."""


class Recording:
    """While it is entered, stores that are opened in this process note their writes on ``tape``.

    With ``refuse`` an operation may be made to fail instead; without it reads are not looked at.
    """

    def __init__(self, tape: Tape, refuse: Refuse | None = None) -> None:
        self.tape = tape
        self._refuse = refuse or (lambda _kind, _name: OK)
        self._is_reading_watched = refuse is not None
        _ALIVE.append(self)
        self._library = _library()
        self._usual = self._library.sqlite3_vfs_find(None)
        self._names: dict[int, str] = {}
        self._methods: dict[int, tuple[_Methods, list[Any]]] = {}
        self._vfs = _Vfs()
        ctypes.memmove(ctypes.byref(self._vfs), self._usual, ctypes.sizeof(_Vfs))
        self._vfs.zName = NAME
        self._kept = [_OPEN(self._open), _DELETE(self._delete)]
        self._real_open = _OPEN(self._usual.contents.xOpen)
        self._real_delete = _DELETE(self._usual.contents.xDelete)
        self._vfs.xOpen, self._vfs.xDelete = (ctypes.cast(kept, c_void_p).value for kept in self._kept)

    def __enter__(self) -> Recording:
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        return self

    def __exit__(self, _type: type | None, _value: BaseException | None, _trace: TracebackType | None) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        self._library.sqlite3_vfs_register(self._usual, 1)

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code = int(self._real_open(vfs, name, file, flags, out))
        if code == OK and name:
            place = ctypes.cast(file, POINTER(c_void_p))
            self._names[file] = ctypes.string_at(name).decode()
            place[0] = self._noting(place[0] or 0)
        return code

    def _delete(self, vfs: int, name: int, sync_folder: int) -> int:
        self.tape.add(DELETE, ctypes.string_at(name).decode())
        return int(self._real_delete(vfs, name, sync_folder))

    def _noting(self, usual: int) -> int:
        """The address of a table like the one at ``usual`` that notes what changes a file."""
        if usual not in self._methods:
            own = _Methods()
            version = ctypes.cast(usual, POINTER(c_int))[0]
            # An older table is shorter; what it lacks must not be read.
            size = {1: 13, 2: 17}.get(version, 19) * ctypes.sizeof(c_void_p)
            ctypes.memmove(ctypes.byref(own), usual, size)
            kept = self._wrapped(own)
            own.xClose, own.xWrite, own.xTruncate, own.xSync, read = (ctypes.cast(k, c_void_p).value for k in kept)
            if self._is_reading_watched:
                own.xRead = read
            self._methods[usual] = (own, kept)
        return ctypes.addressof(self._methods[usual][0])

    def _wrapped(self, real: _Methods) -> list[Any]:
        close, write = _CLOSE(real.xClose), _WRITE(real.xWrite)
        truncate, sync, read = _TRUNCATE(real.xTruncate), _SYNC(real.xSync), _WRITE(real.xRead)

        def on_close(file: int) -> int:
            self._names.pop(file, None)
            return int(close(file))

        def on_read(file: int, data: int, count: int, offset: int) -> int:
            return self._refuse(READ, self._names[file]) or int(read(file, data, count, offset))

        def on_write(file: int, data: int, count: int, offset: int) -> int:
            if code := self._refuse(WRITE, self._names[file]):
                return code
            self.tape.add(WRITE, self._names[file], offset, ctypes.string_at(data, count))
            return int(write(file, data, count, offset))

        def on_truncate(file: int, size: int) -> int:
            if code := self._refuse(TRUNCATE, self._names[file]):
                return code
            self.tape.add(TRUNCATE, self._names[file], size)
            return int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            if refused := self._refuse(SYNC, self._names[file]):
                return refused
            code = int(sync(file, flags))
            self.tape.add(SYNC, self._names[file])
            return code

        return [_CLOSE(on_close), _WRITE(on_write), _TRUNCATE(on_truncate), _SYNC(on_sync), _WRITE(on_read)]
