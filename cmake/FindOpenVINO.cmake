# Finds an installed OpenVINO that is new enough: the one that OpenVINO_DIR names (a variable of CMake or of the
# environment), else one in CMAKE_PREFIX_PATH or the system's folders. Where there is none and EASEL_FETCH_OPENVINO is on,
# the pinned wheel is fetched with pip and unpacked: into build/ of this project's folder, or as a part of another project
# into its build folder. With EASEL_OFFLINE=1 in the environment nothing is fetched.
# Defines what OpenVINO's own package defines: openvino::runtime.

# The one that is fetched, and the oldest that will do.
set(_openvino_version 2026.4.1)
if(PROJECT_IS_TOP_LEVEL)
  set(_openvino_build "${PROJECT_SOURCE_DIR}/build")
else()
  set(_openvino_build "${PROJECT_BINARY_DIR}")
endif()
set(_openvino_unpacked "${_openvino_build}/openvino-${_openvino_version}-${CMAKE_SYSTEM_PROCESSOR}")
set(_openvino_ours "${_openvino_unpacked}/openvino/cmake")

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

# One that was named is used or refused, never passed over. (An earlier run may have left one that was fetched in the same
# variable.)
string(FIND "${OpenVINO_DIR}" "${_openvino_build}/openvino-" _openvino_was_fetched)
if(OpenVINO_DIR AND NOT _openvino_was_fetched EQUAL 0)
  set(_openvino_named "${OpenVINO_DIR}")
elseif(NOT OpenVINO_DIR AND NOT "$ENV{OpenVINO_DIR}" STREQUAL "")
  set(_openvino_named "$ENV{OpenVINO_DIR}")
else()
  set(_openvino_named "")
endif()

if(_openvino_named)
  find_package(OpenVINO CONFIG QUIET COMPONENTS Runtime PATHS "${_openvino_named}" NO_DEFAULT_PATH)
  if(NOT OpenVINO_FOUND)
    message(FATAL_ERROR " easel: OpenVINO_DIR is ${_openvino_named}, which has no OpenVINO that can be used; name the "
                        "folder that has its OpenVINOConfig.cmake.")
  endif()
  if(OpenVINO_VERSION VERSION_LESS _openvino_version)
    message(FATAL_ERROR " easel: OpenVINO_DIR is ${_openvino_named}, which is OpenVINO ${OpenVINO_VERSION}; easel needs "
                        "${_openvino_version} or newer.")
  endif()
else()
  # Without the version: OpenVINO's package takes only its own year's for new enough.
  find_package(OpenVINO CONFIG QUIET COMPONENTS Runtime PATHS "${_openvino_ours}")
  if(NOT OpenVINO_FOUND OR OpenVINO_VERSION VERSION_LESS _openvino_version)
    if(OpenVINO_FOUND)
      message(STATUS "OpenVINO ${OpenVINO_VERSION} in ${OpenVINO_DIR} is too old")
    endif()
    if(NOT EASEL_FETCH_OPENVINO AND NOT EXISTS "${_openvino_ours}")
      message(FATAL_ERROR " easel: no OpenVINO ${_openvino_version} or newer was found; set OpenVINO_DIR to the folder "
                          "that has its OpenVINOConfig.cmake, or EASEL_FETCH_OPENVINO=ON to download it with pip.")
    endif()
    file(MAKE_DIRECTORY "${_openvino_build}")
    file(LOCK "${_openvino_build}/openvino.lock")
    if(NOT EXISTS "${_openvino_unpacked}")
      _easel_fetch_openvino("${_openvino_unpacked}")
    endif()
    file(LOCK "${_openvino_build}/openvino.lock" RELEASE)
    set(OpenVINO_DIR "${_openvino_ours}" CACHE PATH "The folder of OpenVINOConfig.cmake" FORCE)
    find_package(OpenVINO CONFIG REQUIRED COMPONENTS Runtime PATHS "${_openvino_ours}" NO_DEFAULT_PATH)
  endif()
endif()
message(STATUS "OpenVINO ${OpenVINO_VERSION}: ${OpenVINO_DIR}")
