#include "openvino/pass/prepare_model.h"

#include <exception>
#include <string>
#include <vector>

#include "base/count_text.h"
#include "base/say.h"
#include "openvino/pass/attention_fusion.h"
#include "openvino/pass/einsum_to_matmul.h"
#include "openvino/pass/scaled_query.h"
#include "openvino/pass/transposed_constant.h"
#include "openvino/pass/worth_preparing.h"
#include "openvino/pass/written_row.h"
#include "openvino/run_report.h"
#include "trim/contract.h"

namespace tare {
namespace {

void ReportModel(const ov::Model& model, const std::vector<EinsumCount>& counts, bool logs) {
  const std::string& name = model.get_friendly_name();
  AppendToReport(kModelEvent, name);
  size_t rewritten = 0, left = 0;
  for (const EinsumCount& count : counts) {
    (count.left_because.empty() ? rewritten : left) += count.count;
    AppendToReport(kEinsumEvent, count.equation, count.operands, count.count, count.left_because);
  }
  if (logs) {
    Say("tare: compiling {}: {} rewritten, {} unchanged\n", name, CountText(rewritten, "einsum"),
        left);
  }
}

void ReportAttention(const std::vector<AttentionCount>& counts) {
  for (const AttentionCount& count : counts) {
    AppendToReport(kAttentionEvent, count.count, count.left_because);
  }
}

void ChangeCopy(const std::shared_ptr<ov::Model>& copy, const ov::Model& model,
                const TrimChoices& choices) {
  ReportAttention(FuseAttention(copy, choices.attention));
  const std::vector<EinsumCount> counts = EinsumToMatMul(copy);
  const size_t transposed = MatMulOfTransposedConstant(copy);
  const size_t scaled = ScaleScoresNotQueries(copy);
  const size_t rows = choices.copies_written_rows ? CopyWrittenRows(copy) : 0;
  ReportModel(model, counts, choices.logs);
  if (transposed > 0) AppendToReport(kTransposedEvent, transposed);
  if (scaled > 0) AppendToReport(kScaledEvent, scaled);
  if (rows > 0) AppendToReport(kRowsEvent, rows);
}

}  // namespace

std::shared_ptr<ov::Model> PrepareModel(const std::shared_ptr<const ov::Model>& model,
                                        const TrimChoices& choices) {
  if (model == nullptr) return nullptr;
  if (!IsWorthPreparing(*model)) {
    if (choices.rewrites) ReportModel(*model, {}, choices.logs);
    return nullptr;
  }
  try {
    std::shared_ptr<ov::Model> copy = model->clone();
    if (choices.rewrites) ChangeCopy(copy, *model, choices);
    return copy;
  } catch (const std::exception& error) {
    Say("tare: a model is compiled unmodified: {}\n", error.what());
    AppendToReport(kRefusedEvent, model->get_friendly_name(), error.what());
    return nullptr;
  }
}

}  // namespace tare
