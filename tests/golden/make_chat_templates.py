"""Writes chat_templates.json: what the real library makes of the templates and conversations of chat_template_cases.py.

    scripts/oracle_python.sh tests/golden/make_chat_templates.py > tests/golden/chat_templates.json

`texts` has one list a template: the text of each conversation, or null where the template refuses it.
"""

import json
import sys

import chat_template_cases
import make_jinja

MODEL = {"bos_token": "<s>", "eos_token": "</s>"}


def main():
    texts = {}
    for name, template in chat_template_cases.TEMPLATES.items():
        texts[name] = [
            make_jinja.render(template, {"tools": None, "documents": None, **MODEL, **conversation})
            for conversation in chat_template_cases.CONVERSATIONS
        ]
        print(name, sum(text is None for text in texts[name]), "refused", file=sys.stderr)
    golden = {"conversations": chat_template_cases.CONVERSATIONS, "templates": chat_template_cases.TEMPLATES,
              "texts": texts}
    print(json.dumps(golden, ensure_ascii=False, indent=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
