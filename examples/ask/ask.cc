// Continues a text with a model: ask MODEL TEXT
#include <tare/generate.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: ask MODEL TEXT\n"), 2;
  auto engine = tare::Engine::Load(argv[1]);
  if (!engine.ok()) return std::fprintf(stderr, "%s\n", engine.error().message().c_str()), 1;
  const auto prompt = engine->Encode(argv[2]);
  if (!prompt.ok()) return std::fprintf(stderr, "%s\n", prompt.error().message().c_str()), 1;

  tare::GenerateOptions options;
  options.new_tokens = 32;
  const auto result = engine->Generate(*prompt, options, [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  });
  if (!result.ok()) return std::fprintf(stderr, "%s\n", result.error().message().c_str()), 1;
  std::printf("\n%.1f tokens/s\n", result->decode_tokens_per_second());
}
