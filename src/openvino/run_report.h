#ifndef TARE_OPENVINO_RUN_REPORT_H_
#define TARE_OPENVINO_RUN_REPORT_H_

#include <string>
#include <type_traits>
#include <vector>

#include "trim/contract.h"

namespace tare {

// Appends a line to the report; `fields` are those of the event, in order.
void AppendLineToReport(const char* event, std::vector<std::string> fields);

inline std::string ReportText(EventText text) { return std::string(text); }
inline std::string ReportText(EventNumber number) { return std::to_string(number); }

// Appends an event to the report that `tare run` reads when the program has ended. Does nothing if
// no report is wanted or it cannot be written.
template <typename... Fields>
void AppendToReport(const TrimEvent<Fields...>& event,
                    const std::type_identity_t<Fields>&... values) {
  AppendLineToReport(event.name, {ReportText(values)...});
}

}  // namespace tare

#endif  // TARE_OPENVINO_RUN_REPORT_H_
