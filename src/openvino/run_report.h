#ifndef TARE_OPENVINO_RUN_REPORT_H_
#define TARE_OPENVINO_RUN_REPORT_H_

#include <string>
#include <vector>

namespace tare {

// Appends a line to the report that `tare run` reads when the program has ended: an event's name,
// the process's number and the fields, with tabs between them. One write a line, so that processes
// can share the file. Nothing happens where no report is asked for or it cannot be written.
void AppendToReport(const std::string& event, const std::vector<std::string>& fields);

}  // namespace tare

#endif  // TARE_OPENVINO_RUN_REPORT_H_
