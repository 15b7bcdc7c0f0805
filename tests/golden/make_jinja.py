"""Writes jinja.json: what Jinja2, set up by Transformers, makes of the templates of jinja_cases.py.

    scripts/oracle_python.sh tests/golden/make_jinja.py > tests/golden/jinja.json

Each case is [template, text], or [template, null] where it is refused. An expression stands for itself printed: several
with commas between are a tuple.
"""

import datetime
import json
import sys

import jinja2
from transformers.utils import chat_template_utils

import jinja_cases

NOW = datetime.datetime(2024, 7, 26, 9, 5, 3)


class FixedClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def render(template, variables):
    """The text, or None if the template is refused."""
    chat_template_utils.datetime = FixedClock
    try:
        return chat_template_utils._compile_jinja_template(template).render(**variables)
    except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError,
            AttributeError, KeyError, SyntaxError):
        return None


def main():
    cases, wrong = [], []

    def add(templates, is_refused):
        for template in templates:
            text = render(template, jinja_cases.VARIABLES)
            if (text is None) != is_refused:
                wrong.append((template, text))
            cases.append([template, text])

    def printed(expressions):
        return ["{{ " + expression + " }}" for expression in expressions]

    add(printed(jinja_cases.EXPRESSIONS), False)
    add(jinja_cases.TEMPLATES, False)
    add(printed(jinja_cases.REFUSED_EXPRESSIONS), True)
    add(jinja_cases.REFUSED_TEMPLATES, True)
    for template, text in wrong:
        print("not as listed:", repr(template), "->", repr(text), file=sys.stderr)
    print('{"variables": ' + json.dumps(jinja_cases.VARIABLES, ensure_ascii=False) + ',\n "cases": [')
    print(",\n".join(json.dumps(case, ensure_ascii=False) for case in cases))
    print("]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
