# SPDX-License-Identifier: MIT
# How folders become targets: visa_add_layer (an OBJECT library a folder of lib/), visa_add_driver (a
# wire), visa_link_library (libvisa.so and the static twin for tests from the same objects),
# visa_add_unit_tests (one executable a folder of conformance/unit).

add_library(visa_options INTERFACE)
target_include_directories(visa_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include
                           ${PROJECT_BINARY_DIR}/generated)
target_compile_options(visa_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wnon-virtual-dtor -Woverloaded-virtual>
  $<$<BOOL:${FREEVISA_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(visa_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wthread-safety>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(visa_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
endif()
if(FREEVISA_SANITIZE)
  target_compile_options(visa_options INTERFACE -fsanitize=${FREEVISA_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(visa_options INTERFACE -fsanitize=${FREEVISA_SANITIZE})
endif()
if(FREEVISA_FUZZ)
  target_compile_options(visa_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_libraries(visa_options INTERFACE Threads::Threads)

# visa_add_layer(NAME SOURCES ... [LIBRARIES ...]): the OBJECT library visa_NAME. LIBRARIES are what
# the final link needs because of this folder.
function(visa_add_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(visa_${name} OBJECT ${LAYER_SOURCES})
  target_link_libraries(visa_${name} PRIVATE visa_options)
  if(LAYER_LIBRARIES)
    target_link_libraries(visa_${name} PUBLIC ${LAYER_LIBRARIES})
  endif()
  set_property(GLOBAL APPEND PROPERTY VISA_LAYERS visa_${name})
endfunction()

# visa_add_driver(NAME SOURCES ... [NEEDS ...] [FINDER]): the wire NAME behind the switch
# FREEVISA_DRIVER_<NAME> = AUTO, ON or OFF. NEEDS are pkg-config modules. The folder defines
# `std::unique_ptr<visa::spi::Driver> visa::drivers::make_NAME_driver()`, with FINDER also
# `std::unique_ptr<visa::spi::Finder> visa::drivers::make_NAME_finder()`.
function(visa_add_driver name)
  cmake_parse_arguments(DRIVER "FINDER" "" "SOURCES;NEEDS" ${ARGN})
  string(TOUPPER ${name} upper)
  set(switch FREEVISA_DRIVER_${upper})
  set(${switch} AUTO CACHE STRING "Driver ${name}: AUTO (built when its packages are there), ON, OFF")
  set_property(CACHE ${switch} PROPERTY STRINGS AUTO ON OFF)
  if(NOT ${switch})
    message(STATUS "Driver ${name}: off (${switch}=OFF)")
    return()
  endif()
  set(imported)
  foreach(module IN LISTS DRIVER_NEEDS)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(${name}_${module} IMPORTED_TARGET QUIET ${module})
    if(NOT ${name}_${module}_FOUND)
      if(${switch} STREQUAL "AUTO")
        message(STATUS "Driver ${name}: left out, package ${module} is missing")
        return()
      endif()
      message(FATAL_ERROR "Driver ${name} needs the package ${module}. Install it, or leave the "
                          "driver out with -D${switch}=OFF")
    endif()
    list(APPEND imported PkgConfig::${name}_${module})
  endforeach()
  message(STATUS "Driver ${name}: built")
  add_library(visa_driver_${name} OBJECT ${DRIVER_SOURCES})
  target_link_libraries(visa_driver_${name} PRIVATE visa_options)
  target_link_libraries(visa_driver_${name} PUBLIC ${imported})
  set_property(GLOBAL APPEND PROPERTY VISA_LAYERS visa_driver_${name})
  set_property(GLOBAL APPEND PROPERTY VISA_DRIVERS ${name})
  if(DRIVER_FINDER)
    set_property(GLOBAL APPEND PROPERTY VISA_FINDERS ${name})
  endif()
endfunction()

# Adds the objects of `layers` (targets) and what they need at link time to `target`.
function(visa_use_objects target)
  foreach(layer IN LISTS ARGN)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${layer}>)
    get_target_property(libraries ${layer} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      target_link_libraries(${target} PRIVATE ${libraries})
    endif()
  endforeach()
endfunction()

# visa_add_unit_tests(FOLDER LAYERS base model ...): every conformance/unit/FOLDER/*_test.cpp in one
# executable unit_<folder>, linked with the objects of the named layers and nothing else, so that the
# link shows the layering.
function(visa_add_unit_tests folder)
  cmake_parse_arguments(UNIT "" "" "LAYERS;LIBRARIES;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conformance/unit/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name unit_${folder})
  add_executable(${name} ${sources} ${UNIT_SOURCES})
  target_link_libraries(${name} PRIVATE visa_options GTest::gmock_main ${UNIT_LIBRARIES})
  target_compile_options(${name} PRIVATE -Wno-conversion)
  target_compile_definitions(${name} PRIVATE
    FREEVISA_SPEC_DIR="${PROJECT_SOURCE_DIR}/conformance/spec")
  foreach(layer IN LISTS UNIT_LAYERS)
    visa_use_objects(${name} visa_${layer})
  endforeach()
  gtest_discover_tests(${name} TEST_PREFIX "${folder}:" DISCOVERY_MODE PRE_TEST
                       DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
