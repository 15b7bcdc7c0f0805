#include "bench/report/measured_needs.h"

#include <gtest/gtest.h>

#include <vector>

#include "bench/testing/sample_document.h"

namespace tare {
namespace {

RunRecord Search(std::optional<uint64_t> required_mib) {
  RunRecord run;
  run.row = "native";
  run.required.emplace();
  if (required_mib) run.required->required_bytes = *required_mib * kMebibyte;
  return run;
}

RunRecord Stopped() {
  RunRecord run;
  run.row = "native";
  run.outcome.failure = Failure{"oom-limit", "killed"};
  return run;
}

// A session with the sample's machine, model and workload.
Document SessionOf(uint64_t id, std::vector<RunRecord> runs) {
  Document document = testing::Sample();
  document.session.id = id;
  document.scenarios[0].model.content_id = "m";
  document.runs = std::move(runs);
  return document;
}

MeasuredNeed NeedOf(const Document& document, const std::vector<Document>& others) {
  const NeedsByRow needs = MeasuredNeeds(document, 0, others);
  return needs.contains("native") ? needs.find("native")->second : MeasuredNeed();
}

TEST(MeasuredNeedsTest, TheLatestOtherSessionCountsUnlessTheDocumentHasItsOwn) {
  const std::vector<Document> others = {SessionOf(1, {Search(100)}), SessionOf(2, {Search(90)}),
                                        SessionOf(3, {Search(std::nullopt)})};
  const MeasuredNeed other = NeedOf(SessionOf(9, {}), others);
  EXPECT_EQ(other.required_bytes, 90 * kMebibyte);
  EXPECT_EQ(other.session, 2u);
  const MeasuredNeed own = NeedOf(SessionOf(9, {Search(110)}), others);
  EXPECT_EQ(own.required_bytes, 110 * kMebibyte);
  EXPECT_EQ(own.session, 0u);
}

TEST(MeasuredNeedsTest, OnlyTheSameMachineModelAndWorkTell) {
  const Document document = SessionOf(9, {});
  const auto required_after = [&](void (*change)(Document&)) {
    Document other = SessionOf(1, {Search(100)});
    change(other);
    return NeedOf(document, {other}).required_bytes.has_value();
  };
  EXPECT_TRUE(required_after([](Document&) {}));
  EXPECT_TRUE(required_after([](Document& d) { d.scenarios[0].scenario.cold = true; }));
  EXPECT_TRUE(required_after([](Document& d) { d.scenarios[0].scenario.limit_bytes = kMebibyte; }));
  EXPECT_FALSE(required_after([](Document& d) { d.session.machine.cpu_model = "another"; }));
  EXPECT_FALSE(required_after([](Document& d) { d.scenarios[0].model.content_id = "n"; }));
  EXPECT_FALSE(required_after([](Document& d) { d.scenarios[0].scenario.threads = 1; }));
  EXPECT_FALSE(required_after([](Document& d) { d.session.id = 9; })) << "it is the document";
}

TEST(MeasuredNeedsTest, WhatStoppedARowIsKeptAndDisprovesASmallerNeed) {
  Document stopped = SessionOf(2, {Stopped()});
  stopped.scenarios[0].scenario.limit_bytes = 120 * kMebibyte;
  const MeasuredNeed need = NeedOf(SessionOf(9, {}), {SessionOf(1, {Search(100)}), stopped});
  EXPECT_FALSE(need.required_bytes.has_value());
  EXPECT_EQ(need.too_small_bytes, 120 * kMebibyte);
  EXPECT_EQ(need.session, 2u);
  const MeasuredNeed larger = NeedOf(SessionOf(9, {}), {SessionOf(1, {Search(130)}), stopped});
  EXPECT_EQ(larger.required_bytes, 130 * kMebibyte);
}

TEST(MeasuredNeedsTest, ASearchThatFoundNoLimitTellsWhichWereTooSmall) {
  RunRecord search = Search(std::nullopt);
  search.required->probes = {{std::nullopt, "done", 1, {}, 0},
                             {80 * kMebibyte, "oom-limit", 1, {}, 0},
                             {90 * kMebibyte, "too-slow", 1, {}, 0},
                             {95 * kMebibyte, "interrupted", 1, {}, 0}};
  EXPECT_EQ(NeedOf(SessionOf(9, {search}), {}).too_small_bytes, 90 * kMebibyte);
}

}  // namespace
}  // namespace tare
