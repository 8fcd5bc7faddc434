# libeasel.so, what other programs link: src/pipeline and all that it is made of. It shows what include/easel declares and
# nothing else, so that its own libraries need not be there to compile against it.
easel_libraries_of(easel_pipeline folders)
add_library(easel_shared SHARED)
add_library(easel::easel ALIAS easel_shared)
foreach(folder IN LISTS folders)
  # As objects: the linker takes only those members of an archive that something asks for.
  target_sources(easel_shared PRIVATE $<TARGET_OBJECTS:${folder}>)
endforeach()
target_link_libraries(easel_shared PRIVATE ${folders})
target_include_directories(easel_shared INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(easel_shared INTERFACE cxx_std_20)

# See include/easel/version.h for what is promised.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
else()
  set(abi ${PROJECT_VERSION_MAJOR})
endif()
set_target_properties(easel_shared PROPERTIES
  OUTPUT_NAME easel EXPORT_NAME easel VERSION ${PROJECT_VERSION} SOVERSION ${abi} LINKER_LANGUAGE CXX
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
