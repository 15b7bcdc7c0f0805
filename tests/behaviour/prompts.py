"""Twenty texts that tokenizers and models treat differently."""

PROMPTS = {
    "word": "Hello",
    "sentence": "The ship weighs anchor at dawn, and the harbour sleeps.",
    "contractions": "I'll say it's what they've been told, isn't it? WE'RE DON'T",
    "leading space": "   three spaces first, two last  ",
    "blank lines": "one\n\ntwo\n\n\n\tthree\r\nfour",
    "digits": "1234567890 12 345 6789 3.14159 -273.15 1e-9 0xff",
    "dates": "On 2024-02-29 at 23:59:60, 1,000,000 people paid $19.99 (7%).",
    "punctuation": "!?... --- ((([[[{{{<<<>>>}}}]]])) ;;; \"'` ~~~ @#$%^&*",
    "code": "#include <vector>\n\nint Sum(const std::vector<int>& v) {\n  int s = 0;\n\tfor (int x : v) s += x;\n",
    "json": '{"name": "tare", "sizes": [1, 2.5, null], "nested": {"ok": true}}',
    "german": "Der Fluß fließt über Größe, Übermut und Äpfel; naïve Café-Besucher.",
    "russian": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "greek and hebrew": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. שלום עולם!",
    "arabic and hindi": "مرحبا بالعالم ١٢٣ नमस्ते दुनिया ४५६",
    "chinese": "敏捷的棕色狐狸跳过了懒狗。价格是１２３元。",
    "japanese and korean": "日本の首都は東京です。カタカナ 한국어 문장입니다.",
    "emoji": "🙂🙃 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇯🇵",
    "combining": "e\u0301 a\u0308 \u1e9b\u0323 Z\u0351\u036b\u0343 \u200b\u00a0\u2003\u3000end",
    "special tokens": "<|endoftext|> <|im_start|>user\nhi<|im_end|> <|begin_of_text|> <s></s>",
    "long": " ".join(f"{n} green bottles hanging on the wall," for n in range(16, 0, -1)),
}
