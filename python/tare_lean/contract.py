"""The names that lean loading and `tare run` share, as in src/trim/contract.h.

tests/process/contract_test.py compares the two.
"""

REPORT_VARIABLE = "TARE_LEAN_REPORT"  # names the file to append events to

# The fields of each event, in the order in which they are written.
EVENTS = {
    "lean": ("backend", "shared_bytes", "copied_bytes", "untouched_bytes"),
    "lean-read": ("values",),
    "lean-aside": ("reason",),
}
