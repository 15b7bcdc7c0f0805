# Run by cpack on the tree that it is about to pack: what Debian asks of a package.
file(GLOB manuals ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/man*/*.[1-9])
set(doc ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/tare)
file(REMOVE ${doc}/LICENSE)  # copyright names the distribution's copy of it
file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${doc})

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Built from the sources of this version.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
execute_process(COMMAND gzip -9n ${doc}/changelog.Debian ${manuals} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE archives ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/lib/*.a)
execute_process(COMMAND strip --strip-debug ${archives} COMMAND_ERROR_IS_FATAL ANY)
