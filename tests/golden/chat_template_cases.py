"""Chat templates in the shapes of those that models ship, and conversations to write with them.

All are written for this test: each has the layout, the features and the refusals of its kind, none its text.
"""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Weather of a \"city\" <now>",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
                "required": ["city"],
            },
        },
    }
]

USER = {"role": "user", "content": "  What is 2 + 2? é😀\n"}
SYSTEM = {"role": "system", "content": "Be brief."}
ANSWER = {"role": "assistant", "content": "<think>\nsum\n</think>\n\nFour."}
MORE = {"role": "user", "content": "Sure?"}
CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"type": "function", "id": "call00001",
                    "function": {"name": "weather", "arguments": {"city": "Oslo", "days": 2}}}],
}
REPLY = {"role": "tool", "name": "weather", "tool_call_id": "call00001", "content": "{\"sky\": \"grey\"}"}
PARTS = {"role": "user", "content": [{"type": "text", "text": "Part one,"}, {"type": "text", "text": " two."}]}

CONVERSATIONS = [
    {"messages": [USER], "add_generation_prompt": True},
    {"messages": [SYSTEM, USER], "add_generation_prompt": False},
    {"messages": [USER, ANSWER, MORE], "add_generation_prompt": True, "enable_thinking": False},
    {"messages": [SYSTEM, USER, ANSWER, MORE, ANSWER], "add_generation_prompt": False},
    {"messages": [SYSTEM, USER, CALL, REPLY], "tools": TOOLS, "add_generation_prompt": True},
    {"messages": [SYSTEM, USER, CALL, REPLY, ANSWER, MORE], "tools": TOOLS, "add_generation_prompt": True},
    {"messages": [PARTS], "add_generation_prompt": True},
    {"messages": [USER, MORE], "add_generation_prompt": True},
]

