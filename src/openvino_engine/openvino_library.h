#ifndef TARE_OPENVINO_ENGINE_OPENVINO_LIBRARY_H_
#define TARE_OPENVINO_ENGINE_OPENVINO_LIBRARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/shared_library.h"

namespace tare {

// The numbers of OpenVINO 2026.4's ov_element_type_e that are used here.
enum class OvType : unsigned { kF32 = 4, kI32 = 9, kU8 = 16 };

// An OpenVINO object, freed by its own function.
using OvHandle = std::unique_ptr<void, void (*)(void*)>;

// OpenVINO's C library, opened only on demand, so that Tare builds without OpenVINO. A C interface
// does not depend on the string ABI. Must outlive every handle that it creates.
class OpenVinoLibrary {
 public:
  // The release whose interface and element types are declared here.
  static constexpr std::string_view kRelease = "2026.4.";

  // path  of libopenvino_c.so; uses the libraries and plugins beside it.
  //   Errors  Io if it cannot be opened, Unsupported for another release.
  static Result<OpenVinoLibrary> Open(const std::string& path);

  const std::string& version() const { return version_; }

  using Properties = std::vector<std::pair<std::string, std::string>>;

  // Errors of all below: Internal, with OpenVINO's own message.
  Result<OvHandle> CreateCore() const;
  // weights: the base of all Const offsets; must live as long as the model and everything compiled
  // from it. Nothing is copied.
  Result<OvHandle> ReadModel(void* core, std::string_view xml, const std::byte* weights,
                             size_t weights_bytes) const;
  Result<OvHandle> Compile(void* core, void* model, const Properties& properties) const;
  // Its variables are empty.
  Result<OvHandle> CreateRequest(void* compiled) const;
  // data must live until the request has run.
  Status SetInput(void* request, size_t index, OvType type, std::span<const int64_t> shape,
                  void* data) const;
  Status Infer(void* request) const;
  // Valid until the request runs again.
  Result<std::span<const float>> OutputF32(void* request, size_t index) const;

 private:
  struct Shape {
    int64_t rank;
    int64_t* dims;
  };
  struct Property {
    const char* key;
    const char* value;
  };
  struct Version {
    const char* build;
    const char* description;
  };
  using Free = void (*)(void*);

  explicit OpenVinoLibrary(SharedLibrary library) : library_(std::move(library)) {}
  Status CheckRelease(const std::string& path);
  Status Load();
  Status Check(int status, std::string_view what) const;

  SharedLibrary library_;
  std::string version_;

  int (*get_version_)(Version*) = nullptr;
  void (*version_free_)(Version*) = nullptr;
  const char* (*last_error_)() = nullptr;
  int (*core_create_)(void**) = nullptr;
  int (*read_model_)(const void*, const char*, size_t, const void*, void**) = nullptr;
  int (*compile_)(const void*, const void*, const char*, size_t, const Property*, void**) = nullptr;
  int (*create_request_)(const void*, void**) = nullptr;
  int (*set_input_)(void*, size_t, const void*) = nullptr;
  int (*get_output_)(const void*, size_t, void**) = nullptr;
  int (*infer_)(void*) = nullptr;
  int (*tensor_create_)(unsigned, Shape, void*, void**) = nullptr;
  int (*tensor_data_)(const void*, void**) = nullptr;
  int (*tensor_size_)(const void*, size_t*) = nullptr;
  Free core_free_ = nullptr;
  Free model_free_ = nullptr;
  Free compiled_free_ = nullptr;
  Free request_free_ = nullptr;
  Free tensor_free_ = nullptr;
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_OPENVINO_LIBRARY_H_
