"""Small Jinja templates, each for a feature or a refusal, and the variables that they see."""

VARIABLES = {
    "user": {"name": "Ada", "age": 36, "items": [1, 2], "tags": {"b": 1, "a": "x"}},
    "numbers": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "text": "  Hello, Wörld!  ",
    "lines": "one\ntwo\n\nthree",
    "empty": "",
    "nothing": None,
    "yes": True,
    "no": False,
    "seven": 7,
    "half": 0.5,
    "big": 1e16,
    "emoji": "a😀b",
    "quotes": "it's \"q\"\\\n",
    "people": [
        {"name": "Bob", "age": 5, "role": "user"},
        {"name": "alice", "age": 30, "role": "system"},
        {"name": "Cid", "role": "user"},
    ],
    "nested": {"a": {"b": [10, {"c": "deep"}]}, "list": [[1, 2], [3]], "é": "ü"},
    "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "<think>x</think>yes"},
        {"role": "user", "content": "more"},
    ],
}

EXPRESSIONS = """
1 + 2 * 3
7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 7 / 2, 8 / 2
2 ** 3, 2 ** -1, 2 ** 3 ** 2, -2 ** 2
7.5 // 2, -7.5 % 2, 7.5 % -2, 0.1 + 0.2, 1e3, 1.5e-7, 1_000
big, half, 1e15, 1e-4, 1e-5, 123456789.123, 100.0, -0.0
true, false, none, True, False, None
1 == 1.0, true == 1, "1" == 1, none == false, "a" == "a"
1 < 2 < 3, 1 < 2 > 3, 3 > 2 >= 2 != 1
"a" < "b", [1, 2] < [1, 3], (1,) < (1, 2)
1 in numbers, 9 in numbers, 9 not in numbers, "ell" in text, "name" in user, "z" in user
not true, not 0, not none or false, 1 and 2, 0 and 2, 0 or "x", "" or none
"yes" if yes else "no", "yes" if no else "no"
"a" ~ 1 ~ none ~ 1.0 ~ true, "a" + "b", [1] + [2], (1,) + (2,)
"ab" * 3, 2 * "x", [0] * 3, "x" * 0, "x" * -1
[1, "a", none, true, 1.5, [2], (3,), {"k": "v"}]
{"a": 1, "b": [1, 2], 3: none, none: true}
(1, 2), (1,), ()
{"a": 1}.a, {"a": 1}["a"], {"a": 1, "a": 2}
user.name, user["name"], user.tags.b, user["tags"]["a"], nested.a.b[1].c, nested.list.0.1
numbers[0], numbers[-1], numbers[5] is defined, numbers["x"] is defined
text[2:7], text[-3:], text[:3], text[::2], emoji[1], emoji[::-1], emoji[1:], emoji|length
numbers[1:], numbers[::-1], numbers[:-1], numbers[5:], (1, 2, 3)[1:], numbers[-100:100:2], numbers[::-2]
messages[1:][0].role, messages[-1]["content"]
"it's", 'say "hi"', "a\\nb", "tab\\t|", "\\x41\\u00e9\\U0001f600", "\\q", "a" "b"
["it's", 'say "hi"', "a\\nb\\t\\\\", "é😀", "\\x00\\x7f\\u00a0\\u200b", quotes]
missing, missing is defined, user.nope, user.nope is defined, user["nope"] is undefined
[missing], missing ~ "x", missing == missing, missing == none, missing in [1], 1 in missing
missing|length, missing|list, missing|default("d"), missing|string, missing|trim, missing|join(",")
missing|upper, missing|first is defined, missing|last is defined, missing|items|list, missing|replace("a", "b")
-seven, +seven, - -seven, -half, -true, seven - -1
yes + yes, true * 3, 1 + true
"%s is %d (%5.2f|%-4s|%04d|%+d|%%|%r)" % ("a", 3, 1.5, "b", 7, 5, "c")
"%s" % "x", "%(a)s" % {"a": 1}, "%s" % none, "%x" % 255, "%.3s" % "abcdef", "%5s|" % "ab"
numbers is sequence, user is mapping, text is string, seven is number, half is float, seven is integer
none is none, nothing is none, yes is true, no is false, yes is boolean, missing is undefined, 1 is true
[] is iterable, "a" is iterable, 1 is iterable, user is iterable, missing is iterable, user is sequence, 1 is sequence
3 is odd, 4 is even, 9 is divisibleby 3, 9 is divisibleby(2), 1 is eq 1, 1 is ne 1, 2 is gt(1), 1 is lt 2, 1 is ge 1, 1 is le 0
1 is in [1, 2], "a" is in("abc"), 1 is equalto 1, 1 is sameas 1, none is sameas none, true is sameas 1
"abc" is lower, "ABC" is upper, "aB" is lower, "1" is upper, "a1" is lower
user.get is callable, 1 is callable, "upper" is filter, "nosuch" is filter, "odd" is test
not 1 is odd, 1 is not odd, 2 is not none and 3 is odd
"x" is defined or false, (missing is defined) and missing.x
range(3)|list, range(1, 3)|list, range(5, 0, -2)|list, range(3), range(1, 9, 3)[1], 2 in range(3), range(3)|length
range(3)[::-1]|list, range(0)|list, range(2) == range(2)
dict(a=1, b=2), dict([("a", 1)], b=2), dict({"a": 1}), dict()
namespace(a=1).a, namespace(a=1), namespace({"b": 2}).b, namespace().x is defined
user["items"]
user.tags.items()|list, user.tags.keys()|list, user.tags.values()|list, user.tags.items(), user.tags.keys(), user.tags.values()
user.get("name"), user.get("zip"), user.get("zip", "none"), user.tags.get("b")
numbers.index(1), numbers.count(3), (1, 2).index(2), numbers.copy(), user.tags.copy()
text.strip(), text.lstrip()|length, text.rstrip()|length, "xxaxx".strip("x"), "abcba".lstrip("ab"), "abcba".rstrip("ab")
"a,b,,c".split(","), "a b  c ".split(), "a b  c ".split(none, 1), "a,b,c".split(",", 1), "a".split(","), "".split(), "".split(",")
"a,b,c".rsplit(",", 1), " a b c ".rsplit(none, 1), "abc".split("b")[-1], "<think>x</think>y".split("</think>")[-1]
"a b c".split(maxsplit=1), "a-b-c".split(sep="-")
lines.splitlines(), "a\\r\\nb\\rc".splitlines(), "a\\n".splitlines(true)
"abc".startswith("a"), "abc".endswith("bc"), "abc".startswith(("x", "a")), "abc".startswith("b", 1), "abc".endswith("b", 0, 2)
"abcabc".find("c"), "abcabc".rfind("c"), "abc".find("x"), "abcabc".find("c", 3), "abc".index("b"), "aXbX".count("X"), "aaa".count("aa"), "abc".count("")
"aXbX".replace("X", "yy"), "aXbX".replace("X", "", 1), "abc".replace("", "-"), "abc".replace("", "-", 2)
"a-b-c".partition("-"), "a-b-c".rpartition("-"), "abc".partition("x"), "abc".rpartition("x")
"abc".removeprefix("a"), "abc".removesuffix("c"), ",".join(["a", "b"]), "".join([]), "-".join("abc")
"aBc".upper(), "aBc".lower(), "hELLO wORLD".capitalize(), "hello wORLD it's".title(), "ß".upper(), "ÀÉ".lower(), "ǆ".title(), "ΑΣ".lower(), "straße".capitalize()
"12".isdigit(), "".isdigit(), "a1".isalnum(), "ab".isalpha(), "Ab".isupper(), "AB1".isupper(), "ab".islower(), "  ".isspace(), "".isspace()
"{} and {}".format(1, "b"), "{1}{0}".format("a", "b"), "{x}".format(x=3), "{{}}".format()
text|trim, "xxaxx"|trim("x"), 5|trim, "aB"|upper, "aB"|lower, "hello wORLD"|capitalize, "hello-wORLD (it's)"|title
words|join(", "), words|join, numbers|join("-"), people|join(",", attribute="name"), "abc"|join("."), user.tags|join(",")
words|length, words|count, user|length, "abc"|length, words|first, words|last, "abc"|first, "abc"|last, user.tags|first
[]|first is defined, []|last is defined, [1, 2]|reverse|list, "abc"|reverse, numbers|reverse|join
numbers|sort, numbers|sort(reverse=true), words|sort, words|sort(case_sensitive=true), people|sort(attribute="name")|map(attribute="name")|list
numbers|max, numbers|min, words|max, words|min, people|map(attribute="name")|max, []|max is defined, numbers|sum, [1.5, 2]|sum, [[1], [2]]|sum(start=[]), people|selectattr("age", "defined")|sum(attribute="age")
words|unique|list, words|unique(case_sensitive=true)|list, [1, 2, 1]|unique|list, people|unique(attribute="role")|map(attribute="name")|list
words|map("upper")|list, words|map("replace", "p", "q")|list, people|map(attribute="age", default=0)|list, people|map(attribute="age")|list, [[1, 2], [3]]|map("first")|list, words|map("length")|list
numbers|select("odd")|list, numbers|reject("odd")|list, numbers|select("gt", 1)|list, [0, 1, none]|select|list, [0, 1]|reject|list, words|select("in", ["fig"])|list
people|selectattr("role", "equalto", "user")|map(attribute="name")|list, people|rejectattr("role", "==", "user")|list|length, people|selectattr("age")|list|length, people|selectattr("age", "defined")|list|length, [{"a": {"b": 1}}]|selectattr("a.b")|list
user.tags|dictsort, user.tags|dictsort(reverse=true), {"B": 1, "a": 2}|dictsort, {"B": 1, "a": 2}|dictsort(true), {"x": 2, "y": 1}|dictsort(by="value")
user.tags|items|list, user.tags|list, "abc"|list, range(2)|list, numbers|batch(2)|list, numbers|batch(2, 0)|list, [1, 2, 3, 4]|slice(3)|list, [1, 2, 3, 4]|slice(3, 0)|list
missing|default, nothing|default("d"), nothing|default("d", true), ""|d("d", true), 0|default(1, boolean=true)
"3"|int, "x"|int, "x"|int(5), "3.7"|int, 3.7|int, -3.7|int, none|int, "0x1f"|int(base=16), " 42 "|int, "1_000"|int, true|int, "1e3"|int
"3.5"|float, "x"|float, "x"|float(1.5), 3|float, "1e3"|float, "inf"|float, "-.5"|float
-3|abs, -3.5|abs, 2.5|round, 3.5|round, 2.567|round(2), 42|round, 2.1|round(0, "ceil"), 2.9|round(method="floor"), 2.55|round(1), 2.55|round(1, "ceil")
"a"|string, 1|string, none|string, [1]|string, user.tags|string
"<a>"|e, "<a>"|escape, "<a>"|safe, ("<a>"|safe) + "<b>", "<a>" + ("<b>"|safe), ("<a>"|safe) ~ "<b>", ("<a>"|e)|e, "<a>"|forceescape, ["<"|safe], 5|safe
"a\\nb\\n\\nc"|indent, "a\\nb"|indent(2), "a\\nb"|indent(2, true), "a\\n\\nb"|indent(2, blank=true), "a\\nb"|indent("> "), "a\\nb\\n"|indent(1)
"aXb"|replace("X", "y"), "aaa"|replace("a", "b", 2), 11|replace(1, 2), "ab"|center(6), "ab"|center(5), "%s-%s"|format("a", 1), "%(a)s"|format(a=2)
user.tags|tojson, numbers|tojson, "é😀\\n\\"\\\\/<>&'\\x7f"|tojson, none|tojson, 1.0|tojson, 1e16|tojson, true|tojson, ""|tojson, []|tojson, {}|tojson
nested|tojson(indent=2), numbers|tojson(indent=4), {}|tojson(indent=2), [[]]|tojson(indent=1), [1, {"a": 2}]|tojson(indent="--"), [1]|tojson(indent=0)
"é😀"|tojson(ensure_ascii=true), {"b": 1, "a": 2}|tojson(sort_keys=true), [1, 2]|tojson(separators=(",", ":")), {"a": 1}|tojson(separators=(",", ":")), {1: 2, none: 3, true: 4, 1.5: 5}|tojson
(1, 2)|tojson, [1.5, -0.0, 1e-7]|tojson, {"a": [1, {"b": none}]}|tojson(indent=2)
strftime_now("%Y-%m-%d"), strftime_now("%d %b %Y"), strftime_now("%B %d, %Y"), strftime_now(""), strftime_now("%H:%M:%S %A %j %y %I %p")
1 if false, (1 if false) is defined, [1 if false]
[1, 2,], {"a": 1,}, [], {}
[{}, {}]|sort, words|map("upper")|join(" ")|lower|trim|replace("p", "b")
"a"|default("x")|upper ~ "b"|upper
(1, 2) == (1, 2), [1] == (1,), {"a": 1} == {"a": 1.0}, [[1], {"a": 2}] == [[1], {"a": 2}]
"b" > "a", "a" >= "a", "é" > "z", "😀" > "\\uffff"
user.__class__, user.__class__ is defined, "".__len__ is defined, numbers.append, numbers.append is defined, user.update is defined
1.__class__ is defined
emoji.find("b"), emoji.split("😀"), emoji|upper, emoji|list, emoji.replace("😀", "x")
nested.é, nested["é"], user.tags.a.upper().lower()
text|length, text|trim|length, numbers|first + 1, -seven|abs
loop is defined, caller is defined, varargs is defined
""" .strip("\n").split("\n")

