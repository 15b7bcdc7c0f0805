# `cpack -G DEB`: a package for the distribution that it is built on.
cmake_host_system_information(RESULT distribution QUERY DISTRIB_ID)
cmake_host_system_information(RESULT distribution_version QUERY DISTRIB_VERSION_ID)

set(CPACK_PACKAGE_NAME tare)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "weigh, trim and run language models in the memory of their weights")
set(CPACK_PACKAGE_DESCRIPTION
"Tare tells which engine runs a language model in how much memory and how fast,
and makes models fit. It measures any installed backend from outside, runs
OpenVINO and Keras programs with their memory trimmed, and brings an engine of
its own that needs the weights, the KV cache and a few MiB.
.
Backends are Python packages, each installed in an environment of its own.
`tare run` compiles a hook for the OpenVINO of the program that it starts.")
set(CPACK_PACKAGE_VENDOR "Tare")
set(CPACK_PACKAGE_CONTACT "Tare maintainers <tare@packages.invalid>"
  CACHE STRING "Maintainer named in packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/finish_tree.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${distribution}${distribution_version}")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3, python3-venv")
# g++ and libfmt's headers compile the hook; libfmt is also what programs with the library link.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, libfmt-dev")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/prerm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
