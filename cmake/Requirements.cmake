# SPDX-License-Identifier: MIT
# What a build needs from outside. The search is in one place, so that one message names everything that
# is missing: visa_need_header, visa_missing, visa_report_missing.

# visa_missing(PACKAGE WHAT SWITCH): notes that Debian's PACKAGE is missing, of which the build needs WHAT.
# SWITCH is the option that builds without it; empty if there is none.
function(visa_missing package what switch)
  set_property(GLOBAL APPEND PROPERTY VISA_MISSING_PACKAGES ${package})
  set(line "  ${what} (Debian, Ubuntu: ${package})")
  if(switch)
    string(APPEND line ", or leave it out with ${switch}")
  endif()
  set_property(GLOBAL APPEND_STRING PROPERTY VISA_MISSING_LINES "${line}\n")
endfunction()

# visa_need_header(VARIABLE HEADER PACKAGE WHAT [SWITCH]): sets the cache variable VARIABLE to the folder of
# HEADER.
function(visa_need_header variable header package what)
  find_path(${variable} ${header} DOC "Folder of ${header}")
  if(NOT ${variable})
    visa_missing(${package} "${header} for ${what}; elsewhere: -D${variable}=FOLDER" "${ARGN}")
  endif()
endfunction()

# visa_find_tls(): the switch FREEVISA_TLS = AUTO, ON or OFF. Where OpenSSL is wanted and found there is the target
# visa_openssl to link with.
function(visa_find_tls)
  set(FREEVISA_TLS AUTO CACHE STRING "TLS by OpenSSL 3: AUTO (used when its package is there), ON, OFF")
  set_property(CACHE FREEVISA_TLS PROPERTY STRINGS AUTO ON OFF)
  if(NOT FREEVISA_TLS)
    message(STATUS "TLS: off (FREEVISA_TLS=OFF)")
    return()
  endif()
  find_package(OpenSSL 3 QUIET COMPONENTS SSL Crypto)
  if(OPENSSL_FOUND AND TARGET OpenSSL::SSL)
    message(STATUS "TLS: OpenSSL ${OPENSSL_VERSION}")
    add_library(visa_openssl INTERFACE IMPORTED GLOBAL)
    target_link_libraries(visa_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
    set_target_properties(OpenSSL::SSL OpenSSL::Crypto PROPERTIES IMPORTED_GLOBAL TRUE)
  elseif(FREEVISA_TLS STREQUAL "AUTO")
    message(STATUS "TLS: left out, OpenSSL 3 is missing (Debian, Ubuntu: libssl-dev)")
  else()
    visa_missing(libssl-dev "OpenSSL 3 for TLS" -DFREEVISA_TLS=OFF)
  endif()
endfunction()

# visa_find_libserialport(): the switch FREEVISA_LIBSERIALPORT = AUTO, ON or OFF. Where it is wanted and found there is the
# target visa_libserialport. Only the freevisa command uses it, to describe ports; the library does without.
function(visa_find_libserialport)
  set(FREEVISA_LIBSERIALPORT AUTO CACHE STRING
      "libserialport for `freevisa list --long`: AUTO (used when its package is there), ON, OFF")
  set_property(CACHE FREEVISA_LIBSERIALPORT PROPERTY STRINGS AUTO ON OFF)
  if(NOT FREEVISA_LIBSERIALPORT)
    message(STATUS "libserialport: off (FREEVISA_LIBSERIALPORT=OFF)")
    return()
  endif()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(libserialport QUIET IMPORTED_TARGET GLOBAL libserialport)
  endif()
  if(libserialport_FOUND)
    message(STATUS "libserialport: ${libserialport_VERSION}")
    add_library(visa_libserialport INTERFACE IMPORTED GLOBAL)
    target_link_libraries(visa_libserialport INTERFACE PkgConfig::libserialport)
  elseif(FREEVISA_LIBSERIALPORT STREQUAL "AUTO")
    message(STATUS "libserialport: left out, it is missing (Debian, Ubuntu: libserialport-dev)")
  else()
    visa_missing(libserialport-dev "libserialport for the freevisa command" -DFREEVISA_LIBSERIALPORT=OFF)
  endif()
endfunction()

# visa_need_tool_headers(): looks for what only the freevisa command needs. No part of it is in libvisa.so.
function(visa_need_tool_headers)
  set(off -DFREEVISA_BUILD_TOOLS=OFF)
  visa_need_header(FREEVISA_JSON_INCLUDE_DIR nlohmann/json.hpp nlohmann-json3-dev "the virtual bench" ${off})
  visa_need_header(FREEVISA_CLI11_INCLUDE_DIR CLI/CLI.hpp libcli11-dev "the freevisa command" ${off})
endfunction()

# visa_find_edit(): the switch FREEVISA_EDIT = AUTO, ON or OFF: line editing in `freevisa shell`. Where libedit is
# wanted and found, FREEVISA_EDIT_TARGET is the target to link with.
function(visa_find_edit)
  set(FREEVISA_EDIT AUTO CACHE STRING "Line editing by libedit: AUTO (used when its package is there), ON, OFF")
  set_property(CACHE FREEVISA_EDIT PROPERTY STRINGS AUTO ON OFF)
  set(FREEVISA_EDIT_TARGET "" PARENT_SCOPE)
  if(NOT FREEVISA_EDIT)
    message(STATUS "Line editing: off (FREEVISA_EDIT=OFF)")
    return()
  endif()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(visa_edit QUIET IMPORTED_TARGET GLOBAL libedit)
  endif()
  if(visa_edit_FOUND)
    message(STATUS "Line editing: libedit ${visa_edit_VERSION}")
    set(FREEVISA_EDIT_TARGET PkgConfig::visa_edit PARENT_SCOPE)
  elseif(FREEVISA_EDIT STREQUAL "AUTO")
    message(STATUS "Line editing: left out, libedit is missing (Debian, Ubuntu: libedit-dev)")
  else()
    visa_missing(libedit-dev "libedit for freevisa shell" -DFREEVISA_EDIT=OFF)
  endif()
endfunction()

# visa_need_test_tools(): looks for what only the tests need.
function(visa_need_test_tools)
  set(off -DFREEVISA_BUILD_TESTS=OFF)
  find_package(GTest QUIET)
  if(NOT GTest_FOUND)
    visa_missing(libgtest-dev "GoogleTest for the tests" ${off})
  endif()
  if(NOT TARGET GTest::gmock_main)
    visa_missing(libgmock-dev "GoogleMock for the tests" ${off})
  endif()
  find_package(Python3 QUIET COMPONENTS Interpreter)
  if(NOT Python3_Interpreter_FOUND)
    visa_missing(python3 "Python 3 for the tests" ${off})
  endif()
endfunction()

# visa_report_missing(): ends the configuration if anything is missing.
function(visa_report_missing)
  get_property(packages GLOBAL PROPERTY VISA_MISSING_PACKAGES)
  if(NOT packages)
    return()
  endif()
  get_property(lines GLOBAL PROPERTY VISA_MISSING_LINES)
  list(REMOVE_DUPLICATES packages)
  list(JOIN packages " " packages)
  message(FATAL_ERROR "FreeVISA cannot be built yet. Missing:\n${lines}"
                      "Install all of it with\n  sudo apt install ${packages}\nand run cmake again.")
endfunction()
