#ifndef TARE_TRIM_CONTRACT_H_
#define TARE_TRIM_CONTRACT_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

// What `tare run` and what it brings into a program, the hook and lean loading, say to each other:
// variables of the environment that tell them what to do, and a report of what they did. Each name
// is written here once. python/tare_lean/contract.py repeats what lean loading needs;
// tests/process/contract_test.py compares the two.
//
// Needs only the standard library's headers, and nothing to link: the hook links libc alone.
namespace tare {

// To the hook and its passes. A flag is set where its variable is there and not empty.
inline constexpr char kHookReportVariable[] = "TARE_OPENVINO_REPORT";  // file to append events to
inline constexpr char kNoEinsumVariable[] = "TARE_OPENVINO_NO_EINSUM";
inline constexpr char kSdpaVariable[] = "TARE_OPENVINO_SDPA";  // one of the two below, or empty
inline constexpr char kSdpaAll[] = "all";
inline constexpr char kSdpaNone[] = "none";
inline constexpr char kNoParkVariable[] = "TARE_OPENVINO_NO_PARK";
inline constexpr char kHugeVariable[] = "TARE_OPENVINO_HUGE";
inline constexpr char kNoHugeVariable[] = "TARE_OPENVINO_NO_HUGE";
inline constexpr char kParkFolderVariable[] = "TARE_OPENVINO_PARK_DIR";
inline constexpr char kLogVariable[] = "TARE_OPENVINO_LOG";
// To lean loading.
inline constexpr char kLeanReportVariable[] = "TARE_LEAN_REPORT";  // file to append events to
// To `tare run` itself.
inline constexpr char kRunReportVariable[] = "TARE_RUN_REPORT";  // as --report
inline constexpr char kSourceVariable[] = "TARE_SOURCE_DIR";     // in place of share/tare
// Tests set it: an event that cannot be read is then an error, not a warning.
inline constexpr char kStrictVariable[] = "TARE_RUN_STRICT";

// The library that `tare run` preloads and the one that lies beside it, which holds the passes.
inline constexpr char kHookLibraryName[] = "libtare_openvino_hook.so";
inline constexpr char kPassLibraryName[] = "libtare_openvino_pass.so";

// An event is a line of the report: its name, the number of the process that writes it, and its
// fields, with tabs between them. One write a line, so that processes can share the file.
using EventText = std::string_view;  // tabs and newlines become spaces
using EventNumber = uint64_t;

template <typename... Fields>
struct TrimEvent {
  const char* name;
  std::array<const char*, sizeof...(Fields)> fields;
};

// Of the hook.
inline constexpr TrimEvent<EventText> kAsideEvent = {"aside", {"reason"}};
// Of the passes. A model that is compiled, then what was done to it.
inline constexpr TrimEvent<EventText> kModelEvent = {"model", {"name"}};
inline constexpr TrimEvent<EventText, EventText, EventNumber, EventText> kEinsumEvent = {
    "einsum", {"equation", "operands", "count", "left_because"}};
inline constexpr TrimEvent<EventNumber, EventText> kAttentionEvent = {"attention",
                                                                      {"count", "left_because"}};
inline constexpr TrimEvent<EventNumber> kTransposedEvent = {"transposed", {"count"}};
inline constexpr TrimEvent<EventNumber> kScaledEvent = {"scaled", {"count"}};
inline constexpr TrimEvent<EventNumber> kRowsEvent = {"rows", {"count"}};
inline constexpr TrimEvent<EventText, EventText> kRefusedEvent = {"refused", {"name", "reason"}};
inline constexpr TrimEvent<EventText> kUntouchedEvent = {"untouched", {"reason"}};
// Of memory.
inline constexpr TrimEvent<EventNumber, EventNumber, EventText> kParkEvent = {
    "park", {"parked_bytes", "file_backed_bytes", "left_because"}};
inline constexpr TrimEvent<EventNumber> kSlackEvent = {"slack", {"bytes"}};
inline constexpr TrimEvent<EventNumber, EventNumber> kHugeEvent = {"huge",
                                                                   {"asked_bytes", "grown_bytes"}};
// Of lean loading.
inline constexpr TrimEvent<EventText, EventNumber, EventNumber, EventNumber> kLeanEvent = {
    "lean", {"backend", "shared_bytes", "copied_bytes", "untouched_bytes"}};
inline constexpr TrimEvent<EventNumber> kLeanReadEvent = {"lean-read", {"values"}};
inline constexpr TrimEvent<EventText> kLeanAsideEvent = {"lean-aside", {"reason"}};

// All of them, for tests: a reader that lacks one is a mistake.
inline constexpr std::tuple kTrimEvents = {
    kAsideEvent,  kModelEvent, kEinsumEvent,  kAttentionEvent, kTransposedEvent,
    kScaledEvent, kRowsEvent,  kRefusedEvent, kUntouchedEvent, kParkEvent,
    kSlackEvent,  kHugeEvent,  kLeanEvent,    kLeanReadEvent,  kLeanAsideEvent};

}  // namespace tare

#endif  // TARE_TRIM_CONTRACT_H_
