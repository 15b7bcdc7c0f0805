#include "os/machine_facts.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string_view>

#include "os/cpu_topology.h"
#include "os/proc_files.h"

namespace tare {
namespace {

std::string FirstLine(const std::string& path) {
  const Result<std::string> text = ReadSmallFile(path);
  return text.ok() ? text->substr(0, text->find('\n')) : std::string();
}

// The rest of the line that starts with `name`, after its colon and blanks.
std::string Field(const std::string& text, const std::string& name) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (text.compare(at, name.size(), name) == 0) {
      const size_t start = text.find_first_not_of(" \t:", at + name.size());
      return start < end ? text.substr(start, end - start) : std::string();
    }
    at = end + 1;
  }
  return {};
}

uint64_t KibField(const std::string& text, const std::string& name) {
  return std::strtoull(Field(text, name).c_str(), nullptr, 10) * 1024;
}

// "always [madvise] never" → "madvise".
std::string Chosen(const std::string& options) {
  const size_t open = options.find('[');
  const size_t close = options.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return options;
  return options.substr(open + 1, close - open - 1);
}

// The CPU flags that today's engines check, on x86-64 and Arm.
constexpr std::string_view kFeatures[] = {
    "sse4_2",     "avx",      "avx2",     "fma",      "f16c",        "avx_vnni",    "avx512f",
    "avx512bw",   "avx512dq", "avx512vl", "avx512cd", "avx512_vnni", "avx512_bf16", "avx512_fp16",
    "avx512vbmi", "amx_tile", "amx_int8", "amx_bf16", "asimd",       "asimddp",     "asimdhp",
    "i8mm",       "bf16",     "sve",      "sve2",     "sme"};

std::vector<std::string> FeaturesIn(const std::string& flags) {
  std::set<std::string> there;
  std::istringstream words(flags);
  for (std::string word; words >> word;) there.insert(word);
  std::vector<std::string> features;
  for (const std::string_view feature : kFeatures) {
    if (there.contains(std::string(feature))) features.emplace_back(feature);
  }
  return features;
}

std::vector<std::string> Caches() {
  std::vector<std::string> caches;
  for (int index = 0; index < 8; ++index) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", index);
    const std::string size = FirstLine(folder + "size");
    if (size.empty()) continue;
    const std::string type = FirstLine(folder + "type");
    const std::string kind = type == "Data"          ? " data"
                             : type == "Instruction" ? " instructions"
                                                     : "";
    caches.push_back(fmt::format("L{}{} {}", FirstLine(folder + "level"), kind, size));
  }
  return caches;
}

cpu_set_t AllowedCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0) CPU_SET(0, &cpus);
  return cpus;
}

}  // namespace

MachineFacts ReadMachineFacts() {
  MachineFacts facts;
  const Result<std::string> cpuinfo = ReadSmallFile("/proc/cpuinfo");
  if (cpuinfo.ok()) {
    facts.cpu_model = Field(*cpuinfo, "model name");
    const std::string flags = Field(*cpuinfo, "flags");
    facts.cpu_features = FeaturesIn(flags.empty() ? Field(*cpuinfo, "Features") : flags);
  }
  facts.caches = Caches();
  const cpu_set_t cpus = AllowedCpus();
  facts.logical_cpus = static_cast<size_t>(CPU_COUNT(&cpus));
  facts.physical_cores = PhysicalCoreCount();
  utsname name;
  if (uname(&name) == 0) facts.kernel = fmt::format("{} {}", name.sysname, name.release);
  const Result<std::string> meminfo = ReadSmallFile("/proc/meminfo");
  if (meminfo.ok()) {
    facts.memory_bytes = KibField(*meminfo, "MemTotal");
    facts.available_bytes = KibField(*meminfo, "MemAvailable");
    facts.swap_bytes = KibField(*meminfo, "SwapTotal");
    facts.swap_used_bytes =
        facts.swap_bytes - std::min(facts.swap_bytes, KibField(*meminfo, "SwapFree"));
    facts.huge_page_pool_bytes = KibField(*meminfo, "Hugetlb");
  }
  double load = 0;
  if (getloadavg(&load, 1) == 1) facts.load_average = load;
  facts.page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  facts.governor = FirstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  facts.transparent_hugepages = Chosen(FirstLine("/sys/kernel/mm/transparent_hugepage/enabled"));
  return facts;
}

}  // namespace tare
