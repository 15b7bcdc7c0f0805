// The library that `tare run` preloads into a program. It intercepts ov::Core::compile_model and,
// with heap/huge_allocations.cc, posix_memalign.
//
// Every process that the program starts loads it, and most of them never use OpenVINO. So it links
// neither OpenVINO nor libstdc++, has no object with a destructor, and does nothing until a model
// is compiled. Then it finds the loaded OpenVINO, checks that it was built for that version, and
// only then opens the pass library beside it.

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <openvino/core/version.hpp>

#include "heap/huge_allocations.h"
#include "openvino/hook/pass_calls.h"
#include "trim/contract.h"

// Only what a call needs of OpenVINO's classes: their names, and a CompiledModel that is returned
// through the caller's memory.
namespace ov {

class CompiledModel {
 public:
  CompiledModel(const CompiledModel&);
  ~CompiledModel();
};

class __attribute__((visibility("default"))) Core {
 public:
  CompiledModel compile_model(const std::shared_ptr<const Model>& model,
                              const tare::CompileConfig& config);
  CompiledModel compile_model(const std::shared_ptr<const Model>& model, const std::string& device,
                              const tare::CompileConfig& config);
  CompiledModel compile_model(const std::shared_ptr<const Model>& model,
                              const RemoteContext& context, const tare::CompileConfig& config);
  CompiledModel compile_model(const std::string& path, const tare::CompileConfig& config);
  CompiledModel compile_model(const std::string& path, const std::string& device,
                              const tare::CompileConfig& config);
  CompiledModel compile_model(const std::wstring& path, const tare::CompileConfig& config);
  CompiledModel compile_model(const std::wstring& path, const std::string& device,
                              const tare::CompileConfig& config);
  // Exported since OpenVINO 2026; older headers pass a path on as a string.
  CompiledModel compile_model(const std::filesystem::path& path, const tare::CompileConfig& config);
  CompiledModel compile_model(const std::filesystem::path& path, const std::string& device,
                              const tare::CompileConfig& config);
  CompiledModel compile_model(const std::string& text, const Tensor& weights,
                              const std::string& device, const tare::CompileConfig& config);
};

class __attribute__((visibility("default"))) InferRequest {
 public:
  void infer();
  void start_async();
  void wait();
  bool wait_for(const std::chrono::milliseconds timeout);
};

}  // namespace ov

namespace tare {
namespace {

#define TARE_TEXT_INNER(x) #x
#define TARE_TEXT(x) TARE_TEXT_INNER(x)
constexpr char kBuiltFor[] = TARE_TEXT(OPENVINO_VERSION_MAJOR) "." TARE_TEXT(
    OPENVINO_VERSION_MINOR) "." TARE_TEXT(OPENVINO_VERSION_PATCH);

struct Hook {
  void* openvino = nullptr;  // handle of the loaded library
  bool has_pass = false;
  PassCalls pass = {};
};

// OpenVINO's own functions, filled in as they are called.
struct RealCalls {
  void* compile_default = nullptr;
  void* compile_device = nullptr;
  void* compile_context = nullptr;
  void* compile_text = nullptr;
  struct OfPath {
    void* on_default = nullptr;
    void* on_device = nullptr;
  } narrow_path, wide_path, path;
  void* infer = nullptr;
  void* start_async = nullptr;
  void* wait = nullptr;
  void* wait_for = nullptr;
};

Hook g_hook;
RealCalls g_real;
pthread_once_t g_once = PTHREAD_ONCE_INIT;

// Says on stderr and in the report why the hook is off.
void StepAside(const char* reason, const char* detail) {
  static_assert(kAsideEvent.fields.size() == 1);
  char line[1024];
  const int length = std::snprintf(line, sizeof(line), "%s\t%d\t%s%s\n", kAsideEvent.name,
                                   static_cast<int>(getpid()), reason, detail);
  if (length <= 0) return;
  std::fprintf(stderr, "tare: the hook is off: %s%s\n", reason, detail);
  const char* path = std::getenv(kHookReportVariable);
  const int file = path == nullptr ? -1 : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  const size_t bytes = std::strlen(line);
  line[bytes - 1] = '\n';  // snprintf may have cut it off
  // If the report cannot be written, only this line is lost.
  [[maybe_unused]] const ssize_t written = write(file, line, bytes);
  close(file);
}

int FindOpenVino(dl_phdr_info* info, size_t, void* found) {
  const char* slash = std::strrchr(info->dlpi_name, '/');
  const char* name = slash == nullptr ? info->dlpi_name : slash + 1;
  if (std::strncmp(name, "libopenvino.so", 14) != 0) return 0;
  std::strncpy(static_cast<char*>(found), info->dlpi_name, PATH_MAX - 1);
  return 1;
}

// A program that links OpenVINO has it in the global scope after this library. Python loads it in
// a local scope, where only a search of all loaded libraries finds it.
void* OpenVinoHandle() {
  char path[PATH_MAX] = {};
  if (dl_iterate_phdr(FindOpenVino, path) == 0) return nullptr;
  return dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
}

// "2025.2.0-19140-…" is 2025.2.0; "2025.2.01" is not.
bool IsBuiltFor(const char* version) {
  const size_t length = sizeof(kBuiltFor) - 1;
  return std::strncmp(version, kBuiltFor, length) == 0 &&
         (version[length] < '0' || version[length] > '9');
}

void OpenPass() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&OpenPass), &self) == 0) return;
  char path[PATH_MAX] = {};
  const char* slash = std::strrchr(self.dli_fname, '/');
  const int folder = slash == nullptr ? 0 : static_cast<int>(slash + 1 - self.dli_fname);
  std::snprintf(path, sizeof(path), "%.*s%s", folder, self.dli_fname, kPassLibraryName);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* get = library == nullptr ? nullptr : dlsym(library, kGetPassCallsName);
  if (get == nullptr) return StepAside("the pass library cannot be loaded: ", dlerror());
  reinterpret_cast<GetPassCalls>(get)(
      {BeginHugeAllocations, EndHugeAllocations, HugeAllocationBytes}, &g_hook.pass);
  g_hook.has_pass = true;
}