TEMPLATES = {
    "chatml": """{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}\
{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""",
    "default_system": """{% for m in messages %}{% if loop.first and messages[0]['role'] != 'system' %}\
{{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + \
'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""",
    "inst_sys": """{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}\
{% set system = messages[0]['content'] %}{% else %}{% set turns = messages %}{% set system = false %}{% endif %}\
{% for m in turns %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Turns must alternate user/assistant') }}{% endif %}\
{% if loop.index0 == 0 and system != false %}{% set text = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + m['content'] %}\
{% else %}{% set text = m['content'] %}{% endif %}\
{% if m['role'] == 'user' %}{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}\
{% elif m['role'] == 'assistant' %}{{ ' ' + text.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""",
    "headers": """{% for m in messages %}{% set text = '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + \
m['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}{{ text }}\
{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}""",
    "headers_tools": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{#- The system message comes first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Date: " + date_string + "\\n\\n" }}
{%- if tools is not none %}
    {{- "Functions:\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system }}
{{- "<|eot_id|>" }}
{%- for m in messages %}
    {%- if not (m.role == 'ipython' or m.role == 'tool' or 'tool_calls' in m) %}
        {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n'+ m['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in m %}
        {%- if not m.tool_calls|length == 1 %}
            {{- raise_exception("One call at a time!") }}
        {%- endif %}
        {%- set call = m.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif m.role == "tool" or m.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if m.content is mapping or m.content is iterable %}
            {{- m.content | tojson }}
        {%- else %}
            {{- m.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "inst_v1": """{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Roles must alternate') }}{% endif %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}\
{% elif m['role'] == 'assistant' %}{{ m['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant!') }}\
{% endif %}{% endfor %}""",
    "inst_tools": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for m in loop_messages %}
    {%- if not (m.role == "tool" or m.role == "tool_results" or (m.tool_calls is defined and m.tool_calls is not none)) %}
        {%- if (m["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the system message, roles must alternate") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for m in loop_messages %}
    {%- if m["role"] == "user" %}
        {%- if tools is not none and (m == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" }}{%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + m["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + m["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif m.tool_calls is defined and m.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for call in m.tool_calls %}
            {%- set out = call.function|tojson %}
            {{- out[:-1] }}
            {%- if not call.id is defined or call.id|length != 9 %}
                {{- raise_exception("Ids have nine characters!") }}
            {%- endif %}
            {{- ', "id": "' + call.id + '"}' }}
            {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" + eos_token }}{%- endif %}
        {%- endfor %}
    {%- elif m["role"] == "assistant" %}
        {{- " " + m["content"]|trim + eos_token}}
    {%- elif m["role"] == "tool_results" or m["role"] == "tool" %}
        {%- if m.content is defined and m.content.content is defined %}
            {%- set content = m.content.content %}
        {%- else %}
            {%- set content = m.content %}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + ", " }}
        {{- '"call_id": "' + m.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- else %}
        {{- raise_exception("Only some roles!") }}
    {%- endif %}
{%- endfor %}
""",
    "im_tools": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You help.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou help.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for m in messages %}
    {%- if (m.role == "user") or (m.role == "system" and not loop.first) or (m.role == "assistant" and not m.tool_calls) %}
        {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}
    {%- elif m.role == "assistant" %}
        {{- '<|im_start|>' + m.role }}
        {%- if m.content %}{{- '\\n' + m.content }}{%- endif %}
        {%- for call in m.tool_calls %}
            {%- if call.function is defined %}{%- set call = call.function %}{%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}{{- call.name }}{{- '", "arguments": ' }}{{- call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif m.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
        {{- '\\n<tool_response>\\n' }}{{- m.content }}{{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "im_thinking": """{%- set ns = namespace(multi=true, last=messages|length - 1) %}
{%- for m in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi and m.role == "user" and m.content is string and not(m.content.startswith('<tool_response>') and m.content.endswith('</tool_response>')) %}
        {%- set ns.multi = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for m in messages %}
    {%- if m.content is string %}
        {%- set content = m.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if m.role == "user" or m.role == "system" %}
        {{- '<|im_start|>' + m.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif m.role == "assistant" %}
        {%- set reasoning = '' %}
        {%- if m.reasoning_content is string %}
            {%- set reasoning = m.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last and (loop.last or (not loop.last and reasoning)) %}
            {{- '<|im_start|>' + m.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + m.role + '\\n' + content }}
        {%- endif %}
        {%- for call in m.tool_calls %}
            {{- '\\n<tool_call>\\n' }}{{- call.function | tojson if call.function.arguments is string else (call.function.name ~ call.function.arguments | tojson) }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    "turns": """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system role') }}{% endif %}\
{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}\
{% endif %}{% if (m['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = m['role'] %}{% endif %}\
{{ '<start_of_turn>' + role + '\\n' + m['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}\
{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}""",
    "turns_parts": """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set prefix = "" -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for m in turns -%}
    {%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Roles must alternate user/assistant/…") }}
    {%- endif -%}
    {{ '<start_of_turn>' + ('model' if m['role'] == 'assistant' else m['role']) + '\\n' + (prefix if loop.first else "") }}
    {%- if m['content'] is string -%}
        {{ m['content'] | trim }}
    {%- elif m['content'] is iterable -%}
        {%- for item in m['content'] -%}
            {%- if item['type'] == 'image' -%}{{ '<image>' }}
            {%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
""",
    "bars": """{% for m in messages %}{% if m['role'] == 'system' and m['content'] %}{{'<|system|>\\n' + m['content'] + '<|end|>\\n'}}\
{% elif m['role'] == 'user' %}{{'<|user|>\\n' + m['content'] + '<|end|>\\n'}}{% elif m['role'] == 'assistant' %}\
{{'<|assistant|>\\n' + m['content'] + '<|end|>\\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}\
{% else %}{{ eos_token }}{% endif %}""",
    "bars_tools": """{% for m in messages %}{% if m['role'] == 'system' and 'tools' in m and m['tools'] is not none %}\
{{ '<|' + m['role'] + '|>' + m['content'] + '<|tool|>' + m['tools'] + '<|/tool|>' + '<|end|>' }}{% else %}\
{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}\
{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}""",
    "im_sep": """{% for m in messages %}{% if (m['role'] == 'system') %}{{'<|im_start|>system<|im_sep|>' + m['content'] + '<|im_end|>'}}\
{% elif (m['role'] == 'user') %}{{'<|im_start|>user<|im_sep|>' + m['content'] + '<|im_end|><|im_start|>assistant<|im_sep|>'}}\
{% elif (m['role'] == 'assistant') %}{{m['content'] + '<|im_end|>'}}{% endif %}{% endfor %}""",
    "roles_documents": """{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set system_message = "Today is " + strftime_now('%B %d, %Y') + ".\\nYou help." %}
    {%- if tools and documents %}
        {%- set system_message = system_message + " Tools and documents." %}
    {%- elif tools %}
        {%- set system_message = system_message + " Tools." %}
    {%- endif %}
    {%- if controls is defined and 'citations' in controls and documents %}
        {%- set system_message = system_message + ' Cite.' %}
    {%- endif %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- '<|start_of_role|>system<|end_of_role|>' + system_message + '<|end_of_text|>\\n' }}
{%- if tools %}
    {{- '<|start_of_role|>available_tools<|end_of_role|>' }}{{- tools | tojson(indent=4) }}{{- '<|end_of_text|>\\n' }}
{%- endif %}
{%- if documents %}
    {%- for document in documents %}
        {{- '<|start_of_role|>document {"document_id": "' + document['doc_id'] | string + '"}<|end_of_role|>\\n' + document['text'] }}
    {%- endfor %}
{%- endif %}
{%- for m in loop_messages %}
    {{- '<|start_of_role|>' + m['role'] + '<|end_of_role|>' + m['content'] + '<|end_of_text|>\\n' }}
    {%- if loop.last and add_generation_prompt %}
        {{- '<|start_of_role|>assistant' }}
        {%- if controls %}{{- ' ' + controls | tojson() }}{%- endif %}
        {{- '<|end_of_role|>' }}
    {%- endif %}
{%- endfor %}""",
    "generation_marks": """{# macros and marks #}
{%- if enable_thinking is not defined %}{% set enable_thinking = true %}{% endif %}
{%- set mode = "/think" if enable_thinking else "/no_think" -%}
{%- if messages[0].role == "system" -%}
  {%- set system = messages[0].content -%}
  {%- if "/no_think" in system -%}{%- set mode = "/no_think" -%}{%- endif -%}
  {%- set custom = system.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{ "<|im_start|>system\\nDate: " ~ strftime_now("%d %B %Y") ~ "\\nMode: " ~ mode ~ "\\n" ~ (custom if custom else "None") ~ "<|im_end|>\\n" }}
{%- for m in messages -%}
    {%- set content = m.content if m.content is string else "" -%}
    {%- if m.role == "user" -%}
        {{ "<|im_start|>" + m.role + "\\n" + content + "<|im_end|>\\n" }}
    {%- elif m.role == "assistant" -%}
        {% generation %}
        {%- if mode == "/think" -%}
            {{ "<|im_start|>assistant\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- else -%}
            {{ "<|im_start|>assistant\\n" + "<think>\\n\\n</think>\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- endif -%}
        {% endgeneration %}
    {%- elif m.role == "tool" -%}
        {{ "<|im_start|>" + "user\\n" + content + "<|im_end|>\\n" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ "<|im_start|>assistant\\n" if mode == "/think" else "<|im_start|>assistant\\n<think>\\n\\n</think>\\n" }}
{%- endif -%}
""",
    "wide_bars": """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}\
{% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system='') %}{%- for m in messages %}\
{%- if m['role'] == 'system' %}{% set ns.system = m['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system}}\
{%- for m in messages %}{%- if m['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<｜User｜>' + m['content']}}{%- endif %}\
{%- if m['role'] == 'assistant' and m['content'] is none %}{%- set ns.is_tool = false -%}{%- for tool in m['tool_calls']%}\
{{'<｜tool｜>' + tool['function']['name']}}{%- endfor %}{%- endif %}{%- if m['role'] == 'assistant' and m['content'] is not none %}\
{%- if ns.is_tool %}{{'<｜end｜>' + m['content'] + eos_token}}{%- set ns.is_tool = false -%}{%- else %}\
{% set content = m['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}\
{{'<｜Assistant｜>' + content + eos_token}}{%- endif %}{%- endif %}{%- if m['role'] == 'tool' %}{%- set ns.is_tool = true -%}\
{%- if ns.is_output_first %}{{'<｜outputs｜>' + m['content']}}{%- set ns.is_output_first = false %}{%- else %}{{'\\n' + m['content']}}\
{%- endif %}{%- endif %}{%- endfor -%}{% if ns.is_tool %}{{'<｜end｜>'}}{% endif %}{% if add_generation_prompt and not ns.is_tool %}\
{{'<｜Assistant｜><think>\\n'}}{% endif %}""",
    "bars_lines": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "plain_names": """{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set s = messages[0]['content'].strip() + '\\n\\n' %}\
{% else %}{% set turns = messages %}{% set s = 'A chat.' + ' ' %}{% endif %}{{ bos_token + s }}{% for m in turns %}\
{% if m['role'] == 'user' %}{{ 'USER: ' + m['content'].strip() + ' ' }}{% elif m['role'] == 'assistant' %}\
{{ 'ASSISTANT: ' + m['content'].strip() + eos_token }}{% endif %}{% if loop.last and m['role'] == 'user' and add_generation_prompt %}\
{{ 'ASSISTANT:' }}{% endif %}{% endfor %}""",
    "turn_tokens": """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set s = messages[0]['content'] %}\
{% elif false == true %}{% set turns = messages %}{% set s = 'never' %}{% else %}{% set turns = messages %}{% set s = false %}{% endif %}\
{% if s != false %}{{ '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>' + s + '<|END_OF_TURN_TOKEN|>' }}{% endif %}{% for m in turns %}\
{% set content = m['content'] %}{% if m['role'] == 'user' %}{{ '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' + content.strip() + '<|END_OF_TURN_TOKEN|>' }}\
{% elif m['role'] == 'assistant' %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>'  + content.strip() + '<|END_OF_TURN_TOKEN|>' }}{% endif %}\
{% endfor %}{% if add_generation_prompt %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}""",
    "last_eos": """{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ '<|system|>\\n' + m['content'] + '\\n' }}\
{% elif m['role'] == 'user' %}{{ '<|user|>\\n' + m['content'] + '\\n' }}{% elif m['role'] == 'assistant' %}{% if not loop.last %}\
{{ '<|assistant|>\\n'  + m['content'] + eos_token + '\\n' }}{% else %}{{ '<|assistant|>\\n'  + m['content'] + eos_token }}{% endif %}{% endif %}\
{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}{% endfor %}""",
    "nested_tools": """{%- if tools %}{{- '<|system|>\\n' }}{%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}\
{%- set remaining = messages[1:] %}{%- else %}{%- set remaining = messages %}{%- endif %}{{- '\\nFunctions: ' }}{{- tools | tojson }}\
{{- '\\n' }}{%- for m in remaining %}{{- '<|' ~ m.role ~ '|>\\n' ~ m.content ~ '\\n' }}{%- endfor %}{%- else %}\
{%- for m in messages %}{{- '<|' ~ m.role ~ '|>\\n' ~ m.content ~ '\\n' }}{%- endfor %}{%- endif %}\
{%- if add_generation_prompt %}{{- '<|assistant|>\\n' }}{%- endif %}""",
    "channels": """{%- macro type_of(spec) -%}
  {%- if spec.type == "string" -%}string
  {%- elif spec.type in ["integer", "number"] -%}number
  {%- elif spec.type == "array" -%}{{ type_of(spec["items"]) }}[]
  {%- else -%}any{%- endif -%}
  {%- if spec.default is defined %} // default: {{ spec.default }}{% endif -%}
{%- endmacro -%}
{%- macro render_tools(tools) -%}
  {{- "namespace functions {\\n" }}
  {%- for tool in tools %}
    {%- set f = tool.function %}
    {{- "// " + f.description + "\\ntype " + f.name + " = (_: {\\n" }}
    {%- for name, spec in f.parameters.properties.items() %}
      {{- name + ("" if name in (f.parameters.required or []) else "?") + ": " + type_of(spec) }}
      {{- ",\\n" if not loop.last else "\\n" }}
    {%- endfor %}
    {{- "}) => any;\\n" }}
  {%- endfor %}
  {{- "}" }}
{%- endmacro -%}
{%- if reasoning_effort is not defined %}{%- set reasoning_effort = "medium" %}{%- endif %}
{{- "<|start|>system<|message|>Date: " + strftime_now("%Y-%m-%d") + "\\nReasoning: " + reasoning_effort + "<|end|>" }}
{%- if messages[0].role == "developer" or messages[0].role == "system" %}
  {%- set developer = messages[0].content %}{%- set turns = messages[1:] %}
{%- else %}
  {%- set developer = "" %}{%- set turns = messages %}
{%- endif %}
{%- if developer or tools %}
  {{- "<|start|>developer<|message|>" }}
  {%- if developer %}{{- "# Instructions\\n\\n" + developer }}{%- endif %}
  {%- if tools %}{{- "\\n\\n# Tools\\n\\n" + render_tools(tools) }}{%- endif %}
  {{- "<|end|>" }}
{%- endif %}
{%- set last_call = namespace(name=none) %}
{%- for m in turns -%}
  {%- if m.role == 'assistant' -%}
    {%- if "tool_calls" in m %}
      {%- set call = m.tool_calls[0].function %}
      {{- "<|start|>assistant to=functions." + call.name + "<|channel|>commentary json<|message|>" + call.arguments|tojson + "<|call|>" }}
      {%- set last_call.name = call.name %}
    {%- elif loop.last and not add_generation_prompt %}
      {{- "<|start|>assistant<|channel|>final<|message|>" + m.content + "<|return|>" }}
    {%- else %}
      {{- "<|start|>assistant<|channel|>final<|message|>" + m.content + "<|end|>" }}
      {%- set last_call.name = none %}
    {%- endif %}
  {%- elif m.role == 'tool' -%}
    {%- if last_call.name is none %}{{- raise_exception("A reply without a call") }}{%- endif %}
    {{- "<|start|>functions." + last_call.name + " to=assistant<|message|>" + m.content|tojson + "<|end|>" }}
  {%- else -%}
    {{- "<|start|>user<|message|>" + m.content + "<|end|>" }}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}<|start|>assistant{%- endif -%}
""",
    "function_calls": """{%- macro json_to_type(p) -%}{% if p.type == 'integer' %}int{% elif p.type == 'string' %}str{% else %}{{ p.type }}{% endif %}{%- endmacro -%}
{{ bos_token }}{{- '<|im_start|>system\\n<tools> ' }}
{%- for tool in tools or [] %}
    {%- if tool.function is defined %}{%- set tool = tool.function %}{%- endif %}
    {{- '{"name": "' + tool.name + '", ' }}
    {{- '"signature": "' + tool.name + '(' }}
    {%- for name, fields in tool.parameters.properties|items %}
        {{- name + ": " + json_to_type(fields) }}{%- if not loop.last %}{{- ", " }}{%- endif %}
    {%- endfor %}
    {{- ')", "parameters": ' + tool.parameters|tojson + '}' }}
    {%- if not loop.last %}{{- "\\n" }}{%- endif %}
{%- endfor %}
{{- ' </tools><|im_end|>\\n' }}
{%- for m in messages %}
    {%- if m.role == "user" or m.role == "system" or (m.role == "assistant" and m.tool_calls is not defined) %}
        {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}
    {%- elif m.role == "assistant" %}
        {{- '<|im_start|>' + m.role }}
        {%- for call in m.tool_calls %}
            {{- '\\n<tool_call>\\n{' }}{%- if call.function.arguments is defined %}{{- '"arguments": ' }}{{- call.function.arguments|tojson }}{{- ', ' }}{%- endif %}
            {{- '"name": "' }}{{- call.function.name }}{{- '"}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif m.role == "tool" %}
        {%- if loop.previtem and loop.previtem.role != "tool" %}{{- '<|im_start|>tool\\n' }}{%- endif %}
        {{- '<tool_response>\\n' }}{{- m.content }}
        {%- if not loop.last %}{{- '\\n</tool_response>\\n' }}{%- else %}{{- '\\n</tool_response>' }}{%- endif %}
        {%- if not loop.last and loop.nextitem.role != "tool" %}{{- '<|im_end|>' }}{%- elif loop.last %}{{- '<|im_end|>' }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
""",
    "tool_list": """{{- bos_token -}}{%- set system_prompt = "" -%}{%- set ns = namespace(system_prompt="") -%}
{%- if messages[0]["role"] == "system" -%}{%- set ns.system_prompt = messages[0]["content"] -%}{%- set messages = messages[1:] -%}{%- endif -%}
{%- if tools -%}
    {%- set ns.system_prompt = ns.system_prompt + ("\\n" if ns.system_prompt else "") + "List of tools: [" -%}
    {%- for tool in tools -%}
        {%- if tool is not string -%}{%- set tool = tool | tojson -%}{%- endif -%}
        {%- set ns.system_prompt = ns.system_prompt + tool -%}
        {%- if not loop.last -%}{%- set ns.system_prompt = ns.system_prompt + ", " -%}{%- endif -%}
    {%- endfor -%}
    {%- set ns.system_prompt = ns.system_prompt + "]" -%}
{%- endif -%}
{%- if ns.system_prompt -%}{{- "<|im_start|>system\\n" + ns.system_prompt + "<|im_end|>\\n" -}}{%- endif -%}
{%- for m in messages -%}
    {{- "<|im_start|>" + m["role"] + "\\n" -}}
    {%- set content = m["content"] -%}
    {%- if content is not string -%}{%- set content = content | tojson -%}{%- endif -%}
    {{- content + "<|im_end|>\\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|im_start|>assistant\\n" -}}{%- endif -%}
""",
    "person": """{% for m in messages %}{% if m['role'] == 'user' %}{{'<用户>' + m['content'].strip() + '<AI>'}}{% else %}{{m['content'].strip()}}{% endif %}{% endfor %}""",
    "bos_once": """{{ bos_token }}{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n'}}{% endfor %}\
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""",
    "mask": """[gMASK]<sop>{% for item in messages %}{% if item['tools'] is defined %}<|system|>\\n{% for tool in item['tools'] %}\
\\n\\n## {{ tool['function']['name'] }}{{ tool['function'] | tojson(indent=4) }}{% endfor %}{% endif %}{% if item['content'] %}\
<|{{ item['role'] }}|>{{ item['metadata'] }}\\n{{ item['content'] }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}""",
    "sections": """{% set sep = '\\n\\n' %}{% for m in messages if m.role != 'tool' %}{{ '### ' ~ m.role | capitalize ~ ':\\n' ~ m.content ~ (eos_token if m.role == 'assistant' else '') ~ sep }}\
{% endfor %}{% if add_generation_prompt %}### Assistant:\n{% endif %}""",
}
