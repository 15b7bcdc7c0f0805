#include "describe/quantized_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using testing::HasSubstr;

std::string Of(std::string_view json) {
  return QuantizationOf(JsonObject::Parse(json, "config.json").value());
}

// As the tools of 2024 and 2025 write them, cut to what tells.
TEST(QuantizedFolderTest, IsCalledByItsName) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"model_type": "m", "quantization_config": {"quant_method": "gptq", "bits": 4}})",
       "GPTQ, 4 bits"},
      {R"({"model_type": "m", "quantization_config": {"quant_method": "awq", "w_bit": 4}})",
       "AWQ, 4 bits"},
      {R"({"model_type": "m", "quantization_config":
           {"quant_method": "bitsandbytes", "load_in_4bit": true, "load_in_8bit": false}})",
       "bitsandbytes, 4 bits"},
      {R"({"model_type": "m", "quantization_config": {"quant_method": "bitsandbytes_8bit"}})",
       "bitsandbytes"},
      {R"({"model_type": "m", "quantization_config": {"quant_method": "fp8", "fmt": "e4m3"}})",
       "FP8"},
      {R"({"model_type": "m", "quantization_config": {"quant_method": "compressed-tensors"}})",
       "compressed-tensors"},
      {R"({"model_type": "m", "compression_config": {"quant_method": "compressed-tensors"}})",
       "compressed-tensors"},
      {R"({"model_type": "m", "quantization_config": {"quant_method": "new thing"}})", "new thing"},
      {R"({"model_type": "m", "quantization": {"group_size": 64, "bits": 4},
           "quantization_config": {"group_size": 64, "bits": 4}})",
       "MLX, 4 bits"},
      {R"({"class_name": "B", "config": {"dtype": {"class_name": "QuantizedDTypePolicy",
           "config": {"mode": "int8", "source_name": "float32"}}}})",
       "Keras int8"},
      {R"({"class_name": "B", "config": {"dtype": {"config": {"name": "int8_from_bfloat16"}}}})",
       "Keras int8"},
  };
  for (const auto& [json, expected] : cases) EXPECT_EQ(Of(json), expected) << json;
}

TEST(QuantizedFolderTest, OtherFoldersAreNone) {
  for (const char* json :
       {R"({"model_type": "m"})", R"({"model_type": "m", "quantization_config": null})",
        R"({"model_type": "m", "quantization_config": 7})",
        R"({"class_name": "B", "config": {"dtype": {"config": {"name": "bfloat16"}}}})",
        R"({"class_name": "B", "config": {"dtype": "float32"}})", R"({"class_name": "B"})"}) {
    EXPECT_EQ(Of(json), "") << json;
    EXPECT_TRUE(CheckNotQuantized(JsonObject::Parse(json, "config.json").value()).ok());
  }
}

TEST(QuantizedFolderTest, TheRefusalSaysWhatToDo) {
  const auto config =
      JsonObject::Parse(R"({"model_type": "m", "quantization": {"bits": 8}})", "some/config.json");
  EXPECT_THAT(CheckNotQuantized(*config), FailsWith(ErrorCode::kUnsupported,
                                                    "some/config.json: the weights are "
                                                    "quantised (MLX, 8 bits)"));
  EXPECT_THAT(CheckNotQuantized(*config).error().message(), HasSubstr("use the original model"));
}

}  // namespace
}  // namespace tare
