#!/usr/bin/env python3
"""Records Tare's present behaviour as the expected one: rewrites golden/THEME.json.

    TARE=build/release/bin/tare TARE_LOGITS=build/release/bin/tare_logits \\
      TARE_TEST_MODEL=$(scripts/get_model.sh) tests/behaviour/record.py [THEME...]

Without a theme, records all. Check `git diff` before committing: each changed line is a changed behaviour, and the
commit must say why.
"""

import importlib
import sys

import guard

THEMES = ("tokens", "smollm2", "keras_tokens", "outputs", "logits", "exit_codes", "json_fields", "store")


def main():
    for theme in sys.argv[1:] or THEMES:
        if theme not in THEMES:
            sys.exit(f"record.py: got \"{theme}\", expected one of: {' '.join(THEMES)}")
        g = guard.Guard()
        try:
            guard.write_golden(theme, importlib.import_module(f"{theme}_test").record(g))
        finally:
            g.close()
        print(f"recorded {theme}", flush=True)


if __name__ == "__main__":
    main()
