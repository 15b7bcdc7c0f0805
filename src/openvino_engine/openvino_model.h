#ifndef TARE_OPENVINO_ENGINE_OPENVINO_MODEL_H_
#define TARE_OPENVINO_ENGINE_OPENVINO_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "heap/huge_allocations.h"
#include "heap/page_dropper.h"
#include "models/model.h"
#include "openvino_engine/graph_to_ir.h"
#include "openvino_engine/measures.h"
#include "openvino_engine/openvino_library.h"

namespace tare {

struct OpenVinoOptions {
  std::string library;  // path of libopenvino_c.so
  OpenVinoMeasures measures;
  size_t threads = 0;  // 0: the plugin's choice
};

// A model compiled by OpenVINO's CPU plugin in f32, and the keys and values of one sequence.
class OpenVinoModel {
 public:
  // graph  of `model`, attention fused and einsums lowered (GraphToIr); model must outlive this
  //        at the same address.
  //   Errors  Unsupported (GraphToIr; another release of OpenVINO), Io, Internal with OpenVINO's
  //           message.
  static Result<OpenVinoModel> Compile(const Model& model, Graph graph,
                                       const OpenVinoOptions& options);

  // Forgets every token.
  //   Errors  Internal with OpenVINO's message.
  Status Restart();

  // Runs ids after the tokens so far. Returns the last token's logits, f32 [V], valid until the
  // next call.
  //   Errors  InvalidInput (no ids, an id outside the vocabulary), Internal with OpenVINO's
  //   message:
  //           then Restart() before the next Run.
  Result<std::span<const float>> Run(std::span<const int32_t> ids);

  size_t length() const { return length_; }
  const std::string& version() const { return library_->version(); }

 private:
  struct Fed;

  OpenVinoModel(const Model& model, const OpenVinoOptions& options,
                std::unique_ptr<OpenVinoLibrary> library, Graph graph, IrModel ir);
  Status Feed(size_t index, std::span<const int32_t> ids);
  void ReadRows(const TensorView& table, std::span<const int32_t> ids,
                std::vector<float>& out) const;
  void ExpectRowsAlone() const;  // of the tables
  Status KeepPast();             // for the next Run
  void Settle() const;           // what compiling has left behind goes

  const Model* model_;
  OpenVinoMeasures measures_;
  std::string libraries_;  // the folder of OpenVINO's libraries
  // Destroyed from the last to the first: what OpenVINO made goes before its library.
  std::unique_ptr<OpenVinoLibrary> library_;
  std::unique_ptr<Graph> graph_;  // owns folded constants
  IrModel ir_;
  OvHandle core_;
  OvHandle compiled_;
  OvHandle request_;
  std::unique_ptr<PageDropper> dropper_;
  std::unique_ptr<HugeAllocations> huge_;
  bool packing_ = true;  // until the first Run is done
  size_t vocabulary_;
  size_t length_ = 0;
  std::vector<std::vector<float>> floats_;  // by input, of this step
  std::vector<std::vector<int32_t>> ints_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_OPENVINO_MODEL_H_
