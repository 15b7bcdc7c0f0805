"""What lean loading and `tare run` call things, as src/trim/contract.h has it.

tests/process/contract_test.py compares the two.
"""

REPORT_VARIABLE = "TARE_LEAN_REPORT"  # names the file to append events to

# Of an event, its fields in the order in which they are written.
EVENTS = {
    "lean": ("backend", "shared_bytes", "copied_bytes", "untouched_bytes"),
    "lean-read": ("values",),
    "lean-aside": ("reason",),
}
