#include "trim/lean_report.h"

#include <fmt/format.h>

#include "base/count_text.h"
#include "trim/contract.h"

namespace tare {

void ReadLeanEvents(EventReader& reader, LeanReport& report) {
  reader.On(kLeanAsideEvent, [&](EventText reason) { report.aside.emplace_back(reason); });
  reader.On(kLeanReadEvent, [&](EventNumber values) { report.read_values += values; });
  reader.On(kLeanEvent, [&](EventText, EventNumber shared_bytes, EventNumber copied_bytes,
                            EventNumber untouched_bytes) {
    report.shared_bytes += shared_bytes;
    report.copied_bytes += copied_bytes;
    report.untouched_bytes += untouched_bytes;
  });
}

std::string LeanReportText(const LeanReport& report) {
  std::string text;
  for (const std::string& reason : report.aside) {
    text += fmt::format("tare: lean loading fell back to Keras: {}\n", reason);
  }
  if (report.did_load()) {
    text += fmt::format(
        "tare: Keras weights: {} MiB used from the mapped file, {} MiB copied from it; random "
        "initialisation skipped for {} MiB\n",
        report.shared_bytes >> 20, report.copied_bytes >> 20, report.untouched_bytes >> 20);
  }
  if (report.read_values > 0) {
    text += fmt::format("tare: {} read without compiling a model\n",
                        CountText(report.read_values, "constant"));
  }
  return text;
}

}  // namespace tare
