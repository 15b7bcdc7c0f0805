add_library(tare_options INTERFACE)
target_include_directories(tare_options INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
target_compile_options(tare_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fno-math-errno -ffp-contract=off)
# GCC 12 warns of overlaps in std::string + literal that cannot be (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(tare_options INTERFACE -Wno-restrict)
endif()
# __FILE__ and debug information name files relative to the sources, wherever these lie.
target_compile_options(tare_options INTERFACE
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
if(TARE_WERROR)
  target_compile_options(tare_options INTERFACE -Werror)
endif()
if(TARE_SANITIZE)
  target_compile_options(tare_options INTERFACE
    -fsanitize=${TARE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tare_options INTERFACE -fsanitize=${TARE_SANITIZE})
endif()
target_link_libraries(tare_options INTERFACE Threads::Threads)
