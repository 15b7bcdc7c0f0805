#ifndef TARE_BENCH_ROWS_ROW_MODELS_H_
#define TARE_BENCH_ROWS_ROW_MODELS_H_

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "bench/results/document.h"
#include "bench/rows/contender.h"
#include "os/interrupt.h"

namespace tare {

// What each row gets for a scenario's model: the model itself, or files made once from it before
// any measurement, if the row reads another form or another precision is requested.
class RowModels {
 public:
  // Returns the ModelFacts of the model at `path`, with the prompts of a workload.
  using Describe = std::function<Result<ModelFacts>(const std::string& path, const Workload&)>;
  // Called before something is made, unless it exists.
  using Making = std::function<void(const std::string& row, const std::string& form)>;

  // `convert` is `tare convert`; `cache` is the folder for results; `interrupt` outlives this
  // object.
  RowModels(Command convert, std::string cache, Describe describe, InterruptWatch& interrupt);

  // Returns the facts of the model at the scenario's precision. `own` holds those of the model on
  // disk; they are returned if it has that precision. Errors: those of ConvertOnce.
  Result<ModelFacts> AtPrecision(const Scenario& scenario, const ModelFacts& own);

  // Returns what the contender's worker gets; nullopt: the model at the scenario's path. `asked`
  // comes from AtPrecision. The ConvertedModel holds any error.
  std::optional<ConvertedModel> For(const Contender& contender, const Scenario& scenario,
                                    const ModelFacts& own, const ModelFacts& asked,
                                    const Making& making);

 private:
  Status Make(const Contender& contender, const Scenario& scenario, const ModelFacts& own,
              ConvertedModel& out);
  Status Convert(const Contender& contender, const Scenario& scenario, const ModelFacts& own,
                 ConvertedModel& out);

  Command convert_;
  std::string cache_;
  Describe describe_;
  InterruptWatch& interrupt_;
};

}  // namespace tare

#endif  // TARE_BENCH_ROWS_ROW_MODELS_H_
