# Finds an installed OpenVINO (OpenVINO_DIR, CMAKE_PREFIX_PATH or the system's), else fetches the pinned wheel with pip
# and unpacks it below build/. Defines what OpenVINO's own package defines: openvino::runtime.
# With EASEL_OFFLINE=1 in the environment nothing is fetched.

set(_openvino_version 2026.4.1)
set(_openvino_unpacked "${PROJECT_SOURCE_DIR}/build/openvino-${_openvino_version}-${CMAKE_SYSTEM_PROCESSOR}")

# Downloads the wheel of this processor, checks it against the hashes in openvino-wheel.txt and unpacks its C++ parts.
function(_easel_fetch_openvino folder)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    set(platform manylinux_2_28_x86_64)
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    set(platform manylinux_2_35_aarch64)
  else()
    message(FATAL_ERROR " easel: no OpenVINO is pinned for ${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}; "
                        "install OpenVINO ${_openvino_version} and set OpenVINO_DIR to its cmake folder.")
  endif()
  if("$ENV{EASEL_OFFLINE}")
    message(FATAL_ERROR " easel: OpenVINO ${_openvino_version} is missing and EASEL_OFFLINE is set; run once with a "
                        "network, or set OpenVINO_DIR to the cmake folder of an installed one.")
  endif()

  # The first python3 on the path need not be the one that has pip.
  foreach(candidate python3 /usr/bin/python3)
    execute_process(COMMAND "${candidate}" -m pip --version RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed EQUAL 0)
      set(python "${candidate}")
      break()
    endif()
  endforeach()
  if(NOT python)
    message(FATAL_ERROR " easel: OpenVINO is fetched with pip and no python3 here has it; "
                        "install the package python3-pip.")
  endif()

  # All is done in a folder aside and renamed at the end, so that an interrupted download is never taken for a whole one.
  set(part "${folder}.part")
  file(REMOVE_RECURSE "${part}" "${folder}")
  message(STATUS "Fetching OpenVINO ${_openvino_version} (${platform})")
  execute_process(
    COMMAND "${python}" -m pip download --no-deps --require-hashes --only-binary=:all: --no-cache-dir
            --platform ${platform} --python-version 311 --implementation cp --abi cp311
            --disable-pip-version-check --progress-bar off
            --dest "${part}" --requirement "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/openvino-wheel.txt"
    RESULT_VARIABLE failed)
  if(NOT failed EQUAL 0)
    message(FATAL_ERROR " easel: pip could not fetch OpenVINO ${_openvino_version}; check the network, "
                        "or set OpenVINO_DIR to the cmake folder of an installed one.")
  endif()
  file(GLOB wheel "${part}/*.whl")
  file(ARCHIVE_EXTRACT INPUT "${wheel}" DESTINATION "${part}"
       PATTERNS "openvino/include/*" "openvino/libs/*" "openvino/cmake/*" "*/licenses/*")
  file(REMOVE "${wheel}")
  file(RENAME "${part}" "${folder}")
endfunction()

find_package(OpenVINO ${_openvino_version} CONFIG QUIET COMPONENTS Runtime PATHS "${_openvino_unpacked}/openvino/cmake")
if(NOT OpenVINO_FOUND)
  file(MAKE_DIRECTORY "${PROJECT_SOURCE_DIR}/build")
  file(LOCK "${PROJECT_SOURCE_DIR}/build/openvino.lock")
  if(NOT EXISTS "${_openvino_unpacked}")
    _easel_fetch_openvino("${_openvino_unpacked}")
  endif()
  file(LOCK "${PROJECT_SOURCE_DIR}/build/openvino.lock" RELEASE)
  find_package(OpenVINO ${_openvino_version} CONFIG REQUIRED COMPONENTS Runtime
               PATHS "${_openvino_unpacked}/openvino/cmake" NO_DEFAULT_PATH)
endif()
message(STATUS "OpenVINO ${OpenVINO_VERSION}: ${OpenVINO_DIR}")
