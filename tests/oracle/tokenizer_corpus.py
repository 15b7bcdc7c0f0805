"""Difficult texts for tokenizers, used by tokenizer_oracle.py."""

SCRIPTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich – „Öl“ für 3 €.",
    "Портной купил ещё 12 пуговиц и сказал: «хорошо».",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· 42 φορές",
    "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה",
    "نص حكيم له سر قاطع وذو شأن عظيم ١٢٣٤٥ مكتوب على ثوب أخضر",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण १२३",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า ๑๒๓",
    "我能吞下玻璃而不伤身体。二〇二六年，第１２章！",
    "いろはにほへと ちりぬるを カタカナ ｶﾀｶﾅ 日本語テスト",
    "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.",
    "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ ༡༢༣",
    "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ᛫",
    "ქართული ანბანი, հայերեն այբուբեն, አማርኛ ፊደል ፩፪፫",
    "ꦲꦏ꧀ꦱꦫꦗꦮ ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ߒߞߏ 𐎀𐎁𐎂 𓂀𓃻",
    "Việt Nam: tiếng Việt có dấu; Türkçe: İıĞğ; Íslenska: þæð",
]

EMOJI = [
    "😀😃 hi 👋🏽👋🏿",
    "👨‍👩‍👧‍👦 family, 👩🏽‍💻 coder, 🏳️‍🌈 flag, 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "🇩🇪🇫🇷🇯🇵🇺 half a flag",
    "1️⃣2️⃣#️⃣ ❤️ ❤ ☺︎",
    "a😀b 😀 c  😀😀  d",
]

COMBINING = [
    "e\u0301 a\u0308\u0323 n\u0303o\u0303",
    "Z\u0351\u036b\u0343\u036aa\u0301\u0302\u0303l\u0334g\u0335o\u0336",
    "\u0301 leading mark, trailing mark \u0301",
    "\u0915\u094d\u0937 \u200d\u200c joiners a\u200db a\u200cb",
    "\ufb01ne \u2460\u2461 \u00bd \u00b2 \u2167 \u216b \u3007 \u4e00\u4e8c",
]

SPACES = [
    " ",
    "  ",
    "   a",
    "a ",
    "a  ",
    "a   b    c     d",
    "\t",
    "\ta\t\tb\t c \td",
    "\n",
    "\n\n\na\n\nb\n",
    "a\n b\n  c\n\t d \n",
    "\r\n\r\nline\r\n  next\r",
    " \n \n  x",
    "x\u00a0y\u00a0\u00a0z \u00a0 \u3000\u3000全角　空白",
    "a\u2003b\u2028c\u2029d\u0085e\u1680f\u202fg\u205fh",
    "a\u180eb\u200bc\ufeffd\u2060e",
    "   1   22  333 4",
    "\u000b\u000c\u001c\u001d\u001e\u001f x",
    " \u0301 \u200d  !  ?",
]

DIGITS = [
    "0",
    "1234567890",
    "3.14159 1,000,000.00 -42 1e-10 0x1F 0b101",
    "a1b2c3 1a 2b 3c 12ab34",
    "٣٤٥ ४५६ ๗๘๙ ⅷ ½ ² ① 〇 一 𝟘𝟙𝟚 🄀",
    "2026-11-23T03:20:22Z",
    "\U00011de0\U00011de9 x\U00016ff4y \U00010d40",
    "'1s '2t'3 1's",
]

CODE = [
    "def f(x):\n    return x**2  # square\n",
    "#include <cstdio>\nint main() {\n\tstd::printf(\"%d\\n\", 42);\n\treturn 0;\n}\n",
    "for(i=0;i<10;i++){a[i]=b[i]+c[i];}//done",
    "<html><body class='x'>&nbsp;&#x27;</body></html>",
    "SELECT * FROM t WHERE a >= 1 AND b != 'it''s';",
    "if (a&&b||!c) { d->e.f = ~g ^ h; }",
    "https://example.org/a/b?c=d&e=%20f#g user@example.org",
    "λx. x → ∀y ∈ ℝ: y² ≥ 0 ∎ ∫₀¹",
    "{\"key\": [1, 2.5, null], \"s\": \"\\u00e9\\n\"}",
]

