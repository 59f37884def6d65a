# What `cmake --install` puts where: headers, both libraries, find_package(memwell) and pkg-config.
#
# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/memwell)

install(DIRECTORY core/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS memwell memwell_static EXPORT memwell-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT memwell-targets NAMESPACE memwell:: DESTINATION ${package_dir})

configure_package_config_file(cmake/memwell-config.cmake.in ${PROJECT_BINARY_DIR}/memwell-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/memwell-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/memwell-config.cmake ${PROJECT_BINARY_DIR}/memwell-config-version.cmake
        DESTINATION ${package_dir})

# The paths in memwell.pc are relative to the file, so that an installation that is moved, or was made with --prefix, still works.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE pc_prefix)
configure_file(cmake/memwell.pc.in ${PROJECT_BINARY_DIR}/memwell.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/memwell.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(MEMWELL_LUA)
  install(FILES bindings/lua/meta/memwell.lua DESTINATION ${CMAKE_INSTALL_DATADIR}/memwell/lua OPTIONAL)
endif()
