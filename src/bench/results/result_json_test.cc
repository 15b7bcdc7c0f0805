#include "bench/results/result_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/fails_with.h"
#include "bench/report/report_json.h"
#include "bench/testing/sample_document.h"

namespace tare {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json Exported() { return json::parse(RenderJson(testing::Sample()), nullptr, false); }

TEST(ResultJsonTest, AnExportReadsBackWhole) {
  Document document = testing::Sample();
  document.interrupted = true;
  document.session.commit = "0123abc";
  document.session.machine.caches = {"L1 data 32K"};
  document.scenarios[0].model_sha256 = "ab";
  document.scenarios[0].converted["tree"] = {"/cache/m", document.scenarios[0].model, ""};
  document.scenarios[0].converted["broken"].error = "it is too large";
  document.runs[0].conditions = {"2025-01-02T03:04:06Z", 5, 0.25, 3, 4, 5e10, 6e10, 73, 8};
  document.runs[0].page_cache_bytes = 17;
  document.runs[1].outcome.result->generations[0].token_ns.clear();
  document.runs[1].outcome.result->generations[0].decode_ns = 5;
  document.runs[1].outcome.memory.stages[2].pss_bytes = 9;
  document.runs[1].outcome.memory.stages[2].device_bytes = 10;
  document.runs[1].outcome.memory.stages[2].device_high_bytes = 11;
  document.runs[1].outcome.memory.device = DeviceMemory{true, 12, 13, 14, "once"};
  document.session.machine.gpus = {"Fake H100"};
  document.session.reference_row = "tree";
  document.runs[1].device = "gpu";
  TrimReport& trim = document.runs[1].outcome.trim.emplace();
  trim.hook = {.einsums = {{"ab,bc->ac", "two", 3, ""}, {"a,a->", "two", 1, "a scalar result"}},
               .models = 1,
               .refused = {"m: why"},
               .aside = {"another"},
               .attention_fused = 10,
               .attention_left = {{"a mask of another shape", 11}},
               .untouched = {{"a path", 2}},
               .transposed = 2,
               .scaled = 12,
               .written_rows = 15,
               .slack_bytes = 4,
               .huge_asked_bytes = 14,
               .huge_bytes = 13,
               .parked_bytes = 5,
               .file_backed_bytes = 6,
               .unparked = {"full"}};
  trim.lean = {7, 8, 9, 16, {"no"}};
  const std::string text = RenderJson(document);
  const Result<Document> back = DocumentFromJson(text);
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(RenderJson(*back), text);
  EXPECT_EQ(back->scenarios[0].converted.at("tree").path, "/cache/m");
}

TEST(ResultJsonTest, WhatMostSessionsHaveInCommonIsNotWritten) {
  const json object = Exported();
  EXPECT_FALSE(object.contains("reference_row"));
  EXPECT_FALSE(object["runs"][0].contains("device"));
  const Result<Document> document = DocumentFromJson(object.dump());
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(document->session.reference_row, "native");
  EXPECT_EQ(document->runs[0].device, "cpu");
}

TEST(ResultJsonTest, WhatOlderExportsLackIsNotKnown) {
  json object = Exported();
  for (const char* added : {"commit", "session_id", "stage_timeout_ns"}) object.erase(added);
  for (json& run : object["runs"]) run.erase("conditions");
  object["scenarios"][0].erase("model_sha256");
  object["scenarios"][0].erase("converted_models");
  const Result<Document> document = DocumentFromJson(object.dump());
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(document->session.commit, "");
  EXPECT_FALSE(document->runs[0].conditions.others_cpu_share.has_value());
}

TEST(ResultJsonTest, WhatCannotBeAResultIsRefused) {
  const struct {
    const char* what;
    std::function<void(json&)> spoil;
    const char* message;
  } kCases[] = {
      {"newer", [](json& o) { o["schema_version"] = 2; }, "schema version 2"},
      {"no version", [](json& o) { o.erase("schema_version"); }, "schema_version"},
      {"no machine", [](json& o) { o["machine"] = 3; }, "machine"},
      {"negative", [](json& o) { o["machine"]["memory_bytes"] = -1; }, "memory_bytes"},
      {"no runs", [](json& o) { o.erase("runs"); }, "runs"},
      {"no run", [](json& o) { o["runs"][0] = 7; }, "runs"},
      {"scenario", [](json& o) { o["runs"][0]["scenario"] = 1; }, "none such"},
      {"row", [](json& o) { o["runs"][0]["row"] = "other"; }, "none such"},
      {"warmup", [](json& o) { o["runs"][0]["warmup"] = 1; }, "warmup"},
      {"stage", [](json& o) { o["runs"][0]["stage_reached"] = "9_END"; }, "no stage"},
      {"stages", [](json& o) { o["runs"][0]["memory"]["stages"].erase(0); }, "needs 6 stages"},
      {"samples",
       [](json& o) {
         o["runs"][0]["memory"]["samples_time_ns_rss_anon_file_bytes"][0] = {1, 2};
       },
       "samples"},
      {"generations", [](json& o) { o["runs"][0]["result"]["generations"].erase(0); }, "two gener"},
      {"times",
       [](json& o) {
         o["runs"][0]["result"]["generations"][0]["token_ns"] = {3, 2, 1};
       },
       "do not fit"},
      {"count", [](json& o) { o["runs"][0]["result"]["generations"][0]["token_ns"] = {1}; },
       "do not fit"},
      {"workload", [](json& o) { o["scenarios"][0]["workload"]["kind"] = "rest"; }, "unknown kind"},
      {"trim",
       [](json& o) {
         o["runs"][0]["trim"] = {{"hook", 1}};
       },
       "hook"},
      {"others", [](json& o) { o["runs"][0]["conditions"]["others_cpu_share"] = "x"; }, "number"},
  };
  for (const auto& one : kCases) {
    json object = Exported();
    one.spoil(object);
    const Result<Document> document = DocumentFromJson(object.dump());
    ASSERT_FALSE(document.ok()) << one.what;
    EXPECT_THAT(document.error().message(), HasSubstr(one.message)) << one.what;
  }
  EXPECT_THAT(DocumentFromJson("[]"),
              FailsWith(ErrorCode::kInvalidInput, "expected a JSON object, got array"));
  EXPECT_THAT(DocumentFromJson(std::string(100, '{')),
              FailsWith(ErrorCode::kInvalidInput, "nests deeper"));
}

}  // namespace
}  // namespace tare
