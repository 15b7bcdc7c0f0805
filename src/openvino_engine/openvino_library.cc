#include "openvino_engine/openvino_library.h"

#include <utility>

namespace tare {
namespace {

// OpenVINO says where in its own sources it failed; the line that matters is the last.
std::string_view LastLine(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const size_t at = text.rfind('\n');
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

}  // namespace

Result<OpenVinoLibrary> OpenVinoLibrary::Open(const std::string& path) {
  Result<SharedLibrary> opened = SharedLibrary::Open(path);
  if (!opened.ok()) return opened.error().In("cannot load OpenVINO");
  OpenVinoLibrary library(std::move(opened).value());
  TARE_RETURN_IF_ERROR(library.CheckRelease(path));
  TARE_RETURN_IF_ERROR(library.Load());
  return library;
}

// Before all else is found: other releases lack some of it.
Status OpenVinoLibrary::CheckRelease(const std::string& path) {
  TARE_RETURN_IF_ERROR(library_.Find("ov_get_openvino_version", get_version_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_version_free", version_free_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_get_last_err_msg", last_error_));
  Version version = {};
  TARE_RETURN_IF_ERROR(Check(get_version_(&version), "reading its version"));
  version_ = version.build;
  version_free_(&version);
  if (version_.starts_with(kRelease)) return {};
  return Unsupported("{} is OpenVINO {}, expected {}x; try: tare backends install openvino", path,
                     version_, kRelease);
}

Status OpenVinoLibrary::Load() {
  TARE_RETURN_IF_ERROR(library_.Find("ov_core_create", core_create_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_core_read_model_from_memory_buffer", read_model_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_core_compile_model_props", compile_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_compiled_model_create_infer_request", create_request_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_infer_request_set_input_tensor_by_index", set_input_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_infer_request_get_output_tensor_by_index", get_output_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_infer_request_infer", infer_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_tensor_create_from_host_ptr", tensor_create_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_tensor_data", tensor_data_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_tensor_get_size", tensor_size_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_core_free", core_free_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_model_free", model_free_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_compiled_model_free", compiled_free_));
  TARE_RETURN_IF_ERROR(library_.Find("ov_infer_request_free", request_free_));
  return library_.Find("ov_tensor_free", tensor_free_);
}

Status OpenVinoLibrary::Check(int status, std::string_view what) const {
  if (status == 0) return {};
  const char* const message = last_error_();
  return InternalError("OpenVINO: {} failed with status {}: {}", what, status,
                       message == nullptr ? "no message" : LastLine(message));
}

Result<OvHandle> OpenVinoLibrary::CreateCore() const {
  void* core = nullptr;
  TARE_RETURN_IF_ERROR(Check(core_create_(&core), "creating a core"));
  return OvHandle(core, core_free_);
}

Result<OvHandle> OpenVinoLibrary::ReadModel(void* core, std::string_view xml,
                                            const std::byte* weights, size_t weights_bytes) const {
  int64_t bytes = static_cast<int64_t>(weights_bytes);
  void* tensor = nullptr;
  TARE_RETURN_IF_ERROR(Check(tensor_create_(static_cast<unsigned>(OvType::kU8), {1, &bytes},
                                            const_cast<std::byte*>(weights), &tensor),
                             "creating a tensor over the weights"));
  const OvHandle owner(tensor, tensor_free_);
  void* model = nullptr;
  TARE_RETURN_IF_ERROR(
      Check(read_model_(core, xml.data(), xml.size(), tensor, &model), "reading the model"));
  return OvHandle(model, model_free_);
}

Result<OvHandle> OpenVinoLibrary::Compile(void* core, void* model,
                                          const Properties& properties) const {
  std::vector<Property> pairs;
  for (const auto& [key, value] : properties) pairs.push_back({key.c_str(), value.c_str()});
  void* compiled = nullptr;
  TARE_RETURN_IF_ERROR(Check(compile_(core, model, "CPU", pairs.size(), pairs.data(), &compiled),
                             "compiling the model"));
  return OvHandle(compiled, compiled_free_);
}

Result<OvHandle> OpenVinoLibrary::CreateRequest(void* compiled) const {
  void* request = nullptr;
  TARE_RETURN_IF_ERROR(Check(create_request_(compiled, &request), "creating an infer request"));
  return OvHandle(request, request_free_);
}

Status OpenVinoLibrary::SetInput(void* request, size_t index, OvType type,
                                 std::span<const int64_t> shape, void* data) const {
  std::vector<int64_t> dims(shape.begin(), shape.end());
  void* tensor = nullptr;
  TARE_RETURN_IF_ERROR(
      Check(tensor_create_(static_cast<unsigned>(type),
                           {static_cast<int64_t>(dims.size()), dims.data()}, data, &tensor),
            "creating an input tensor"));
  const OvHandle owner(tensor, tensor_free_);
  return Check(set_input_(request, index, tensor), "setting an input");
}

Status OpenVinoLibrary::Infer(void* request) const { return Check(infer_(request), "inference"); }

Result<std::span<const float>> OpenVinoLibrary::OutputF32(void* request, size_t index) const {
  void* tensor = nullptr;
  TARE_RETURN_IF_ERROR(Check(get_output_(request, index, &tensor), "getting an output"));
  const OvHandle owner(tensor, tensor_free_);
  void* data = nullptr;
  size_t elements = 0;
  TARE_RETURN_IF_ERROR(Check(tensor_data_(tensor, &data), "reading an output"));
  TARE_RETURN_IF_ERROR(Check(tensor_size_(tensor, &elements), "reading an output's size"));
  return std::span<const float>(static_cast<const float*>(data), elements);
}

}  // namespace tare
