#ifndef TARE_BENCH_RESULTS_STUDY_WORDS_H_
#define TARE_BENCH_RESULTS_STUDY_WORDS_H_

#include <cstddef>
#include <string_view>

namespace tare {

// What reports call the study where they first name it.
inline constexpr char kTheStudy[] =
    "the \"Keras Multi-Backend Performance Analysis Report\" (Mohamed Ashraf, GSoC 2025)";

// Words as Python's str.split() counts them: runs of anything but white space of Unicode. Where the
// study's script says tokens it counts these, because KerasHub's tokenizers have no `encode`. Bytes
// that are not UTF-8 belong to words.
size_t StudyWords(std::string_view text);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_STUDY_WORDS_H_
