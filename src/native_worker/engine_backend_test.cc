#include "native_worker/engine_backend.h"

#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

TEST(EngineBackendTest, EachIsFoundByItsName) {
  for (const EngineBackend backend : {EngineBackend::kNative, EngineBackend::kOpenVino}) {
    const Result<EngineBackend> found = FindEngineBackend(EngineBackendName(backend));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, backend);
  }
  EXPECT_THAT(FindEngineBackend("openvin"),
              FailsWith(ErrorCode::kInvalidInput, "did you mean openvino?"));
}

TEST(EngineBackendTest, OptionsOfAnotherBackendAreRefusedBeforeTheModelIsLookedFor) {
  EngineOptions options;
  options.openvino_measures = "no-map";
  EXPECT_THAT(LoadEngine(EngineBackend::kNative, "no such model", options),
              FailsWith(ErrorCode::kInvalidInput, "backend native takes none"));
}

}  // namespace
}  // namespace tare
