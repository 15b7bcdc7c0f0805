#include "bench/watch/gpu_sampler.h"

#include <algorithm>

#include "bench/watch/proc_sampler.h"
#include "os/clock.h"

namespace tare {
namespace {

constexpr uint64_t kLargestShare = 100;  // reading takes at most one part in this many of the time

}  // namespace

GpuSampler::GpuSampler(const Nvml& nvml, uint64_t interval_ns)
    : nvml_(nvml), interval_ns_(interval_ns) {
  for (size_t i = 0; i < nvml_.devices().size(); ++i) {
    const Result<uint64_t> used = nvml_.UsedBytes(i);
    if (!used.ok()) NoteError(used.error());
    before_.push_back(used.ok() ? *used : 0);
  }
}

void GpuSampler::NoteError(const Error& error) {
  if (error_.empty()) error_ = error.message();
}

std::optional<GpuSampler::Reading> GpuSampler::Read(const std::set<pid_t>& processes) {
  Reading reading;
  for (size_t i = 0; i < before_.size(); ++i) {
    const Result<uint64_t> used = nvml_.UsedBytes(i);
    if (!used.ok()) {
      NoteError(used.error());
      return std::nullopt;
    }
    reading.above_before += *used - std::min(*used, before_[i]);
    const Result<std::vector<NvmlProcess>> listed = nvml_.Processes(i);
    if (!listed.ok()) {
      NoteError(listed.error());
      continue;
    }
    for (const NvmlProcess& process : *listed) {
      if (!process.used_bytes || !processes.contains(process.pid)) continue;
      found_processes_ = true;
      reading.of_processes += *process.used_bytes;
    }
  }
  return reading;
}

std::optional<GpuSampler::Reading> GpuSampler::ReadNow(const std::set<pid_t>& processes) {
  const uint64_t now_ns = MonotonicNs();
  const std::optional<Reading> reading = Read(processes);
  const uint64_t after_ns = MonotonicNs();
  next_due_ns_ = after_ns + std::max(interval_ns_, (after_ns - now_ns) * kLargestShare);
  if (!reading) return reading;
  if (sample_count_ > 0) longest_gap_ns_ = std::max(longest_gap_ns_, now_ns - last_sample_ns_);
  last_sample_ns_ = now_ns;
  ++sample_count_;
  for (Reading* highest : {&highest_, &stage_highest_}) {
    highest->of_processes = std::max(highest->of_processes, reading->of_processes);
    highest->above_before = std::max(highest->above_before, reading->above_before);
  }
  return reading;
}

void GpuSampler::ReadStage(const std::set<pid_t>& processes) {
  const std::optional<Reading> now = ReadNow(processes);
  edges_.push_back({now, stage_highest_});
  stage_highest_ = now.value_or(Reading{});
}

void GpuSampler::Finish(MemoryRecord& record) const {
  DeviceMemory device;
  device.of_processes = found_processes_;
  device.sample_count = sample_count_;
  device.longest_gap_ns = longest_gap_ns_;
  device.error = error_;
  if (sample_count_ > 0) device.peak_bytes = Chosen(highest_);
  record.device = std::move(device);
  for (size_t i = 0; i < std::min(edges_.size(), record.stages.size()); ++i) {
    if (!edges_[i].now) continue;
    record.stages[i].device_bytes = Chosen(*edges_[i].now);
    record.stages[i].device_high_bytes = Chosen(edges_[i].highest);
  }
}

}  // namespace tare