void StartHook() {
  g_hook.openvino = OpenVinoHandle();
  if (g_hook.openvino == nullptr) return StepAside("the program has not loaded libopenvino.so", "");
  using GetVersion = ov::Version (*)();
  void* version = dlsym(g_hook.openvino, "get_openvino_version");
  if (version == nullptr) return StepAside("the loaded OpenVINO has no version function", "");
  const ov::Version loaded = reinterpret_cast<GetVersion>(version)();
  if (!IsBuiltFor(loaded.buildNumber)) {
    return StepAside("it was built for OpenVINO " TARE_TEXT(OPENVINO_VERSION_MAJOR) "." TARE_TEXT(
                         OPENVINO_VERSION_MINOR) "." TARE_TEXT(OPENVINO_VERSION_PATCH)
                         ", but the program loaded ",
                     loaded.buildNumber);
  }
  OpenPass();
}

// OpenVINO's own function with the name of the one at `ours`. The linker gives the name, so it is
// right for both string ABIs.
void* FindReal(void* ours) {
  Dl_info self;
  if (g_hook.openvino == nullptr || dladdr(ours, &self) == 0 || self.dli_sname == nullptr) {
    return nullptr;
  }
  return dlsym(g_hook.openvino, self.dli_sname);
}

// Looked up once and kept in *known, so that each later call costs only one comparison.
void* RealOf(void* ours, void** known) {
  pthread_once(&g_once, StartHook);
  void* real = __atomic_load_n(known, __ATOMIC_RELAXED);
  if (real != nullptr) return real;
  real = FindReal(ours);
  if (real == nullptr) {
    // No library has the function that the program called, so the program cannot go on.
    std::fprintf(stderr,
                 "tare: the hook cannot find the OpenVINO function that the program called\n");
    std::abort();
  }
  __atomic_store_n(known, real, __ATOMIC_RELAXED);
  return real;
}

template <typename Call, typename Member>
Call Real(void** known, Member ours) {
  void* address = nullptr;
  std::memcpy(&address, &ours, sizeof(address));  // not virtual: its first word is the address
  return reinterpret_cast<Call>(RealOf(address, known));
}

}  // namespace
}  // namespace tare