REFUSED_EXPRESSIONS = """
missing.x
missing["x"]
missing()
missing + 1
1 + missing
missing < 1
-missing
user.nope.deeper
user.nope()
"a" + 1
1 + "a"
[1] + (2,)
none + 1
1 < "a"
[] < 1
none < none
1 / 0
1 // 0
1 % 0
1.0 / 0
2 in "abc"
1 in 5
1 in none
5()
"a"()
"a".nope()
user.nope.x
numbers.append(1)
numbers.pop()
user.update({})
user.pop("name")
user.__class__.__mro__
missing|tojson
[missing]|tojson
namespace()|tojson
(numbers|map("string"))|tojson
numbers|nosuch
numbers is nosuch
numbers|map("nosuch")|list
numbers|select("nosuch")|list
numbers|map|list
people|selectattr|list
5|length
none|length
5|list
5|join
none|first
5|sort
[1, "a"]|sort
[{}, {"a": 1}]|sort
[1, "a"]|max
people|sort(attribute="age")
["a"]|sum
*numbers
missing|int
missing|float
missing|abs
"a"|abs
"a"|round
5|items|list
5|dictsort
5|indent
"a"|indent([])
"a"|batch
5|reverse
(numbers|map("string"))|last
(numbers|map("string"))|length
"a".split("")
"a".split(1)
"a".strip(1)
"a".replace("a")
"a".startswith(1)
"a".index("x")
",".join([1])
",".join(5)
numbers.index(9)
"%d" % "x"
"%s %s" % "x"
"%s" % (1, 2)
"%(a)s" % 5
"%q" % 5
"{}".format()
range(200000)
range(0, 1, 0)
range("a")
range()
raise_exception("stop: " ~ 1)
raise_exception()
strftime_now()
strftime_now(5)
dict(5)
namespace(5)
namespace(_x=1)
{[1]: 2}
{{}: 2}
numbers["a":]
numbers[::0]
user.get()
user.get(1, 2, 3)
"a"|upper(1)
"a"|trim(1, 2)
"a"|default(nope=1)
1 is divisibleby
1 is divisibleby(0)
"a" is odd
1 is in 5
loop.index
caller()
(1, 2
[1, 2
{"a" 1}
{"a": }
1 +
1 2
+
"abc
'a' 'b
user.
user[
a b
x = 1
1 is
1 is not
1|
1|5
not
f(a=1, 2)
f(*a, *b)
f(**a, b)
f(a=1, a=2)
1 if
(1))
]
@
$x
a ? b
"\\x4"
"\\u12"
0123
""".strip("\n").split("\n")

