# What `cmake --install` puts where, and the same layout in the build folder. Programs look for what
# comes with them from where they lie (base/installed_paths.h), so bin, libexec/tare and share/tare
# are fixed.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(pair workers:workers suites:suites python:python src:src include:include)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 name)
  list(GET pair 1 folder)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/tare)
  file(RELATIVE_PATH target ${PROJECT_BINARY_DIR}/share/tare ${PROJECT_SOURCE_DIR}/${folder})
  file(CREATE_LINK ${target} ${PROJECT_BINARY_DIR}/share/tare/${name} SYMBOLIC)
endforeach()

install(TARGETS tare RUNTIME DESTINATION bin)
install(TARGETS tare_hdf5_helper RUNTIME DESTINATION libexec/tare)
install(DIRECTORY workers DESTINATION share/tare
  FILES_MATCHING PATTERN "*.py" PATTERN "*.cc" PATTERN "*.txt" PATTERN __pycache__ EXCLUDE)
install(FILES ${PROJECT_BINARY_DIR}/share/tare/families.json DESTINATION share/tare)
install(DIRECTORY suites DESTINATION share/tare FILES_MATCHING PATTERN "*.json" PATTERN "*.txt")
install(DIRECTORY python/tare_lean DESTINATION share/tare/python
  FILES_MATCHING PATTERN "*.py" PATTERN __pycache__ EXCLUDE)
install(CODE "set(TARE_SOURCES \"${PROJECT_SOURCE_DIR}\")")
install(SCRIPT cmake/install_hook_sources.cmake)

# The library: every room that the engine stands on, as one archive.
set(waiting runtime)
set(objects "")
set(below "")
while(waiting)
  list(POP_FRONT waiting room)
  if(NOT room IN_LIST below)
    list(APPEND below ${room})
    list(APPEND waiting ${TARE_BELOW_${room}})
    list(APPEND objects $<TARGET_OBJECTS:tare_${room}>)
  endif()
endwhile()
add_library(tare_library STATIC ${objects})
set_target_properties(tare_library PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME tare EXPORT_NAME tare)
target_link_libraries(tare_library PUBLIC fmt::fmt Threads::Threads ${CMAKE_DL_LIBS})
target_compile_features(tare_library PUBLIC cxx_std_20)
install(TARGETS tare_library EXPORT tareTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/tare DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tare)
configure_package_config_file(cmake/tareConfig.cmake.in ${PROJECT_BINARY_DIR}/tareConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tareConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tareConfig.cmake ${PROJECT_BINARY_DIR}/tareConfigVersion.cmake
  DESTINATION ${package})
install(EXPORT tareTargets NAMESPACE tare:: DESTINATION ${package})

install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR}
  FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.json")
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} OPTIONAL)
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/bash-completion DESTINATION share OPTIONAL)

include(cmake/package.cmake)
