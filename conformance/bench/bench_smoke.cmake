# SPDX-License-Identifier: MIT
# Runs visa_bench --quick and checks that every line is there with a finite number; it judges no
# time. Variables: BENCH (the program), LIBRARY (the libvisa), JSON (the file for the result).
cmake_minimum_required(VERSION 3.25)

set(expected
  noise/p50
  idn/p50 "idn/client CPU" idn/p99
  write_1k/p50 "write_1k/client CPU" write_1k/p99 "write_1k/longest, no 40 ms stall"
  write_64k/p50 "write_64k/client CPU" write_64k/p99 "write_64k/longest, no 40 ms stall"
  read_64k/p50 "read_64k/client CPU" read_64k/p99
  read_64m/p50 "read_64m/client CPU"
  write_64m/p50 "write_64m/client CPU"
  open_close/p50 "open_close/client CPU" open_close/p99
  "attributes/viGetAttribute(TMO_VALUE)" "attributes/viSetAttribute(TMO_VALUE)"
  "load/dlopen + viOpenDefaultRM" "load/viFindRsrc, nothing configured, no network asked"
  "calls/*IDN? query" "calls/write 1 KB + *OPC?" "calls/read 64 KB"
  "sessions/missing of 4000" "sessions/private memory a session"
  "sessions/threads more than with one" "sessions/open, a session" "sessions/close, a session"
  "sessions/viGetAttribute, open: 1" "sessions/viGetAttribute, open: 100"
  "sessions/viGetAttribute, open: all" "sessions/viGetAttribute, all against 1"
  "sessions/*IDN? query, open: 1" "sessions/*IDN? query, open: 100" "sessions/*IDN? query, open: all"
  "sessions/*IDN? ratio, all against 1")
# These lines have a floor, so they must also have a ratio and its spread.
set(compared "^(noise|idn|write_1k|write_64k|read_64k|read_64m|write_64m|open_close)/(p50|p99|client CPU)$")

file(REMOVE ${JSON})
execute_process(COMMAND ${BENCH} ${LIBRARY} --quick --peer ${LIBRARY} --json ${JSON}
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "visa_bench ended with ${result}")
endif()

function(require_number line field name)
  string(JSON type ERROR_VARIABLE missing TYPE ${line} ${field})
  if(NOT type STREQUAL "NUMBER")
    message(FATAL_ERROR "${name}: ${field} is no finite number: ${line}")
  endif()
endfunction()

file(READ ${JSON} text)
string(JSON count LENGTH ${text} lines)
set(found)
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON line GET ${text} lines ${i})
  string(JSON row GET ${line} row)
  string(JSON what GET ${line} what)
  list(APPEND found "${row}/${what}")
  set(fields ours)
  if(NOT row STREQUAL "noise")
    list(APPEND fields peer)
  endif()
  if("${row}/${what}" MATCHES "${compared}")
    list(APPEND fields floor ratio ratio_low ratio_high)
  endif()
  foreach(field IN LISTS fields)
    require_number("${line}" ${field} "${row}/${what}")
  endforeach()
endforeach()
foreach(name IN LISTS expected)
  if(NOT name IN_LIST found)
    message(FATAL_ERROR "the line ${name} is missing")
  endif()
endforeach()
list(LENGTH expected wanted)
if(NOT count EQUAL wanted)
  message(FATAL_ERROR "${count} lines, of which ${wanted} are known here: name the new ones")
endif()
message(STATUS "${count} lines, all finite")