TEMPLATES = [
    # White space: trim_blocks, lstrip_blocks, marks, line ends, the last line end.
    "a\n{% if yes %}\nb\n{% endif %}\nc\n",
    "a\n  {% if yes %}  \n  b\n  {% endif %}\nc\n\n",
    "a  {%- if yes -%}  b  {%- endif -%}  c",
    "a  {{- 'b' -}}  c",
    "a\n  {{ 'b' }}\n  c",
    "a {%+ if yes %}b{% endif +%}\nc",
    "  {%+ if yes %}b{%+ endif %}\n",
    "  {% if yes +%}\nb{% endif %}\n",
    "{#- c -#}  a {# b #} c\n  {# d #}\ne",
    "a\r\nb\rc\n",
    "\n\n{{ 1 }}\n\n",
    "{% raw %}{{ x }} {% if %}{% endraw %}",
    "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nb",
    "a {%- raw -%}  {{ x }}  {%- endraw -%} b",
    "{{ '{{' }}{{ '}}' }}{{ '{%' }}{{ {'a': {'b': 1}}}}",
    "a{##}b{# {{ x }} {% y %} #}c",
    "  {# x #}  {# y #}\nz",
    "{% if yes %}\t{% endif %}|",
    "x\n\t{%- if yes %}\n\ty\n\t{%- endif %}\n",
    "{{ 'a\nb' }}",
    "{%if yes%}a{%endif%}{{1}}{{-1}}{{- 1}}",
    "{{ 1 }}\n{{ 2 }}\n{% set x = 1 %}\n{{ 3 }}",
    "lone { and } and {x} % #",
    # Statements
    "{% if no %}a{% elif seven > 9 %}b{% elif yes %}c{% else %}d{% endif %}",
    "{% if missing %}a{% else %}b{% endif %}{% if '' %}a{% endif %}{% if [] %}b{% endif %}{% if {} %}c{% endif %}{% if '0' %}d{% endif %}",
    "{% for x in numbers %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for x in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}",
    "{% for x in numbers %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.previtem is defined }} {% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}{% for x in missing %}a{% else %}none{% endfor %}",
    "{% for k, v in user.tags.items() %}{{ k }}={{ v }};{% endfor %}{% for k in user.tags %}{{ k }}{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for x in numbers if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% else %}e{% endfor %}",
    "{% for x in numbers if x > 9 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in numbers %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in numbers %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% else %}e{% endfor %}",
    "{% for x in range(3) %}{% for y in range(3) %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
    "{% for x in numbers %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}",
    "{% for c in 'añ' %}[{{ c }}]{% endfor %}",
    "{% for x in numbers %}{% set y = x %}{{ y }}{% endfor %}{{ y is defined }}",
    "{% set y = 0 %}{% for x in numbers %}{{ y }}{% set y = y + x %}{{ y }} {% endfor %}{{ y }}",
    "{% set ns = namespace(t=0, s='') %}{% for x in numbers %}{% set ns.t = ns.t + x %}{% set ns.s = ns.s ~ x %}{% endfor %}{{ ns.t }}{{ ns.s }}",
    "{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}{{ ns }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = [3, 4] %}{{ c }}{{ d }}{% set e = 1, %}{{ e }}",
    "{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set x %}a{{ 1 }}b{% endset %}[{{ x }}]{{ x|length }}",
    "{% set x | upper | trim %} a{{ 1 }}b {% endset %}[{{ x }}]",
    "{% set x %}{% set y = 1 %}{{ y }}{% endset %}{{ x }}{{ y is defined }}",
    "{% set messages = messages[1:] %}{% for m in messages %}{{ m.role }}{% endfor %}",
    "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(b=5, a=4) }}|{{ m(1, c=7) }}|{{ m() }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}{{ m() }}",
    "{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}x{{ seven }}{% endcall %}",
    "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=5) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}",
    "{% macro m(x) %}{% set y = x %}{{ y }}{% endmacro %}{{ m(1) }}{{ y is defined }}",
    "{% for x in numbers %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% macro a(f) %}{{ f('z') }}{% endmacro %}{% macro b(x) %}<{{ x }}>{% endmacro %}{{ a(b) }}{{ a(f=b) }}",
    "{% macro m(x) %}  {{ x }}  {% endmacro %}{{ m('a') | trim }}{{ m('b')|length }}{{ m('a') is string }}",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}{% filter trim|replace('x', 'y') %}  axb  {% endfilter %}",
    "{% with a = 1, b = seven %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}",
    "{% generation %}a{% set z = 1 %}{{ z }}{% endgeneration %}{{ z is defined }}b\n  {% generation %}\n c\n  {% endgeneration %}\nd",
    "{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{{ loop.depth }}{% endif %}{% endfor %}",
    "{% set g = numbers|map('string') %}{{ g|join }}|{{ g|join }}|{{ g is iterable }}",
    "{% set g = numbers|select('odd') %}{{ g|first }}{{ g|list }}{% if g %}true{% endif %}",
    "{% for x in numbers|map('string') %}{{ loop.index }}{{ x }}{{ loop.last }}{{ loop.length }}{% endfor %}",
    "{% for x in numbers %}{% for y in numbers %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for x in numbers %}{% set outer = loop %}{% for y in [1] %}{{ outer.index }}{% endfor %}{% endfor %}",
    "{% if yes %}{{ 1 }}{% if no %}{{ 1|nosuch }}{% endif %}{% endif %}{{ (1|nosuch) if no else 2 }}",
    "{% if yes: %}a{% endif %}{% for x in numbers: %}{{ x }}{% endfor %}",
    "{% print 1 %}{% set x = 1 if no else 2 %}{{ x }}{% for x in (1, 2) if true %}{{ x }}{% endfor %}",
    "{% for x in 1, 2 %}{{ x }}{% endfor %}{% for x in numbers[:2] %}{{ x }}{% endfor %}",
    "{{ '%s' % 'a' }}{{ 'a' ~ 'b' | upper }}{{ ('a' ~ 'b') | upper }}{{ -1 | abs }}{{ 1 + 2 | abs }}",
    "{% set t = 'a' %}{% macro q(x) %}{{ t }}{{ x|default('none', true) }}{% endmacro %}{{ q() }}{{ q('') }}",
    "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('no') }}{% endif %}{{ m.role }}{% endfor %}",
    "{% for m in messages[::-1] %}{% set i = messages|length - 1 - loop.index0 %}{{ i }}{{ m.content }}{% endfor %}",
    "{% set d = dict(user, name='Bob') %}{{ d.name }}{{ user.name }}{% set d = dict(user.tags) %}{{ d }}",
    "{% macro show(v, n) %}{% if v is mapping %}{% for k, x in v|dictsort %}\n{{ '  ' * n }}{{ k }}:{{ show(x, n + 1) }}{% endfor %}{% else %} {{ v }}{% endif %}{% endmacro %}{{ show(nested.a, 0) }}",
    "{%- set x = {'a': 1,\n 'b': [1,\n 2]} -%}\n{{ x\n.b\n[0] }}",
    "{% set _x = 1 %}{{ _x }}{% set ünï = 2 %}{{ ünï }}",
    "{{ messages[1].content.split('</think>')[-1].lstrip('\\n') }}{{ (messages[1].content.split('</think>')|first).split('<think>')|last }}",
    "{% set content = messages[0].content %}{% if content is string %}s{% elif content is iterable %}i{% endif %}{{ messages[0].tool_calls is defined and messages[0].tool_calls }}",
    "{{ loop is defined }}{% for x in [1] %}{{ loop is defined }}{% endfor %}",
    "{% set namespace = 5 %}{{ namespace }}{% set range = 6 %}{{ range }}",
]

