#ifndef TARE_BENCH_RESULTS_STUDY_WORDS_H_
#define TARE_BENCH_RESULTS_STUDY_WORDS_H_

#include <cstddef>
#include <string_view>

namespace tare {

// The name of the study, for its first mention in a report.
inline constexpr char kTheStudy[] =
    "the \"Keras Multi-Backend Performance Analysis Report\" (Mohamed Ashraf, GSoC 2025)";

// Counts words as Python's str.split() does: runs of characters that are not Unicode white space.
// The study's script counts these words and calls them tokens, because KerasHub's tokenizers have
// no `encode`. Bytes that are not UTF-8 count as parts of words.
size_t StudyWords(std::string_view text);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_STUDY_WORDS_H_
