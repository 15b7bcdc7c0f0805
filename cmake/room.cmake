# tare_room(NAME [DEPS room...] [LINK target...])
#
# One room of the house: every *.cc of the calling folder becomes library tare_NAME, but for
#   *_test.cc   one test binary tare_NAME_test, each case registered with CTest
#   *_bench.cc  one Google Benchmark binary tare_NAME_bench
# DEPS are rooms below this one; LINK are third-party targets.
function(tare_room NAME)
  cmake_parse_arguments(ROOM "" "" "DEPS;LINK" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

  list(TRANSFORM ROOM_DEPS PREPEND tare_)
  if(sources)
    add_library(tare_${NAME} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(tare_${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(tare_${NAME} ${scope} tare_options ${ROOM_DEPS} ${ROOM_LINK})
  # The sanitizers' build is not optimised, which halves its time; what computes or parses most is.
  if(TARE_SANITIZE AND NAME MATCHES "^(format|kernels|tensor|tokenizer)$")
    target_compile_options(tare_${NAME} PRIVATE -O1)
  endif()

  if(tests AND TARE_BUILD_TESTS)
    add_executable(tare_${NAME}_test ${tests})
    target_link_libraries(tare_${NAME}_test PRIVATE tare_${NAME} tare_test_paths
      GTest::gtest GTest::gmock GTest::gtest_main)
    gtest_discover_tests(tare_${NAME}_test DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 300)
  endif()
  if(benches AND TARE_BUILD_BENCHMARKS)
    add_executable(tare_${NAME}_bench ${benches})
    target_link_libraries(tare_${NAME}_bench PRIVATE tare_${NAME} benchmark::benchmark benchmark::benchmark_main)
  endif()
endfunction()
