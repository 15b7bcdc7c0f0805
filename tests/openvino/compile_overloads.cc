// Calls every overload of ov::Core::compile_model. Checks each result and whether the hook of `tare
// run` saw the model. Prints one line per call; exit status 1 if one is wrong.
//
// usage: compile_overloads MODEL.xml MODEL.bin CACHE_FOLDER

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <numeric>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The number of lines with this event in the hook's report.
size_t Lines(const std::string& event) {
  std::ifstream file(std::getenv("TARE_OPENVINO_REPORT"));
  size_t count = 0;
  for (std::string line; std::getline(file, line);) count += line.rfind(event + "\t", 0) == 0;
  return count;
}

// The model multiplies a [2, 3] input by a constant [3, 4] = 0, 1, 2, …; small integers make the
// result exact.
bool IsRight(ov::CompiledModel compiled) {
  ov::InferRequest request = compiled.create_infer_request();
  ov::Tensor input(ov::element::f32, {2, 3});
  std::iota(input.data<float>(), input.data<float>() + 6, 0.0f);
  request.set_input_tensor(input);
  request.infer();
  const float* output = request.get_output_tensor().data<float>();
  for (size_t row = 0; row < 2; ++row) {
    for (size_t column = 0; column < 4; ++column) {
      float expected = 0;
      for (size_t k = 0; k < 3; ++k) {
        expected += static_cast<float>(row * 3 + k) * static_cast<float>(k * 4 + column);
      }
      if (output[row * 4 + column] != expected) return false;
    }
  }
  return true;
}

enum class Expected { kSeen, kUntouched, kThrows };

class Checks {
 public:
  void Check(const std::string& name, const std::function<ov::CompiledModel()>& compile,
             Expected expected = Expected::kSeen) {
    const size_t models = Lines("model"), einsums = Lines("einsum"), untouched = Lines("untouched");
    std::string said;
    bool right = false;
    try {
      right = IsRight(compile()) && expected != Expected::kThrows;
    } catch (const std::exception& error) {
      right = expected == Expected::kThrows;
      said = std::string(" threw ") + error.what();
    }
    const bool seen = Lines("model") == models + 1 && Lines("einsum") == einsums + 1;
    const bool let_through = Lines("untouched") == untouched + 1 && Lines("model") == models;
    if (expected == Expected::kSeen) right = right && seen;
    if (expected == Expected::kUntouched) right = right && let_through;
    failed_ = failed_ || !right;
    std::cout << (right ? "ok    " : "WRONG ") << name << (seen ? ": seen" : "")
              << (let_through ? ": let through" : "") << (right ? "" : said) << "\n";
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

const ov::AnyMap kConfig = {{"NUM_STREAMS", "1"}};

// Calls compile_model with and without a device, each with properties as a map and one by one.
template <typename Source>
void CheckSource(Checks& checks, ov::Core& core, const std::string& name, const Source& source) {
  checks.Check(name, [&] { return core.compile_model(source); });
  checks.Check(name + ", map", [&] { return core.compile_model(source, kConfig); });
  checks.Check(name + ", properties",
               [&] { return core.compile_model(source, ov::num_streams(1)); });
  checks.Check(name + ", CPU", [&] { return core.compile_model(source, "CPU"); });
  checks.Check(name + ", CPU, map", [&] { return core.compile_model(source, "CPU", kConfig); });
  checks.Check(name + ", CPU, properties",
               [&] { return core.compile_model(source, "CPU", ov::num_streams(1)); });
  checks.Check(name + ", AUTO", [&] { return core.compile_model(source, "AUTO"); });
  checks.Check(name + ", HETERO:CPU", [&] { return core.compile_model(source, "HETERO:CPU"); });
}

}  // namespace

int main(int, char** argv) {
  const std::string path = argv[1], cache = argv[3];
  ov::Core core;
  Checks checks;
  CheckSource(checks, core, "model", std::shared_ptr<const ov::Model>(core.read_model(path)));
  checks.Check(
      "model, no context",
      [&] { return core.compile_model(core.read_model(path), ov::RemoteContext()); },
      Expected::kThrows);
  CheckSource(checks, core, "path", path);
  CheckSource(checks, core, "wide path", std::wstring(path.begin(), path.end()));
#if OPENVINO_VERSION_MAJOR >= 2026  // older templates do not compile without a device
  CheckSource(checks, core, "filesystem path", std::filesystem::path(path));
#else
  checks.Check("filesystem path, CPU",
               [&] { return core.compile_model(std::filesystem::path(path), "CPU"); });
#endif
  const std::string text = TextOf(path), bytes = TextOf(argv[2]);
  ov::Tensor weights(ov::element::u8, {bytes.size()});
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(weights.data()));
  checks.Check("text, CPU", [&] { return core.compile_model(text, weights, "CPU"); });
  checks.Check("text, CPU, map", [&] { return core.compile_model(text, weights, "CPU", kConfig); });
  checks.Check("text, CPU, properties",
               [&] { return core.compile_model(text, weights, "CPU", ov::num_streams(1)); });

  checks.Check(
      "no such path", [&] { return core.compile_model(path + ".not", "CPU"); }, Expected::kThrows);
  checks.Check(
      "path, cached", [&] { return core.compile_model(path, "CPU", ov::cache_dir(cache)); },
      Expected::kUntouched);
  checks.Check(
      "text, cached",
      [&] { return core.compile_model(text, weights, "CPU", ov::cache_dir(cache)); },
      Expected::kUntouched);
  core.set_property(ov::cache_dir(cache));
  checks.Check(
      "path, cached by the core", [&] { return core.compile_model(path); }, Expected::kUntouched);
  return checks.failed() ? 1 : 0;
}
