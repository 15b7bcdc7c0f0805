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

// What each row is given of a scenario's model: the model itself, or what is made of it, once and
// before anything is weighed, because the row reads other files or another precision is asked for.
class RowModels {
 public:
  // ModelFacts of what lies at a path, with the prompts of a workload.
  using Describe = std::function<Result<ModelFacts>(const std::string& path, const Workload&)>;
  // Told before something is made, unless it is there already.
  using Making = std::function<void(const std::string& row, const std::string& form)>;

  // `convert` is `tare convert`; `cache` the folder of what is made; `interrupt` outlives this.
  RowModels(Command convert, std::string cache, Describe describe, InterruptWatch& interrupt);

  // The facts of the model at the scenario's precision. `own` are those of the model as it lies on
  // the disk, and are returned where that is its precision. Errors: those of ConvertOnce.
  Result<ModelFacts> AtPrecision(const Scenario& scenario, const ModelFacts& own);

  // What the contender's worker is given; nullopt: the model at the path that the scenario names.
  // `asked` is what AtPrecision returned. An error is in the ConvertedModel.
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