namespace ov {

CompiledModel Core::compile_model(const std::shared_ptr<const Model>& model,
                                  const tare::CompileConfig& config) {
  using Member =
      CompiledModel (Core::*)(const std::shared_ptr<const Model>&, const tare::CompileConfig&);
  const auto real = tare::Real<tare::CompileDefault>(&tare::g_real.compile_default,
                                                     static_cast<Member>(&Core::compile_model));
  if (!tare::g_hook.has_pass) return real(this, model, config);
  return tare::g_hook.pass.compile_default(real, this, model, config);
}

CompiledModel Core::compile_model(const std::shared_ptr<const Model>& model,
                                  const std::string& device, const tare::CompileConfig& config) {
  using Member = CompiledModel (Core::*)(const std::shared_ptr<const Model>&, const std::string&,
                                         const tare::CompileConfig&);
  const auto real = tare::Real<tare::CompileDevice>(&tare::g_real.compile_device,
                                                    static_cast<Member>(&Core::compile_model));
  if (!tare::g_hook.has_pass) return real(this, model, device, config);
  return tare::g_hook.pass.compile_device(real, this, model, device, config);
}

CompiledModel Core::compile_model(const std::shared_ptr<const Model>& model,
                                  const RemoteContext& context, const tare::CompileConfig& config) {
  using Member = CompiledModel (Core::*)(const std::shared_ptr<const Model>&, const RemoteContext&,
                                         const tare::CompileConfig&);
  const auto real = tare::Real<tare::CompileContext>(&tare::g_real.compile_context,
                                                     static_cast<Member>(&Core::compile_model));
  if (!tare::g_hook.has_pass) return real(this, model, context, config);
  return tare::g_hook.pass.compile_context(real, this, model, context, config);
}

#define TARE_COMPILE_PATH(Path, calls)                                                        \
  CompiledModel Core::compile_model(const Path& path, const tare::CompileConfig& config) {    \
    using Member = CompiledModel (Core::*)(const Path&, const tare::CompileConfig&);          \
    const auto real = tare::Real<tare::CompilePathDefault<Path>>(                             \
        &tare::g_real.calls.on_default, static_cast<Member>(&Core::compile_model));           \
    if (!tare::g_hook.has_pass) return real(this, path, config);                              \
    return tare::g_hook.pass.calls.on_default(real, this, path, config);                      \
  }                                                                                           \
  CompiledModel Core::compile_model(const Path& path, const std::string& device,              \
                                    const tare::CompileConfig& config) {                      \
    using Member =                                                                            \
        CompiledModel (Core::*)(const Path&, const std::string&, const tare::CompileConfig&); \
    const auto real = tare::Real<tare::CompilePathDevice<Path>>(                              \
        &tare::g_real.calls.on_device, static_cast<Member>(&Core::compile_model));            \
    if (!tare::g_hook.has_pass) return real(this, path, device, config);                      \
    return tare::g_hook.pass.calls.on_device(real, this, path, device, config);               \
  }
TARE_COMPILE_PATH(std::string, narrow_path)
TARE_COMPILE_PATH(std::wstring, wide_path)
TARE_COMPILE_PATH(std::filesystem::path, path)
#undef TARE_COMPILE_PATH

CompiledModel Core::compile_model(const std::string& text, const Tensor& weights,
                                  const std::string& device, const tare::CompileConfig& config) {
  using Member = CompiledModel (Core::*)(const std::string&, const Tensor&, const std::string&,
                                         const tare::CompileConfig&);
  const auto real = tare::Real<tare::CompileTextDevice>(&tare::g_real.compile_text,
                                                        static_cast<Member>(&Core::compile_model));
  if (!tare::g_hook.has_pass) return real(this, text, weights, device, config);
  return tare::g_hook.pass.compile_text(real, this, text, weights, device, config);
}

void InferRequest::infer() {
  const auto real = tare::Real<tare::InferCall>(&tare::g_real.infer, &InferRequest::infer);
  return tare::g_hook.has_pass ? tare::g_hook.pass.infer(real, this) : real(this);
}

void InferRequest::start_async() {
  const auto real =
      tare::Real<tare::InferCall>(&tare::g_real.start_async, &InferRequest::start_async);
  return tare::g_hook.has_pass ? tare::g_hook.pass.start_async(real, this) : real(this);
}

void InferRequest::wait() {
  const auto real = tare::Real<tare::InferCall>(&tare::g_real.wait, &InferRequest::wait);
  return tare::g_hook.has_pass ? tare::g_hook.pass.wait(real, this) : real(this);
}

bool InferRequest::wait_for(const std::chrono::milliseconds timeout) {
  const auto real = tare::Real<tare::WaitForCall>(&tare::g_real.wait_for, &InferRequest::wait_for);
  if (!tare::g_hook.has_pass) return real(this, timeout);
  return tare::g_hook.pass.wait_for(real, this, timeout);
}

}  // namespace ov
