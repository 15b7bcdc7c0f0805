"""The part of NumPy that keras_worker.py uses."""


class ndarray:
    def __init__(self, rows, dtype):
        self.rows = rows
        self.dtype = dtype

    def astype(self, dtype):
        return ndarray(self.rows, dtype)

    def __getitem__(self, index):
        return self.rows[index]


def asarray(value):
    return value


def array(rows, dtype=None):
    return ndarray(rows, dtype)
