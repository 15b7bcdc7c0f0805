#ifndef TARE_BENCH_TESTING_WEIGHS_EXACTLY_H_
#define TARE_BENCH_TESTING_WEIGHS_EXACTLY_H_

// 1 if a test program's memory is exactly what it allocates; 0 under a sanitizer, which needs
// memory of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARE_WEIGHS_EXACTLY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TARE_WEIGHS_EXACTLY 0
#endif
#endif
#ifndef TARE_WEIGHS_EXACTLY
#define TARE_WEIGHS_EXACTLY 1
#endif

#endif  // TARE_BENCH_TESTING_WEIGHS_EXACTLY_H_
