#ifndef TARE_BENCH_TESTING_CGROUP_TEST_H_
#define TARE_BENCH_TESTING_CGROUP_TEST_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "bench/protocol/protocol.h"
#include "os/cgroup_place.h"
#include "os/interrupt.h"

namespace tare {

// Base of tests with workers in memory cgroups. Skips, with the reason, where this process cannot
// create them.
class CgroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<CgroupPlace> place = CgroupPlace::Find();
    if (!place.ok()) GTEST_SKIP() << place.error().message();
    place_.emplace(std::move(place).value());
    Result<InterruptWatch> watch = InterruptWatch::Start();
    ASSERT_TRUE(watch.ok());
    interrupt_.emplace(std::move(watch).value());
  }

  static RunMessage TwoGenerations(const std::string& model) {
    RunMessage run;
    run.model = model;
    run.generations = {{{"Hello", {1, 2}}, 3}, {{"Test", {3}}, 4}};
    return run;
  }

  std::optional<CgroupPlace> place_;
  std::optional<InterruptWatch> interrupt_;
};

}  // namespace tare

#endif  // TARE_BENCH_TESTING_CGROUP_TEST_H_
