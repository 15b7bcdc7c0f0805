#include "passes/pass_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/closest_name.h"
#include "graph/reached_nodes.h"
#include "graph/verify.h"
#include "passes/passes.h"

namespace tare {
namespace {

struct PassEntry {
  std::string_view name;
  Status (*run)(Graph*, PassContext*);
};

// Attention before einsums: it is recognised by them. Tails after einsums: they need the products.
constexpr PassEntry kPasses[] = {
    {"fold_constants", FoldConstants}, {"fuse_attention", FuseAttention},
    {"lower_einsum", LowerEinsum},     {"fuse_tails", FuseTails},
    {"eliminate_dead", EliminateDead},
};

constexpr std::string_view kOff = "no-";

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> Entries(std::string_view text) {
  std::vector<std::string_view> entries;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (const auto entry = Trimmed(text.substr(0, comma)); !entry.empty()) entries.push_back(entry);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return entries;
}

size_t CountReached(const Graph& graph) {
  const std::vector<bool> reached = ReachedNodes(graph);
  return static_cast<size_t>(std::count(reached.begin(), reached.end(), true));
}

Result<PassRecord> RunOne(const PassEntry& pass, Evaluator* evaluator, Graph* graph) {
  PassRecord record;
  record.name = pass.name;
  record.ran = true;
  record.nodes_before = CountReached(*graph);
  record.constants_before = CountConstantBytes(*graph);
  PassContext context;
  context.evaluator = evaluator;
  const auto start = std::chrono::steady_clock::now();
  const Status status = pass.run(graph, &context);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  if (!status.ok()) return status.error().In(fmt::format("pass {}", pass.name));
  const Status verified = Verify(*graph);
  if (!verified.ok()) return verified.error().In(fmt::format("after pass {}", pass.name));
  record.elapsed_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  record.nodes_after = CountReached(*graph);
  record.constants_after = CountConstantBytes(*graph);
  record.copied_bytes = context.copied_bytes;
  record.notes = std::move(context.notes);
  return record;
}

std::string BytesText(size_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string ConstantsText(const ConstantBytes& bytes) {
  return fmt::format("{} borrowed, {} owned", BytesText(bytes.borrowed), BytesText(bytes.owned));
}

}  // namespace

std::vector<std::string_view> SelectableNames() {
  std::vector<std::string_view> names;
  for (const PassEntry& pass : kPasses) names.push_back(pass.name);
  names.push_back(kReuseMemory);
  return names;
}

PassSelection::PassSelection() {
  for (std::string_view name : SelectableNames()) enabled_.emplace(name);
}

Status PassSelection::Apply(std::string_view entry, std::string_view text) {
  const bool off = entry.starts_with(kOff);
  const std::string_view name = off ? entry.substr(kOff.size()) : entry;
  const std::vector<std::string_view> names = SelectableNames();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return InvalidInput(
        "passes \"{}\": there is no pass \"{}\"; {}; all, none, or names separated by commas, each "
        "with \"no-\" in front to switch it off",
        text, entry, NameAdvice(name, names));
  }
  if (off) {
    enabled_.erase(std::string(name));
  } else {
    enabled_.emplace(name);
  }
  return {};
}

Result<PassSelection> PassSelection::Parse(std::string_view text) {
  PassSelection selection;
  const std::vector<std::string_view> entries = Entries(text);
  if (!entries.empty() && entries[0] != "all" && !entries[0].starts_with(kOff)) {
    selection.enabled_.clear();
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i == 0 && (entries[i] == "all" || entries[i] == "none")) continue;
    TARE_RETURN_IF_ERROR(selection.Apply(entries[i], text));
  }
  return selection;
}

Result<std::vector<PassRecord>> RunPasses(const PassSelection& selection, Evaluator* evaluator,
                                          Graph* graph) {
  std::vector<PassRecord> records;
  for (const PassEntry& pass : kPasses) {
    if (!selection.Enabled(pass.name)) {
      records.emplace_back().name = pass.name;
      continue;
    }
    TARE_ASSIGN_OR_RETURN(PassRecord record, RunOne(pass, evaluator, graph));
    records.push_back(std::move(record));
  }
  return records;
}

std::string FormatPassLog(const std::vector<PassRecord>& records) {
  std::string text;
  for (const PassRecord& record : records) {
    if (!record.ran) {
      text += fmt::format("{:<15} off\n", record.name);
      continue;
    }
    text +=
        fmt::format("{:<15} {:8.2f} ms   nodes {} -> {}   constants {} -> {}   copied {}\n",
                    record.name, static_cast<double>(record.elapsed_ns) * 1e-6, record.nodes_before,
                    record.nodes_after, ConstantsText(record.constants_before),
                    ConstantsText(record.constants_after), BytesText(record.copied_bytes));
    for (const std::string& note : record.notes) text += fmt::format("  {}\n", note);
  }
  return text;
}

}  // namespace tare