REFUSED_TEMPLATES = [
    "{% if yes %}a",
    "{% if yes %}a{% endfor %}",
    "{% for x numbers %}{% endfor %}",
    "{% for 1 in numbers %}{% endfor %}",
    "{% for x in 5 %}{% endfor %}",
    "{% for x in none %}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for a, b in [1] %}{% endfor %}",
    "{% set 1 = 2 %}",
    "{% set true = 2 %}",
    "{% set x %}a",
    "{% set user.name = 2 %}",
    "{% set missing.name = 2 %}",
    "{% set ns = namespace() %}{% set ns._x = 1 %}",
    "{% set a, b = 1 %}",
    "{% set a, b = [1, 2, 3] %}",
    "{% nosuch %}",
    "{% endif %}",
    "{% else %}",
    "{% break %}",
    "{% macro m() %}{% break %}{% endmacro %}",
    "{% macro m(a %}{% endmacro %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}",
    "{% call 5 %}{% endcall %}",
    "{% filter nosuch %}{% endfilter %}",
    "{% raw %}a",
    "{# a",
    "{{ 1",
    "{{ 1 %}",
    "{% if yes }}",
    "{{ }}",
    "{% %}",
    "{% if %}{% endif %}",
    "{% for x in numbers %}{{ loop(x) }}{% endfor %}",
    "{% for x in numbers %}{{ loop.nope.x }}{% endfor %}",
    "{% for x in [1] %}{{ 1|nosuch }}{% endfor %}",
    "{% if no %}{% for x in [] %}{{ 1|nosuch }}{% endfor %}{% endif %}",
    "{% macro never() %}{{ 1|nosuch }}{% endmacro %}",
    "{% if yes %}{{ 1|nosuch }}{% endif %}",
    "{% set x = 1|nosuch %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% do numbers.append(1) %}",
    "{% trans %}x{% endtrans %}",
    "{% macro m(x) %}{{ m(x + 1) }}{% endmacro %}{{ m(1) }}",
    "{% for x in range(1000000) %}{% endfor %}",
]
