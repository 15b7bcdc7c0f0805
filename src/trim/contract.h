#ifndef TARE_TRIM_CONTRACT_H_
#define TARE_TRIM_CONTRACT_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

// The protocol between `tare run` and what it loads into a program: the hook and lean loading.
// Environment variables tell them what to do, and a report says what they did. This file defines
// each name once. python/tare_lean/contract.py repeats the names that lean loading needs;
// tests/process/contract_test.py compares the two.
//
// Needs only the standard library's headers and no library: the hook links only libc.
namespace tare {

// For the hook and its passes. A flag is set if its variable exists and is not empty.
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
// For lean loading.
inline constexpr char kLeanReportVariable[] = "TARE_LEAN_REPORT";  // file to append events to
// For `tare run` itself.
inline constexpr char kRunReportVariable[] = "TARE_RUN_REPORT";  // as --report
inline constexpr char kSourceVariable[] = "TARE_SOURCE_DIR";     // instead of share/tare
// Set by tests: an event that cannot be read becomes an error instead of a warning.
inline constexpr char kStrictVariable[] = "TARE_RUN_STRICT";

// The library that `tare run` preloads, and the one beside it that holds the passes.
inline constexpr char kHookLibraryName[] = "libtare_openvino_hook.so";
inline constexpr char kPassLibraryName[] = "libtare_openvino_pass.so";

// An event is a line of the report: its name, the id of the process that writes it, and its fields,
// separated by tabs. Each line is one write, so that processes can share the file.
using EventText = std::string_view;  // tabs and newlines become spaces
using EventNumber = uint64_t;

template <typename... Fields>
struct TrimEvent {
  const char* name;
  std::array<const char*, sizeof...(Fields)> fields;
};

// Events of the hook.
inline constexpr TrimEvent<EventText> kAsideEvent = {"aside", {"reason"}};
// Events of the passes: a model that is compiled, then what was done to it.
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
// Events about memory.
inline constexpr TrimEvent<EventNumber, EventNumber, EventText> kParkEvent = {
    "park", {"parked_bytes", "file_backed_bytes", "left_because"}};
inline constexpr TrimEvent<EventNumber> kSlackEvent = {"slack", {"bytes"}};
inline constexpr TrimEvent<EventNumber, EventNumber> kHugeEvent = {"huge",
                                                                   {"asked_bytes", "grown_bytes"}};
// Events of lean loading.
inline constexpr TrimEvent<EventText, EventNumber, EventNumber, EventNumber> kLeanEvent = {
    "lean", {"backend", "shared_bytes", "copied_bytes", "untouched_bytes"}};
inline constexpr TrimEvent<EventNumber> kLeanReadEvent = {"lean-read", {"values"}};
inline constexpr TrimEvent<EventText> kLeanAsideEvent = {"lean-aside", {"reason"}};

// All events, for tests: a reader must know every one.
inline constexpr std::tuple kTrimEvents = {
    kAsideEvent,  kModelEvent, kEinsumEvent,  kAttentionEvent, kTransposedEvent,
    kScaledEvent, kRowsEvent,  kRefusedEvent, kUntouchedEvent, kParkEvent,
    kSlackEvent,  kHugeEvent,  kLeanEvent,    kLeanReadEvent,  kLeanAsideEvent};

}  // namespace tare

#endif  // TARE_TRIM_CONTRACT_H_
