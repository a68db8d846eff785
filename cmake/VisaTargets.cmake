# SPDX-License-Identifier: MIT
# How folders become targets: visa_add_layer (an OBJECT library for a folder of lib/), visa_add_driver (a
# wire), visa_link_library (libvisa.so, and from the same objects a static library for tests),
# visa_add_unit_tests (one executable for a folder of conformance/unit).

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
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 wrongly warns of overlapping copies in `"x" + std::to_string(n)` (GCC PR 105651).
    target_compile_options(visa_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
  endif()
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # For 32-bit programs: lock bytes beyond 2^40, files from 2 GiB and dates from 2038 on, as the 64-bit
  # programs have that share the lock file.
  target_compile_definitions(visa_options INTERFACE _FILE_OFFSET_BITS=64 _TIME_BITS=64)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^arm")
  # GCC notes at each use of some iterators that GCC 7.1 changed how they are passed. No such iterator
  # leaves the library, so the note is switched off.
  target_compile_options(visa_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-psabi>)
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

# A compiler cache needs these to work with precompiled headers (and CCACHE_SLOPPINESS=pch_defines,time_macros).
set(VISA_PRECOMPILED_OPTIONS $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")
option(FREEVISA_PRECOMPILE "Precompile the standard headers: compiles in half the time, hides a missing #include" OFF)

# visa_precompile(TARGET): lets an OBJECT library use the precompiled standard headers, which all of them share.
function(visa_precompile target)
  if(NOT FREEVISA_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET visa_precompiled)
    set(source ${PROJECT_BINARY_DIR}/generated/visa_precompiled.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(visa_precompiled OBJECT EXCLUDE_FROM_ALL ${source})
    target_link_libraries(visa_precompiled PRIVATE visa_options visa_hardening)
    target_compile_options(visa_precompiled PRIVATE ${VISA_PRECOMPILED_OPTIONS})
    target_precompile_headers(visa_precompiled PRIVATE <algorithm> <array> <atomic> <chrono> <condition_variable>
                              <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view> <thread>
                              <utility> <variant> <vector>)
  endif()
  target_compile_options(${target} PRIVATE ${VISA_PRECOMPILED_OPTIONS})
  target_precompile_headers(${target} REUSE_FROM visa_precompiled)
endfunction()

# visa_add_layer(NAME SOURCES ... [LIBRARIES ...] [USES ...]): makes the OBJECT library visa_NAME.
# LIBRARIES: what the final link needs because of this folder. USES: layers that it is always linked with.
function(visa_add_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;LIBRARIES;USES" ${ARGN})
  add_library(visa_${name} OBJECT ${LAYER_SOURCES})
  target_link_libraries(visa_${name} PRIVATE visa_options visa_hardening)
  visa_precompile(visa_${name})
  if(LAYER_LIBRARIES)
    target_link_libraries(visa_${name} PUBLIC ${LAYER_LIBRARIES})
  endif()
  list(TRANSFORM LAYER_USES PREPEND visa_)
  set_target_properties(visa_${name} PROPERTIES VISA_USES "${LAYER_USES}")
  set_property(GLOBAL APPEND PROPERTY VISA_LAYERS visa_${name})
endfunction()

# visa_add_finder(NAME SOURCES ... [LIBRARIES ...]): adds the search NAME, controlled by the switch
# FREEVISA_FINDER_<NAME> = ON or OFF. The folder defines
# `std::unique_ptr<visa::spi::Finder> visa::drivers::make_NAME_finder()`.
function(visa_add_finder name)
  string(TOUPPER ${name} upper)
  option(FREEVISA_FINDER_${upper} "Finder ${name}: viFindRsrc uses it" ON)
  if(NOT FREEVISA_FINDER_${upper})
    message(STATUS "Finder ${name}: off (FREEVISA_FINDER_${upper}=OFF)")
    return()
  endif()
  message(STATUS "Finder ${name}: built")
  visa_add_layer(finder_${name} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY VISA_FINDERS ${name})
endfunction()

# visa_add_driver(NAME SOURCES ... [NEEDS ...] [FINDER]): adds the wire NAME, controlled by the switch
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
    find_package(PkgConfig QUIET)
    set(package pkg-config)
    if(PkgConfig_FOUND)
      pkg_check_modules(${name}_${module} QUIET IMPORTED_TARGET GLOBAL ${module})
      # Debian's usual name of the package with the module's header.
      string(REGEX REPLACE "^libusb-1\\.0$" "libusb-1.0-0" package ${module})
      string(APPEND package -dev)
    endif()
    if(NOT ${name}_${module}_FOUND)
      if(${switch} STREQUAL "AUTO")
        message(STATUS "Driver ${name}: left out, ${module} is missing (Debian, Ubuntu: ${package})")
      else()
        visa_missing(${package} "${module} for the driver ${name}" -D${switch}=OFF)
      endif()
      return()
    endif()
    list(APPEND imported PkgConfig::${name}_${module})
  endforeach()
  message(STATUS "Driver ${name}: built")
  add_library(visa_driver_${name} OBJECT ${DRIVER_SOURCES})
  target_link_libraries(visa_driver_${name} PRIVATE visa_options visa_hardening)
  visa_precompile(visa_driver_${name})
  target_link_libraries(visa_driver_${name} PUBLIC ${imported})
  set_property(GLOBAL APPEND PROPERTY VISA_LAYERS visa_driver_${name})
  set_property(GLOBAL APPEND PROPERTY VISA_DRIVERS ${name})
  if(DRIVER_FINDER)
    set_property(GLOBAL APPEND PROPERTY VISA_FINDERS ${name})
  endif()
endfunction()

# Adds to `target` the objects of `layers` (targets), each once, and what they need at link time.
function(visa_use_objects target)
  foreach(layer IN LISTS ARGN)
    get_target_property(present ${target} VISA_OBJECTS)
    if(layer IN_LIST present)
      continue()
    endif()
    set_property(TARGET ${target} APPEND PROPERTY VISA_OBJECTS ${layer})
    get_target_property(uses ${layer} VISA_USES)
    if(uses)
      visa_use_objects(${target} ${uses})
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${layer}>)
    get_target_property(libraries ${layer} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      target_link_libraries(${target} PRIVATE ${libraries})
    endif()
  endforeach()
endfunction()

# visa_precompiled_tests(): makes unit_precompiled, whose precompiled headers all unit tests use. They are those of
# GoogleTest, which take most of the time that a test needs to compile. A target of its own, because a header is
# precompiled with the options of its target, and some tests define macros.
function(visa_precompiled_tests)
  if(TARGET unit_precompiled)
    return()
  endif()
  set(source ${PROJECT_BINARY_DIR}/generated/unit_precompiled.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "int main() {}\n")
  add_executable(unit_precompiled EXCLUDE_FROM_ALL ${source})
  target_link_libraries(unit_precompiled PRIVATE visa_options GTest::gmock)
  target_compile_options(unit_precompiled PRIVATE -O0 ${VISA_PRECOMPILED_OPTIONS})
  target_precompile_headers(unit_precompiled PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:<gmock/gmock.h$<ANGLE-R>>"
                            "$<$<COMPILE_LANGUAGE:CXX>:<gtest/gtest.h$<ANGLE-R>>")
endfunction()

# visa_add_unit_tests(FOLDER LAYERS base model ... [NEED_OPENSSL ...]): builds every *_test.cpp of conformance/unit/FOLDER and
# of the folders in it into one executable unit_<folder>. It is linked with the objects of the named layers
# and nothing else, so a layer that reaches up does not link. NEED_OPENSSL: beginnings of the names of those that a
# build without it leaves out; ctest then lists each of these as not run. WITHOUT: folders in FOLDER that are left out. ENVIRONMENT: NAME=VALUE for running them.
function(visa_add_unit_tests folder)
  cmake_parse_arguments(UNIT "" "ENVIRONMENT" "LAYERS;LIBRARIES;SOURCES;NEED_OPENSSL;WITHOUT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conformance/unit/${folder}/*_test.cpp
       ${PROJECT_SOURCE_DIR}/conformance/unit/${folder}/*/*_test.cpp)
  foreach(part IN LISTS UNIT_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "/conformance/unit/${folder}/${part}/")
  endforeach()
  if(NOT TARGET visa_openssl)
    foreach(part IN LISTS UNIT_NEED_OPENSSL)
      list(FILTER sources EXCLUDE REGEX "/conformance/unit/${folder}/${part}")
      add_test(NAME "${folder}:${part} needs OpenSSL" COMMAND ${CMAKE_COMMAND} -E false)
      set_tests_properties("${folder}:${part} needs OpenSSL" PROPERTIES DISABLED TRUE)
    endforeach()
  endif()
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name unit_${folder})
  if(FREEVISA_SANITIZE)
    list(APPEND UNIT_SOURCES ${PROJECT_SOURCE_DIR}/conformance/unit/support/sanitizer_options.cpp)
  endif()
  add_executable(${name} ${sources} ${UNIT_SOURCES})
  if(NOT TARGET unit_tests)
    add_custom_target(unit_tests)  # all unit tests, for the sanitizer builds
  endif()
  add_dependencies(unit_tests ${name})
  target_link_libraries(${name} PRIVATE visa_options GTest::gmock_main ${UNIT_LIBRARIES})
  visa_precompiled_tests()
  target_precompile_headers(${name} REUSE_FROM unit_precompiled)
  set(in_c ${UNIT_SOURCES})
  list(FILTER in_c INCLUDE REGEX "\\.c$")
  set_source_files_properties(${in_c} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  # Optimisation gains nothing for the tests and doubles their compile time.
  target_compile_options(${name} PRIVATE -O0 ${VISA_PRECOMPILED_OPTIONS})
  foreach(layer IN LISTS UNIT_LAYERS)
    visa_use_objects(${name} visa_${layer})
  endforeach()
  gtest_discover_tests(${name} TEST_PREFIX "${folder}:" DISCOVERY_MODE PRE_TEST
                       DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 120 ENVIRONMENT "${UNIT_ENVIRONMENT}")
endfunction()

# Writes generated/builtin.cpp with the tables that lib/spi/builtin.h declares, for the drivers and
# finders that are built. Sets `variable` to its path.
function(visa_builtin_tables variable)
  get_property(drivers GLOBAL PROPERTY VISA_DRIVERS)
  get_property(finders GLOBAL PROPERTY VISA_FINDERS)
  foreach(kind IN ITEMS driver finder)
    set(${kind}_declarations "")
    set(${kind}_calls "")
    foreach(name IN LISTS ${kind}s)
      if(kind STREQUAL "driver")
        string(APPEND driver_declarations "std::unique_ptr<spi::Driver> make_${name}_driver();\n")
      else()
        string(APPEND finder_declarations "std::unique_ptr<spi::Finder> make_${name}_finder();\n")
      endif()
      string(APPEND ${kind}_calls "  list.push_back(drivers::make_${name}_${kind}());\n")
    endforeach()
  endforeach()
  set(source ${PROJECT_BINARY_DIR}/generated/builtin.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"// Generated by cmake/VisaTargets.cmake from the drivers this build has.
#include \"lib/spi/builtin.h\"

namespace visa {
namespace drivers {
@driver_declarations@@finder_declarations@}  // namespace drivers

namespace spi {

std::vector<std::unique_ptr<Driver>> make_builtin_drivers() {
  std::vector<std::unique_ptr<Driver>> list;
@driver_calls@  return list;
}

std::vector<std::unique_ptr<Finder>> make_builtin_finders() {
  std::vector<std::unique_ptr<Finder>> list;
@finder_calls@  return list;
}

}  // namespace spi
}  // namespace visa
")
  set(${variable} ${source} PARENT_SCOPE)
endfunction()

# visa_link_library(): makes `visa` (libvisa.so.1, exports by lib/ExportMap.cmake) and `visa_testable` (an
# archive of the same objects with all symbols) from all layers and drivers added before.
function(visa_link_library)
  if(NOT TARGET visa_abi)
    message(STATUS "libvisa.so: not linked, lib/abi has no sources")
    return()
  endif()
  include(${PROJECT_SOURCE_DIR}/lib/ExportMap.cmake)
  visa_export_map(map)
  visa_builtin_tables(builtin)
  get_property(layers GLOBAL PROPERTY VISA_LAYERS)

  add_library(visa_builtin OBJECT ${builtin})
  target_link_libraries(visa_builtin PRIVATE visa_options visa_hardening)
  list(APPEND layers visa_builtin)

  # A version script cannot export hidden symbols. So the one folder with exported functions is compiled
  # with default visibility, and the script hides its other symbols.
  set_target_properties(visa_abi PROPERTIES CXX_VISIBILITY_PRESET default
                        C_VISIBILITY_PRESET default)

  add_library(visa_testable STATIC)
  target_link_libraries(visa_testable PUBLIC visa_options)
  visa_use_objects(visa_testable ${layers})

  add_library(visa SHARED)
  target_link_libraries(visa PRIVATE visa_options visa_hardening)
  visa_use_objects(visa ${layers})
  target_include_directories(visa INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  # The version of the ABI is 1 for any version of the project; the file name carries both.
  set_target_properties(visa PROPERTIES
    OUTPUT_NAME visa LINKER_LANGUAGE CXX SOVERSION 1
    VERSION 1.${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS ${map})
  target_link_options(visa PRIVATE
    -Wl,--version-script=${map} -Wl,--no-undefined-version -Wl,-z,nodelete
    -Wl,-Bsymbolic-functions -Wl,--exclude-libs,ALL -Wl,--as-needed)
  # Sanitizer and fuzzer runtimes live in the program, so their symbols stay undefined here. Never use
  # -static-libgcc: cancelling a thread inside the library would then abort the process.
  if(NOT FREEVISA_SANITIZE AND NOT FREEVISA_FUZZ)
    target_link_options(visa PRIVATE -Wl,-z,defs)
    if(FREEVISA_STATIC_LIBSTDCXX)
      target_link_options(visa PRIVATE -static-libstdc++)
    endif()
  endif()
endfunction()
