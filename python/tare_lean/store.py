"""Makes Keras's reader of .h5 files map datasets that are stored in one piece."""

import ctypes
import functools
import inspect
import mmap
import os
import sys
import threading
import weakref

import h5py
import numpy

SMALLEST_BYTES = 64 << 10  # smaller datasets and variables are left to Keras
_BFLOAT16 = "bfloat16"

_libc = ctypes.CDLL(None, use_errno=True)
_mmap, _munmap = _libc.mmap, _libc.munmap
_mmap.restype = ctypes.c_void_p
_mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_mremap = _libc.mremap
_mremap.restype = ctypes.c_void_p
_mremap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] * 2, ctypes.c_int, ctypes.c_void_p]
_MAYMOVE, _FIXED = 1, 2


class Mapped(numpy.ndarray):
    """An array over a private map of a file. Written pages become the process's own.

    Only the array that the store made can be shared with a variable, and only once. Arrays that
    NumPy derives from it behave like ordinary arrays.
    """

    fresh = False
    _lock = threading.Lock()

    def take(self):
        """The bytes for one variable as an ndarray, or None if another variable has them. This array
        is read-only from then on, so that nothing else changes the variable's value."""
        with self._lock:
            if not self.fresh:
                return None
            self.fresh = False
        plain = self.view(numpy.ndarray)
        self.flags.writeable = False
        return plain


# The live maps of each file, by device and inode.
_alive: dict[tuple[int, int], weakref.WeakValueDictionary] = {}


def numpy_type(name: str) -> numpy.dtype:
    """The NumPy type for one of Keras's type names."""
    if name == _BFLOAT16:
        import ml_dtypes

        return numpy.dtype(ml_dtypes.bfloat16)
    return numpy.dtype(name)


def _lies_whole(dataset) -> bool:
    """Whether a dataset's bytes lie in its file as one array in this machine's format."""
    return (
        isinstance(dataset, h5py.Dataset)
        and dataset.nbytes >= SMALLEST_BYTES
        and dataset.file.driver == "sec2"
        and dataset.file.userblock_size == 0
        and dataset.chunks is None
        and not dataset.is_virtual
        and not dataset.external
        and dataset.id.get_offset() is not None
        and dataset.id.get_create_plist().get_nfilters() == 0
    )


def _type_of(dataset):
    """The NumPy type that Keras would return, or None if the bytes would have to change."""
    kind = dataset.dtype
    if dataset.attrs.get("dtype") == _BFLOAT16:
        return numpy_type(_BFLOAT16) if kind.kind == "V" and kind.itemsize == 2 else None
    return kind if kind.kind in "fiu" and kind.isnative and sys.byteorder == "little" else None


def _map(file: int, offset: int, size: int):
    """Maps part of an open file as private writable pages: a ctypes array, unmapped with its last
    user. Python's own mmap would keep a descriptor for each map. The file is opened again because a
    map keeps its open file alive, and HDF5's descriptor holds a lock."""
    again = os.open(f"/proc/self/fd/{file}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        protection = mmap.PROT_READ | mmap.PROT_WRITE
        address = _mmap(None, size, protection, mmap.MAP_PRIVATE, again, offset)
    finally:
        os.close(again)
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "mmap")
    pages = (ctypes.c_char * size).from_address(address)
    weakref.finalize(pages, _munmap, address, size).atexit = False
    return pages


def map_dataset(dataset):
    """A `Mapped` of a dataset, or None if the dataset must be read."""
    kind = _type_of(dataset) if _lies_whole(dataset) else None
    if kind is None:
        return None
    file = dataset.file.id.get_vfd_handle()  # the open file, even if it was renamed
    offset = dataset.id.get_offset()
    status = os.fstat(file)
    if offset + dataset.nbytes > status.st_size or offset % kind.itemsize:
        return None
    start = offset - offset % mmap.ALLOCATIONGRANULARITY
    size = offset - start + dataset.nbytes
    pages = _map(file, start, size)
    of_file = _alive.setdefault((status.st_dev, status.st_ino), weakref.WeakValueDictionary())
    of_file[ctypes.addressof(pages)] = pages
    array = Mapped(dataset.shape, kind, buffer=pages, offset=offset - start)
    array.fresh = True
    return array


def own_pages_of(path) -> None:
    """Turns every mapped page of a file into ordinary memory. Called before the file is written."""
    try:
        status = os.stat(path)
    except (OSError, ValueError, TypeError):
        return
    for pages in list(_alive.get((status.st_dev, status.st_ino), {}).values()):
        _leave_file(ctypes.addressof(pages), len(pages))


def _leave_file(address: int, size: int) -> None:
    """Replaces pages with memory of the same content, at the same address and in one step. Writing to
    them is not enough: truncating a file removes even written private pages."""
    anonymous = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    copy = _mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, anonymous, -1, 0)
    if copy in (None, ctypes.c_void_p(-1).value):
        raise MemoryError(f"no memory to copy {size} bytes of weights out of the file that is about to be written")
    ctypes.memmove(copy, address, size)
    if _mremap(copy, size, size, _MAYMOVE | _FIXED, address) != address:
        raise OSError(ctypes.get_errno(), "mremap")


def patch_store(saving_lib) -> None:
    store = saving_lib.H5IOStore
    names = list(inspect.signature(store.__getitem__).parameters)
    if names != ["self", "key"] or "_h5_entry_group" not in inspect.getsource(store.__getitem__):
        raise RuntimeError("H5IOStore is not the one that Tare knows")
    read = store.__getitem__
    checked = getattr(saving_lib, "safe_get_h5_dataset", lambda group, key: group[key])

    @functools.wraps(read)
    def getitem(self, key):
        try:
            mapped = map_dataset(checked(self._h5_entry_group, key))
        except Exception:
            mapped = None  # if something is wrong, Keras's own reader says what
        return read(self, key) if mapped is None else mapped

    open_file = h5py.File.__init__

    @functools.wraps(open_file)
    def init(self, name, mode="r", *args, **kwargs):
        if mode != "r" and isinstance(name, (str, bytes, os.PathLike)):
            own_pages_of(name)
        open_file(self, name, mode, *args, **kwargs)

    store.__getitem__ = getitem
    h5py.File.__init__ = init
