// SPDX-License-Identifier: MIT
// Formatted I/O (VPP-4.3 6.2). The variadic functions and their ViVAList forms differ only in where
// the arguments come from. No frame here is noexcept, because forced unwinding may end the thread
// inside.
#include <visa.h>

#include <cstdarg>
#include <cstddef>

#include "lib/abi/guard.h"
#include "lib/abi/store.h"
#include "lib/core/session.h"
#include "lib/format/argument_list.h"
#include "lib/format/memory_ends.h"
#include "lib/format/print_engine.h"
#include "lib/format/scan_engine.h"

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InBytes;
using visa::abi::InText;
using visa::abi::on;
using visa::abi::out;
using visa::abi::OutBytes;
using visa::abi::store_if;
using visa::core::Session;
using visa::format::ArgumentList;

ViStatus print(const char* function, ViSession vi, ViConstString format, std::va_list list) {
  return on<Session>(function, vi, Args{in("vi", vi), InText{"writeFmt", format}},
                     [&](Session& session) {
                       ArgumentList arguments(list);
                       return session.print(format, arguments);
                     });
}

// Formats into the caller's memory, which needs no lock and no timeout.
ViStatus print_to(const char* function, ViSession vi, ViPBuf buffer, ViConstString format,
                  std::va_list list) {
  return on<Session>(function, vi, Args{in("vi", vi), InText{"writeFmt", format}},
                     [&](Session& session) -> Status {
                       if (buffer == nullptr) return Status::error_user_buf;
                       ArgumentList arguments(list);
                       visa::format::MemorySink sink(reinterpret_cast<char*>(buffer));
                       const auto status =
                           visa::format::print(format, arguments, sink, session.formats());
                       sink.terminate();
                       return status;
                     });
}

ViStatus scan(const char* function, ViSession vi, ViConstString format, std::va_list list) {
  return on<Session>(function, vi, Args{in("vi", vi), InText{"readFmt", format}},
                     [&](Session& session) {
                       ArgumentList arguments(list);
                       return session.scan(format, arguments);
                     });
}

ViStatus scan_from(const char* function, ViSession vi, ViConstBuf buffer, ViConstString format,
                   std::va_list list) {
  const auto* text = reinterpret_cast<const char*>(buffer);
  const Args args{in("vi", vi), InText{"buf", text}, InText{"readFmt", format}};
  return on<Session>(function, vi, args, [&](Session& session) -> Status {
    if (text == nullptr) return Status::error_user_buf;
    if (format == nullptr) return Status::error_inv_fmt;
    ArgumentList arguments(list);
    visa::format::MemorySource source(text);
    return visa::format::scan(format, arguments, source, session.formats());
  });
}

ViStatus query(const char* function, ViSession vi, ViConstString write_format,
               ViConstString read_format, std::va_list list) {
  const Args args{in("vi", vi), InText{"writeFmt", write_format}, InText{"readFmt", read_format}};
  return on<Session>(function, vi, args, [&](Session& session) {
    ArgumentList arguments(list);
    return session.query(write_format, read_format, arguments);
  });
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viBufWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi), InBytes{"buf", buf, cnt}, in("cnt", cnt),
                  out("retCnt", retCnt, true)};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    const auto done = session.write_formatted({reinterpret_cast<const std::byte*>(buf), cnt});
    store_if(retCnt, done.count);
    return done.status;
  });
}

ViStatus _VI_FUNC viBufRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  ViUInt32 counted = 0;  // for the trace, where the caller wants no count
  ViPUInt32 count = retCnt == nullptr ? &counted : retCnt;
  *count = 0;
  bool secret = false;
  const Args args{in("vi", vi), in("cnt", cnt), out("retCnt", count, true),
                  OutBytes{"buf", buf, count, &secret}};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    const auto done = session.read_formatted({reinterpret_cast<std::byte*>(buf), cnt});
    secret = done.secret;
    store_if(count, done.count);
    return done.status;
  });
}

ViStatus _VI_FUNCC viPrintf(ViSession vi, ViConstString writeFmt, ...) {
  std::va_list list;
  va_start(list, writeFmt);
  const ViStatus status = print(__func__, vi, writeFmt, list);
  va_end(list);
  return status;
}

ViStatus _VI_FUNC viVPrintf(ViSession vi, ViConstString writeFmt, ViVAList params) {
  return print(__func__, vi, writeFmt, params);
}

ViStatus _VI_FUNCC viSPrintf(ViSession vi, ViPBuf buf, ViConstString writeFmt, ...) {
  std::va_list list;
  va_start(list, writeFmt);
  const ViStatus status = print_to(__func__, vi, buf, writeFmt, list);
  va_end(list);
  return status;
}

ViStatus _VI_FUNC viVSPrintf(ViSession vi, ViPBuf buf, ViConstString writeFmt, ViVAList params) {
  return print_to(__func__, vi, buf, writeFmt, params);
}

ViStatus _VI_FUNCC viScanf(ViSession vi, ViConstString readFmt, ...) {
  std::va_list list;
  va_start(list, readFmt);
  const ViStatus status = scan(__func__, vi, readFmt, list);
  va_end(list);
  return status;
}

ViStatus _VI_FUNC viVScanf(ViSession vi, ViConstString readFmt, ViVAList params) {
  return scan(__func__, vi, readFmt, params);
}

ViStatus _VI_FUNCC viSScanf(ViSession vi, ViConstBuf buf, ViConstString readFmt, ...) {
  std::va_list list;
  va_start(list, readFmt);
  const ViStatus status = scan_from(__func__, vi, buf, readFmt, list);
  va_end(list);
  return status;
}

ViStatus _VI_FUNC viVSScanf(ViSession vi, ViConstBuf buf, ViConstString readFmt, ViVAList params) {
  return scan_from(__func__, vi, buf, readFmt, params);
}

ViStatus _VI_FUNCC viQueryf(ViSession vi, ViConstString writeFmt, ViConstString readFmt, ...) {
  std::va_list list;
  va_start(list, readFmt);
  const ViStatus status = query(__func__, vi, writeFmt, readFmt, list);
  va_end(list);
  return status;
}

ViStatus _VI_FUNC viVQueryf(ViSession vi, ViConstString writeFmt, ViConstString readFmt,
                            ViVAList params) {
  return query(__func__, vi, writeFmt, readFmt, params);
}

}  // extern "C"
