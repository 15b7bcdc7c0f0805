#ifndef TARE_TESTS_FAMILIES_FOUND_MODEL_H_
#define TARE_TESTS_FAMILIES_FOUND_MODEL_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/testing/temp_folder.h"
#include "golden_model.h"
#include "models/model.h"

namespace tare {

inline uint64_t BytesOf(const std::vector<std::span<const std::byte>>& pieces) {
  uint64_t bytes = 0;
  for (const std::span<const std::byte> piece : pieces) bytes += piece.size();
  return bytes;
}

// Hugging Face folders as they are found.
class FoundFilesTest : public testing::Test {
 protected:
  Result<Model> Open(const GoldenForm& form = {}) const {
    const Status written = WriteGoldenModel(golden_, folder_.File("model"), form);
    EXPECT_TRUE(written.ok()) << written.error().message();
    return Model::Open(folder_.File("model"));
  }

  GoldenModel golden_ = ReadGoldenModel("llama-linear");
  const TempFolder folder_;
};

}  // namespace tare

#endif  // TARE_TESTS_FAMILIES_FOUND_MODEL_H_
