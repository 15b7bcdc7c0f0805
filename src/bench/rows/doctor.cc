#include "bench/rows/doctor.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/find_program.h"
#include "bench/rows/backends.h"
#include "bench/rows/devices.h"
#include "os/machine_facts.h"
#include "os/proc_files.h"
#include "os/run_command.h"

namespace tare {
namespace {

using Grade = DoctorCheck::Grade;

constexpr uint64_t kProbeTimeoutNs = uint64_t{30} * 1'000'000'000;

DoctorCheck CheckPython(InterruptWatch& interrupt) {
  const std::string python = FindProgram("python3");
  if (python.empty()) {
    return {Grade::kBad, "python3", "not in PATH", "install it (Debian: python3 python3-venv)"};
  }
  const Result<std::string> version =
      CaptureCommand({python, {python, "-c", "import sys; print(sys.version.split()[0])"}, {}},
                     kProbeTimeoutNs, interrupt);
  if (!version.ok()) return {Grade::kBad, "python3", version.error().message(), "reinstall it"};
  return {Grade::kGood, "python3", version->substr(0, version->find('\n')), ""};
}

DoctorCheck CheckVenv(InterruptWatch& interrupt) {
  const std::string python = FindProgram("python3");
  const Command probe = {python, {python, "-c", "import venv, ensurepip"}, {}};
  if (!python.empty() && CaptureCommand(probe, kProbeTimeoutNs, interrupt).ok()) {
    return {Grade::kGood, "python3 venv", "present", ""};
  }
  return {Grade::kBad, "python3 venv", "missing", "install it (Debian: python3-venv)"};
}

DoctorCheck CheckCompiler() {
  for (const char* name : {"c++", "g++", "clang++"}) {
    const std::string path = FindProgram(name);
    if (!path.empty()) return {Grade::kGood, "C++ compiler", path, ""};
  }
  return {Grade::kHint, "C++ compiler", "none in PATH",
          "needed to install llama.cpp (Debian: build-essential)"};
}

DoctorCheck CheckHighWater() {
  if (ResetHighWater(getpid())) {
    return {Grade::kGood, "/proc/PID/clear_refs", "high-water marks can be reset", ""};
  }
  return {Grade::kHint, "/proc/PID/clear_refs", "not writable",
          "the peak of a stage will be the peak so far; run where /proc is writable"};
}

DoctorCheck CheckRollup() {
  if (ReadRollup(getpid())) return {Grade::kGood, "/proc/PID/smaps_rollup", "readable", ""};
  return {Grade::kHint, "/proc/PID/smaps_rollup", "not readable",
          "PSS and USS will be missing; needs Linux 4.14"};
}

DoctorCheck CheckPagemap() {
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    close(fd);
    return {Grade::kGood, "/proc/PID/pagemap", "readable", ""};
  }
  return {Grade::kHint, "/proc/PID/pagemap", "not readable",
          "weights that are not resident will count as resident"};
}

DoctorCheck CheckChildren() {
  const Result<std::string> text =
      ReadSmallFile(fmt::format("/proc/{0}/task/{0}/children", getpid()));
  if (text.ok()) return {Grade::kGood, "/proc/PID/task/TID/children", "readable", ""};
  return {Grade::kHint, "/proc/PID/task/TID/children", "missing",
          "processes that a backend starts will not be measured; needs CONFIG_PROC_CHILDREN"};
}

DoctorCheck CheckHugePages(const std::string& state) {
  constexpr char kWhat[] = "transparent huge pages";
  if (state == "madvise") {
    return {Grade::kGood, kWhat, state + ": tare run asks for them where they come quickly", ""};
  }
  if (state == "always") {
    return {Grade::kHint, kWhat, state,
            "allocations are rounded up to 2 MiB and peaks grow; try madvise"};
  }
  return {
      Grade::kHint, kWhat, state.empty() ? "not in this kernel" : state,
      "under tare run, OpenVINO's packed weights then use small pages, which are slower to fill; "
      "try madvise in /sys/kernel/mm/transparent_hugepage/enabled"};
}

void CheckMachine(std::vector<DoctorCheck>& checks) {
  const MachineFacts machine = ReadMachineFacts();
  if (!machine.governor.empty() && machine.governor != "performance") {
    checks.push_back({Grade::kHint, "CPU governor", machine.governor,
                      "for steady times: cpupower frequency-set -g performance"});
  }
  if (machine.swap_bytes > 0) {
    checks.push_back({Grade::kHint, "swap", fmt::format("{} MiB", machine.swap_bytes >> 20),
                      "resident sets shrink when memory is short; for clean peaks: swapoff -a"});
  }
  checks.push_back(CheckHugePages(machine.transparent_hugepages));
}

DoctorCheck CheckGpus(const char* what, const Result<std::vector<std::string>>& gpus) {
  if (gpus.ok()) return {Grade::kGood, what, fmt::format("{}", fmt::join(*gpus, "; ")), ""};
  return {Grade::kHint, what, gpus.error().message(),
          "needed for tare bench --device gpu only, whose backends are not available here"};
}

Result<std::vector<std::string>> FindNvidiaGpus() {
  TARE_ASSIGN_OR_RETURN(const Nvml nvml, Nvml::Load());
  return DescribeGpus(nvml);
}

DoctorCheck CheckBackend(const Backend& backend) {
  const BackendState state = StateOf(backend);
  DoctorCheck check{CanRun(state) ? Grade::kGood : Grade::kHint,
                    fmt::format("backend {}", backend.name), std::string(BackendStateName(state)),
                    ""};
  if (!CanRun(state)) check.advice = fmt::format("tare backends install {}", backend.name);
  if (state == BackendState::kOverridden && access(InterpreterOf(backend).c_str(), X_OK) != 0) {
    check.grade = Grade::kBad;
    check.found = fmt::format("{} is not executable", InterpreterOf(backend));
    check.advice = fmt::format("correct or unset {}", InterpreterVariable(backend));
  }
  return check;
}

}  // namespace

std::vector<DoctorCheck> Diagnose(InterruptWatch& interrupt) {
  std::vector<DoctorCheck> checks = {CheckPython(interrupt), CheckVenv(interrupt), CheckCompiler(),
                                     CheckHighWater(),       CheckRollup(),        CheckPagemap(),
                                     CheckChildren()};
  CheckMachine(checks);
  checks.push_back(CheckGpus("NVIDIA GPUs", FindNvidiaGpus()));
  checks.push_back(CheckGpus("Intel GPUs", FindIntelGpus()));
  for (const Backend& backend : AllBackends()) checks.push_back(CheckBackend(backend));
  return checks;
}

}  // namespace tare
