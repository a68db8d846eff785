# SPDX-License-Identifier: MIT
# visa_hardening: the compiler and linker flags of everything that is installed. The library parses bytes
# from the network inside another program's process, so a defect must not become an attack.
include(CheckCXXCompilerFlag)

option(FREEVISA_HARDENING "Optimised builds: stack protector, FORTIFY, control flow protection, RELRO" ON)
add_library(visa_hardening INTERFACE)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
# Without optimisation FORTIFY only warns; a sanitizer checks more than FORTIFY does.
if(NOT FREEVISA_HARDENING OR FREEVISA_SANITIZE OR FREEVISA_FUZZ OR NOT flags MATCHES "-O[123s]")
  return()
endif()

target_compile_options(visa_hardening INTERFACE -fstack-protector-strong)
if(NOT flags MATCHES "_FORTIFY_SOURCE")  # a distribution may have set its own level
  target_compile_options(visa_hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
# Let the processor check jumps and returns if it can: CET of x86, BTI and PAC of 64-bit ARM. The linker notes in the
# library that it may (.note.gnu.property) only if all objects say so. All of ours and of GCC's do; crti.o, crtn.o and
# libc_nonshared.a of the C library do not where that was built without CET, as in Debian. The note is not forced by
# -z ibt, because _init of such a crti.o has no landing pad.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i[3-6]86)$")
  set(FREEVISA_JUMP_CHECKS -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(FREEVISA_JUMP_CHECKS -mbranch-protection=standard)
endif()
if(FREEVISA_JUMP_CHECKS)
  check_cxx_compiler_flag(${FREEVISA_JUMP_CHECKS} FREEVISA_HAS_JUMP_CHECKS)
  if(FREEVISA_HAS_JUMP_CHECKS)
    target_compile_options(visa_hardening INTERFACE ${FREEVISA_JUMP_CHECKS})
  endif()
endif()
target_link_options(visa_hardening INTERFACE -Wl,-z,relro,-z,now)
set(FREEVISA_HARDENED ON)  # read by the tests