CONTRACTIONS = [
    "I'm you're he's we've they'll I'd don't can't",
    "I'M YOU'RE HE'S DON'T",
    "'s't're've'm'll'd",
    " 's 't 're",
    "''s '''t 'r 'v 'l 'rx 'sx",
    "it\u2019s don\u2019t",
    "'\u017f '\u212a",
    "x'",
    "'",
    "I'LL I'Ve 'RE 'l 'L 'LLs 'S'T 'ſx 'ſ \u017f's",
    "!\n\n?\r\n\n  x ...\n  \n\tword \n\n\u00a0word",
    "\tword\u00a0word\u3000word _word __word (word) \"word\"",
]

ODD = [
    "",
    "\0",
    "a\0b\0\0c",
    "".join(map(chr, range(32))),
    "\x7f\x80\x81\x9f",
    "\ufeffBOM first, \ufeff inside",
    "\ufffd\ufffe\uffff\U0010ffff\U0010fffe",
    "\ue000\uf8ff\U000f0000\U00100000",
    "\ud7ff\ue000 next to the surrogates",
    "\u0378\u0379 unassigned \U0001ffff \U0003ffff \U00040000\U00080000\U000c0000",
    "\u00ad\u034f\u061c\u115f\u17b4\u2066\u2069\U000e0001\U000e0061",
    "Ġ Ċ ĉ Ā ł Ń these are the byte alphabet's own",
    "!\x04!\x06?\x13\x14\x16\x1d",
    "a" * 5000,
    " " * 5000,
    "ab" * 2500,
    "\n" * 3000 + "x",
    "😀" * 700,
    "=" * 300 + "-" * 300,
    "the " * 1000,
    "1" * 2000,
    "abcdefghijklmnopqrstuvwxyz" * 40,
    "x " + " " * 200 + "y",
]

CORPUS = SCRIPTS + EMOJI + COMBINING + SPACES + DIGITS + CODE + CONTRACTIONS + ODD

SPECIAL_TEXTS = [
    "<|im_start|>user\nHi<|im_end|>\n",
    "<|im_start|>",
    "a<|im_start|>b",
    " <|im_start|> ",
    "<|im_start|><|im_start|><|im_end|>",
    "<|im_start|> <|im_start||>",
    "<|endoftext|>  \n<|endoftext|>",
    "<repo_name>x<file_sep>y<reponame>z",
    "<<|im_end|>>",
    "<|im|>x<|im|>y<|im|>",
    "<s><s>><s>>>",
    "a=>b <tab>c <tab> d  \n  e=>",
    "1<|im_end|>2  <|im_end|>  3",
]

CHATS = [
    [{"role": "user", "content": "What is the capital of France?"}],
    [
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": "2 + 2 = ?"},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "  And\n\n3 + 3?  "},
    ],
    [{"role": "user", "content": ""}],
    [{"role": "assistant", "content": "Grüße 😀"}, {"role": "user", "content": "\n'quoted' \"text\""}],
    [],
]

TRAINING_TEXT = SCRIPTS + CODE + CONTRACTIONS + SPACES + EMOJI + ["the other thing then there"] * 3

POOLS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "0123456789٣४½²①〇𝟘",
    " ",
    " \t\n\r\u00a0\u3000\u2003\u0085",
    "'stremvld",
    "!?.,;:-_=+/\\|<>(){}[]\"#$%^&*~`@",
    "éüßñçøåœÆ",
    "жщюяЁ漢字かなカナ한국어",
    "\u0301\u0308\u0323\u200d\u200c\ufe0f\u0903",
    "😀👩🏽💻🏳🌈🇩🇪",
    "\0\x01\x04\x1d\x7f\x85\u00ad\ufeff\ufffd\ue000\u0378",
    "<|im_start|><|im_end|><s>><tab>=>",
]


def random_text(rng):
    """A mixture of few pools, so that their characters often meet."""
    pools = rng.sample(POOLS, rng.randint(1, 4))
    parts = []
    for _ in range(rng.randint(1, 12)):
        if rng.random() < 0.1:
            code_point = rng.randrange(0x110000 - 0x800)
            parts.append(chr(code_point if code_point < 0xD800 else code_point + 0x800))
        elif rng.random() < 0.1:
            parts.append(rng.choice(SPECIAL_TEXTS + CONTRACTIONS))
        else:
            pool = rng.choice(pools)
            parts.append("".join(rng.choice(pool) for _ in range(rng.choice((1, 1, 2, 3, 8, 60)))))
    return "".join(parts)
