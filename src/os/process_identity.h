#ifndef TARE_OS_PROCESS_IDENTITY_H_
#define TARE_OS_PROCESS_IDENTITY_H_

#include <string>

namespace tare {

// "BOOT-ID PID START-TICKS" of this process; no other process ever has the same.
std::string OwnIdentity();

// Whether the process with this identity still runs on this machine; false for any other text.
bool StillRuns(const std::string& identity);

}  // namespace tare

#endif  // TARE_OS_PROCESS_IDENTITY_H_
