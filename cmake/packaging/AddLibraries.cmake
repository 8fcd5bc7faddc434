# Run by cpack when all that is installed lies in its folder, before that is packed: adds the libraries and their licences,
# and lets the programs look for them there alone.
cmake_policy(SET CMP0009 NEW)
cmake_policy(SET CMP0057 NEW)

set(top "${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" top "${top}")
set(private "${top}/${CPACK_EASEL_LIBDIR}/easel")
set(licences "${top}/${CPACK_EASEL_DOCDIR}/licences")
file(MAKE_DIRECTORY "${private}" "${licences}")

# What easel uses of OpenVINO: the plugins of processors and Intel's graphics, and the readers of IR and TensorFlow Lite
# models (those of masks).
file(GLOB openvino RELATIVE "${CPACK_EASEL_OPENVINO}" "${CPACK_EASEL_OPENVINO}/*")
list(FILTER openvino INCLUDE REGEX
     "^(libopenvino\\.so\\..*|libopenvino_intel_[cg]pu_plugin\\.so|libopenvino_(ir|tensorflow_lite)_frontend\\.so\\..*|cache\\.json|lib(tbb|tbbmalloc|tbbbind_.*|hwloc)\\.so\\..*)$")
foreach(needed libopenvino_intel_cpu_plugin.so libtbb.so.12)
  if(NOT needed IN_LIST openvino)
    message(FATAL_ERROR "easel: packages are made with the OpenVINO that is fetched (EASEL_FETCH_OPENVINO); there is no "
                        "${needed} in ${CPACK_EASEL_OPENVINO}")
  endif()
endforeach()
foreach(name IN LISTS openvino)
  file(COPY_FILE "${CPACK_EASEL_OPENVINO}/${name}" "${private}/${name}")
endforeach()
file(GLOB openvino_licences "${CPACK_EASEL_OPENVINO}/../../openvino-*.dist-info/licenses/*")
file(COPY ${openvino_licences} DESTINATION "${licences}/openvino")

# All but the libraries of the C and C++ compilers: every Linux has those, and newer ones serve older programs.
file(GLOB programs "${top}/bin/easel")
file(GLOB libraries "${top}/${CPACK_EASEL_LIBDIR}/libeasel.so.*.*.*")
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${programs} LIBRARIES ${libraries}
     RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing
     PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv|util|gcc_s|stdc\\+\\+)\\.so" "^lib(openvino|tbb|easel)")
if(missing)
  message(FATAL_ERROR "easel: these libraries of the program were not found: ${missing}")
endif()
if(NOT CPACK_GENERATOR STREQUAL "TGZ")
  list(FILTER found INCLUDE REGEX "/lib(fmt|pugixml|tomlplusplus|utf8proc)\\.so")
endif()

set(listed "Libraries in this package that are Debian's, with the versions of their packages. Their sources are in Debian's
archive; their licences are beside this file.\n\n")
foreach(library IN LISTS found)
  get_filename_component(name "${library}" NAME)
  file(REAL_PATH "${library}" file)
  file(COPY_FILE "${file}" "${private}/${name}")
  # Debian says where its packages put a file, which may be below a link to /usr.
  string(REGEX REPLACE "^/usr/" "/" short "${file}")
  execute_process(COMMAND dpkg-query --search "${file}" "${short}" OUTPUT_VARIABLE owner ERROR_QUIET)
  if(NOT owner MATCHES "^([^:,]+)")
    message(FATAL_ERROR "easel: ${file} belongs to no Debian package, so that its licence is not known")
  endif()
  set(package "${CMAKE_MATCH_1}")
  execute_process(COMMAND dpkg-query --show "--showformat=\${source:Package} \${source:Version}" "${package}"
                  OUTPUT_VARIABLE source)
  string(REGEX REPLACE "(amd64|arm64).*" "" source "${source}")
  string(APPEND listed "${name}: ${package}, of ${source}\n")
  if(NOT EXISTS "${licences}/${package}")
    file(REAL_PATH "/usr/share/doc/${package}/copyright" copyright)
    file(COPY_FILE "${copyright}" "${licences}/${package}")
  endif()
endforeach()
file(WRITE "${licences}/LIBRARIES.txt" "${listed}")

foreach(program IN LISTS programs)
  file(RPATH_SET FILE "${program}" NEW_RPATH "$ORIGIN/../${CPACK_EASEL_LIBDIR}/easel:$ORIGIN/../${CPACK_EASEL_LIBDIR}")
endforeach()
foreach(library IN LISTS libraries)
  file(RPATH_SET FILE "${library}" NEW_RPATH "$ORIGIN/easel:$ORIGIN")
endforeach()
