# `cmake --install`: the library for other programs, the command line and what comes with them, below any prefix that may
# be moved later. Components: runtime (libeasel.so and its data), development, program.
if(NOT EASEL_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

set(easel_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/easel")
set(easel_doc_dir "${CMAKE_INSTALL_DOCDIR}")
set(easel_share_dir "${CMAKE_INSTALL_DATADIR}/easel")
# The private libraries of a package that brings OpenVINO along.
set(easel_private_lib_dir "${CMAKE_INSTALL_LIBDIR}/easel")

# The folder of OpenVINO's libraries.
get_target_property(configurations openvino::runtime IMPORTED_CONFIGURATIONS)
list(GET configurations 0 configuration)
get_target_property(easel_openvino_lib_dir openvino::runtime IMPORTED_LOCATION_${configuration})
get_filename_component(easel_openvino_lib_dir "${easel_openvino_lib_dir}" DIRECTORY)

# Libraries are looked for beside what needs them, then where they lay at the build, unless
# CMAKE_INSTALL_RPATH_USE_LINK_PATH is off. That variable alone leaves out what lies in this project's folder, as an OpenVINO
# that was fetched does. Packages have neither: see packaging/AddLibraries.cmake.
if(NOT DEFINED CMAKE_INSTALL_RPATH_USE_LINK_PATH)
  set(use_link_path ON)
else()
  set(use_link_path ${CMAKE_INSTALL_RPATH_USE_LINK_PATH})
endif()
set(openvino_rpath "")
if(use_link_path)
  set(openvino_rpath "${easel_openvino_lib_dir}")
endif()
# The path is the same in the build folder: to be able to change it, CMake would end it with colons, and the loader takes what
# is empty between two of them for the folder that the program is called in.
function(easel_rpath target)
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "${ARGN}" INSTALL_RPATH_USE_LINK_PATH ${use_link_path}
                                             BUILD_WITH_INSTALL_RPATH ${use_link_path})
endfunction()
easel_rpath(easel_shared "$ORIGIN/easel" "$ORIGIN" ${openvino_rpath})

install(TARGETS easel_shared EXPORT easel
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/models/" DESTINATION "${easel_share_dir}/models" COMPONENT runtime)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES.md"
              "${PROJECT_SOURCE_DIR}/src/text/LICENSE-CLIP.txt"
        DESTINATION "${easel_doc_dir}" COMPONENT runtime)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/easel" "${PROJECT_BINARY_DIR}/include/easel"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development FILES_MATCHING PATTERN "*.h")
install(EXPORT easel NAMESPACE easel:: FILE easelTargets.cmake DESTINATION "${easel_config_dir}" COMPONENT development)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/easelConfig.cmake.in" "${PROJECT_BINARY_DIR}/easelConfig.cmake"
                              INSTALL_DESTINATION "${easel_config_dir}" NO_SET_AND_CHECK_MACRO)
# As the library's file name has it (include/easel/version.h).
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatible SameMinorVersion)
else()
  set(compatible SameMajorVersion)
endif()
write_basic_package_version_file("${PROJECT_BINARY_DIR}/easelConfigVersion.cmake" COMPATIBILITY ${compatible})
install(FILES "${PROJECT_BINARY_DIR}/easelConfig.cmake" "${PROJECT_BINARY_DIR}/easelConfigVersion.cmake"
        DESTINATION "${easel_config_dir}" COMPONENT development)

# From the folder of easel.pc to the prefix, which may have been moved.
file(RELATIVE_PATH prefix_from_pc "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/easel.pc.in" "${PROJECT_BINARY_DIR}/easel.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/easel.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

if(EASEL_CLI)
  file(RELATIVE_PATH lib_from_bin "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
  easel_rpath(easel_program "$ORIGIN/${lib_from_bin}/easel" "$ORIGIN/${lib_from_bin}" ${openvino_rpath})
  install(TARGETS easel_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  if(EASEL_HAS_TRAIN)
    install(TARGETS easel_train_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT training EXCLUDE_FROM_ALL)
  endif()
  install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" DESTINATION "${easel_doc_dir}"
          COMPONENT program)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${easel_doc_dir}" COMPONENT program)

  # Manual pages and completions, where the build made them (target easel_docs).
  set(made "${PROJECT_BINARY_DIR}/docs")
  install(DIRECTORY "${made}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT program OPTIONAL)
  install(FILES "${made}/completions/easel.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
          RENAME easel COMPONENT program OPTIONAL)
  install(FILES "${made}/completions/_easel" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" COMPONENT program
          OPTIONAL)
  install(FILES "${made}/completions/easel.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
          COMPONENT program OPTIONAL)
endif()
