# Rooms and what they stand on come from the table in docs/architecture.md. A folder of src/ is one
# library, whatever rooms it is divided into; tests/layers holds each of them to the table.
set(TARE_FOLDERS "")
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY
  CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/architecture.md)
file(READ ${PROJECT_SOURCE_DIR}/docs/architecture.md table)
string(REPLACE ";" "," table "${table}")
string(REGEX MATCHALL "\n\\| `[a-z_/]+` \\|[^\n]*" table "${table}")
foreach(line IN LISTS table)
  string(REGEX MATCH "\\| `([a-z_]+)" ignored "${line}")
  set(folder ${CMAKE_MATCH_1})
  string(REGEX REPLACE "^.*\\|([^|]*)\\|$" "\\1" below "${line}")
  string(REGEX MATCHALL "[a-z_/]+" below "${below}")
  list(TRANSFORM below REPLACE "/.*" "")
  list(APPEND TARE_FOLDERS ${folder})
  list(APPEND TARE_BELOW_${folder} ${below})
  list(REMOVE_ITEM TARE_BELOW_${folder} ${folder})
  list(REMOVE_DUPLICATES TARE_BELOW_${folder})
endforeach()
list(REMOVE_DUPLICATES TARE_FOLDERS)

# tare_room(NAME [LINK target...] [EXCEPT regex])
#
# A folder of src/: every *.cc in it becomes library tare_NAME, but for
#   *_test.cc   one test binary tare_NAME_test, each case registered with CTest
#   *_bench.cc  one Google Benchmark binary tare_NAME_bench
#   main/, testing/ and what EXCEPT matches
# LINK are third-party targets.
function(tare_room NAME)
  cmake_parse_arguments(ROOM "" "EXCEPT" "LINK" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cc)
  list(FILTER all EXCLUDE REGEX "^(.*/)?(main|testing)/")
  if(ROOM_EXCEPT)
    list(FILTER all EXCLUDE REGEX "${ROOM_EXCEPT}")
  endif()
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

  # Where files are compiled in batches, a batch is of one folder.
  foreach(file IN LISTS all)
    get_filename_component(folder ${file} DIRECTORY)
    string(MAKE_C_IDENTIFIER "in_${folder}" group)
    if(NOT DEFINED size_${group})
      set(size_${group} 0)
    endif()
    math(EXPR batch "${size_${group}} / 8")
    math(EXPR size_${group} "${size_${group}} + 1")
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${group}_${batch})
  endforeach()

  set(below ${TARE_BELOW_${NAME}})
  list(TRANSFORM below PREPEND tare_)
  if(sources)
    add_library(tare_${NAME} STATIC ${sources})
    set_target_properties(tare_${NAME} PROPERTIES UNITY_BUILD_MODE GROUP)
    set(scope PUBLIC)
  else()
    add_library(tare_${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(tare_${NAME} ${scope} tare_options ${below} ${ROOM_LINK})
  # The sanitizers' build is not optimised, which halves its time; what computes or parses most is.
  if(TARE_SANITIZE AND NAME MATCHES "^(format|jinja|kernels|tensor|tokenizer)$")
    target_compile_options(tare_${NAME} PRIVATE -O1)
  endif()

  if(tests AND TARE_BUILD_TESTS)
    add_executable(tare_${NAME}_test ${tests})
    set_target_properties(tare_${NAME}_test PROPERTIES UNITY_BUILD_MODE GROUP)
    target_link_libraries(tare_${NAME}_test PRIVATE tare_${NAME} tare_test_paths
      GTest::gtest GTest::gmock GTest::gtest_main)
    gtest_discover_tests(tare_${NAME}_test DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 300)
  endif()
  if(benches AND TARE_BUILD_BENCHMARKS)
    add_executable(tare_${NAME}_bench ${benches})
    target_link_libraries(tare_${NAME}_bench PRIVATE tare_${NAME} benchmark::benchmark benchmark::benchmark_main)
  endif()
endfunction()
