#!/usr/bin/env python3
"""Makes the HDF5 files of tests/hostile/hdf5: valid ones of every kind, and one per reason for rejection.

usage: make_hdf5.py [FOLDER]      FOLDER: output; default: hdf5 beside this file

Needs h5py and NumPy. The files are committed, so that the tests need neither.
"""

import pathlib
import sys

import h5py
import numpy as np

MAKERS = {}


def maker(function):
    MAKERS[function.__name__] = function
    return function


def ramp(shape, dtype="<f4"):
    """0.5, 1.5, …: exact in all types."""
    return (np.arange(np.prod(shape, dtype=int)).reshape(shape) + 0.5).astype(dtype)


def bfloat16(values):
    return (np.asarray(values, "<f4").view("<u4") >> 16).astype("<u2")


# Valid files -------------------------------------------------------------------------------------


@maker
def keras_like(file):
    file["layers/dense/vars/0"] = ramp((2, 3, 5))
    file["layers/dense/vars/1"] = ramp(7, "<f2")
    file["layers/dense/vars"].attrs["name"] = "dense"
    file.create_group("layers/dropout")
    opaque = file.create_dataset("layers/dense/vars/2", data=bfloat16(ramp(3)).view("V2"))
    opaque.attrs["dtype"] = "bfloat16"
    file.create_dataset("vars/1", data=bfloat16(ramp((1, 2)))).attrs["dtype"] = "bfloat16"
    file["vars/0"] = np.int32(-7)


@maker
def copies(file):
    file["mapped"] = ramp(3)
    file.create_dataset("chunked", data=ramp((5, 7)), chunks=(2, 3))
    file.create_dataset("gzip", data=ramp((6, 5)), chunks=(4, 5), compression="gzip", shuffle=True, fletcher32=True)
    file["big_f32"] = ramp((3, 2), ">f4")
    file["big_f16"] = ramp(5, ">f2")
    file["big_i32"] = np.arange(4, dtype=">i4")
    file["f64"] = ramp((2, 2), "<f8")
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_layout(h5py.h5d.COMPACT)
    compact = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((3,)), plan)
    compact.write(h5py.h5s.ALL, h5py.h5s.ALL, ramp(3))


@maker
def left_out(file):
    file["bool"] = np.array([True, False])
    file["i64"] = np.arange(3)
    file["u2"] = np.arange(3, dtype="<u2")
    file["weight"] = ramp(2)


@maker
def misaligned(file):
    file["a"] = np.arange(3, dtype="i1")
    file["b"] = ramp(4)


@maker
def many_chunks(file):
    file.create_dataset("x", data=ramp((3, 50, 4)), chunks=(2, 7, 3), compression="gzip")


# Rejected files ----------------------------------------------------------------------------------


@maker
def soft_link(file):
    file["a"] = ramp(2)
    file["b"] = h5py.SoftLink("/a")


@maker
def external_link(file):
    file["b"] = h5py.ExternalLink("keras_like.h5", "/vars/0")


@maker
def cycle(file):
    inner = file.create_group("a/b")
    inner["c"] = file["a"]


@maker
def root_cycle(file):
    file["a"] = file["/"]


@maker
def two_names(file):
    file["a"] = ramp(2)
    file["b"] = file["a"]


@maker
def named_type(file):
    file["t"] = np.dtype("<f4")


@maker
def long_name(file):
    file["/".join(["n" * 300] * 4)] = ramp(1)


@maker
def virtual(file):
    layout = h5py.VirtualLayout((4,), "<f4")
    layout[:] = h5py.VirtualSource("keras_like.h5", "layers/dense/vars/1", shape=(4,))
    file.create_virtual_dataset("v", layout)


@maker
def external_file(file):
    file.create_dataset("e", shape=(4,), dtype="<f4", external=[("/etc/passwd", 0, 16)])


@maker
def compound(file):
    file["c"] = np.zeros(2, [("a", "<f4"), ("b", "<i4")])


@maker
def string(file):
    file["s"] = "text"


@maker
def references(file):
    file.create_dataset("r", data=[file.ref], dtype=h5py.ref_dtype)


@maker
def array_type(file):
    file.create_dataset("a", shape=(2,), dtype=np.dtype(("<f4", (3,))))


@maker
def opaque_without_word(file):
    file.create_dataset("o", data=np.zeros(2, "V2"))


@maker
def no_space(file):
    file["n"] = h5py.Empty("<f4")


@maker
def empty(file):
    file.create_dataset("e", shape=(2, 0), dtype="<f4")


@maker
def rank9(file):
    file["r"] = ramp((1,) * 9)


@maker
def never_written(file):
    file.create_dataset("n", shape=(1 << 40,), dtype="<f4")


@maker
def chunks_never_written(file):
    file.create_dataset("n", shape=(1 << 20, 1 << 20), dtype="<f4", chunks=(64, 64), compression="gzip")


@maker
def one_chunk_of_many(file):
    data = file.create_dataset("n", shape=(1 << 20, 1 << 20), dtype="<f4", chunks=(64, 64), compression="gzip")
    data[:64, :64] = 1


@maker
def some_chunks(file):
    file.create_dataset("n", shape=(8,), dtype="<f4", chunks=(2,))[:6] = 1


@maker
def product_overflows(file):
    file.create_dataset("n", shape=(1 << 40, 1 << 40), dtype="<f4", chunks=(1, 1))


@maker
def zip_bomb(file):
    data = file.create_dataset("n", shape=(3 << 20,), dtype="<f4", chunks=(3 << 20,), compression="gzip", compression_opts=9)
    data[:] = 0


@maker
def huge_chunk(file):
    file.create_dataset("n", shape=(32 << 20,), dtype="<f4", chunks=(32 << 20,))


@maker
def lzf(file):
    file.create_dataset("n", data=ramp(8), chunks=(8,), compression="lzf")


@maker
def scale_offset(file):
    file.create_dataset("n", data=np.arange(8, dtype="<i4"), chunks=(8,), scaleoffset=4)


def patched(path, name, replace):
    """Changes the file offset of dataset `name`; old-style headers store it without a checksum."""
    with h5py.File(path) as file:
        offsets = {key: file[key].id.get_offset() for key in file}
    raw = path.read_bytes()
    old, new = (value.to_bytes(8, "little") for value in (offsets[name], replace(offsets, len(raw))))
    assert raw.count(old) == 1, name
    path.write_bytes(raw.replace(old, new))


PATCHES = {
    "offset_outside": ("b", lambda offsets, size: size - 8),
    "offset_far_outside": ("b", lambda offsets, size: (1 << 64) - 64),
    "overlap": ("b", lambda offsets, size: offsets["a"] + 8),
}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "hdf5")
    folder.mkdir(parents=True, exist_ok=True)
    for name, function in MAKERS.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            function(file)
    with h5py.File(folder / "user_block.h5", "w", userblock_size=512) as file:
        file["a"] = ramp(2)
    for libver in ("latest", "v110"):
        with h5py.File(folder / f"{libver}.h5", "w", libver=libver) as file:
            file["layers/dense/vars/0"] = ramp((2, 3))
    with h5py.File(folder / "too_deep.h5", "w", libver="latest") as file:
        file["/".join("g" * 40)] = ramp(1)
    for name, (dataset, replace) in PATCHES.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["a"], file["b"] = ramp(16), ramp(16)
        patched(folder / f"{name}.h5", dataset, replace)
    for path in sorted(folder.glob("*.h5")):
        if path.stat().st_size > 16 << 10:
            print(f"{path.name}: {path.stat().st_size} bytes, expected at most 16 KiB", file=sys.stderr)


if __name__ == "__main__":
    main()
