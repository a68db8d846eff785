// SPDX-License-Identifier: MIT
// Basic I/O (VPP-4.3 6.1) and the buffers of the wire (6.2.1 viSetBuf, viFlush).
#include <visa.h>

#include <cstddef>

#include "lib/abi/guard.h"
#include "lib/abi/store.h"
#include "lib/core/session.h"

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
using visa::core::Transfer;

// The count is written whatever the status is, because partial data belongs to the caller.
Status finish(const Transfer& done, ViPUInt32 count) {
  store_if(count, done.count);
  return done.status;
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viRead(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  ViUInt32 counted = 0;  // for the trace, where the caller wants no count
  ViPUInt32 count = retCnt == nullptr ? &counted : retCnt;
  *count = 0;
  bool secret = false;
  const Args args{in("vi", vi), in("cnt", cnt), out("retCnt", count, true),
                  OutBytes{"buf", buf, count, &secret}};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    const Transfer done = session.read({reinterpret_cast<std::byte*>(buf), cnt});
    secret = done.secret;
    return finish(done, count);
  });
}

ViStatus _VI_FUNC viReadToFile(ViSession vi, ViConstString filename, ViUInt32 cnt,
                               ViPUInt32 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi), InText{"filename", filename}, in("cnt", cnt),
                  out("retCnt", retCnt, true)};
  return on<Session>(__func__, vi, args, [&](Session& session) {
    return finish(session.read_to_file(filename, cnt), retCnt);
  });
}

ViStatus _VI_FUNC viWrite(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPUInt32 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi), InBytes{"buf", buf, cnt}, in("cnt", cnt),
                  out("retCnt", retCnt, true)};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    return finish(session.write({reinterpret_cast<const std::byte*>(buf), cnt}), retCnt);
  });
}

ViStatus _VI_FUNC viWriteFromFile(ViSession vi, ViConstString filename, ViUInt32 cnt,
                                  ViPUInt32 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi), InText{"filename", filename}, in("cnt", cnt),
                  out("retCnt", retCnt, true)};
  return on<Session>(__func__, vi, args, [&](Session& session) {
    return finish(session.write_from_file(filename, cnt), retCnt);
  });
}

ViStatus _VI_FUNC viReadAsync(ViSession vi, ViPBuf buf, ViUInt32 cnt, ViPJobId jobId) {
  store_if(jobId, VI_NULL);
  const Args args{in("vi", vi), in("cnt", cnt), out("jobId", jobId)};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    return session.read_async({reinterpret_cast<std::byte*>(buf), cnt}, jobId);
  });
}

ViStatus _VI_FUNC viWriteAsync(ViSession vi, ViConstBuf buf, ViUInt32 cnt, ViPJobId jobId) {
  store_if(jobId, VI_NULL);
  const Args args{in("vi", vi), InBytes{"buf", buf, cnt}, in("cnt", cnt), out("jobId", jobId)};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (buf == nullptr && cnt != 0) return Status::error_user_buf;
    return session.write_async({reinterpret_cast<const std::byte*>(buf), cnt}, jobId);
  });
}

ViStatus _VI_FUNC viAssertTrigger(ViSession vi, ViUInt16 protocol) {
  return on<Session>(__func__, vi, Args{in("vi", vi), in("protocol", protocol)},
                     [&](Session& session) { return session.trigger(protocol); });
}

ViStatus _VI_FUNC viReadSTB(ViSession vi, ViPUInt16 status) {
  const Args args{in("vi", vi), out("status", status)};
  return on<Session>(__func__, vi, args, [&](Session& session) -> Status {
    if (status == nullptr) return Status::error_inv_parameter;
    const auto value = session.read_status_byte();
    if (value) *status = *value;
    return value.status();
  });
}

ViStatus _VI_FUNC viClear(ViSession vi) {
  return on<Session>(__func__, vi, Args{in("vi", vi)},
                     [](Session& session) { return session.clear(); });
}

ViStatus _VI_FUNC viSetBuf(ViSession vi, ViUInt16 mask, ViUInt32 size) {
  return on<Session>(__func__, vi, Args{in("vi", vi), in("mask", mask), in("size", size)},
                     [&](Session& session) { return session.set_buffer(mask, size); });
}

ViStatus _VI_FUNC viFlush(ViSession vi, ViUInt16 mask) {
  return on<Session>(__func__, vi, Args{in("vi", vi), in("mask", mask)},
                     [&](Session& session) { return session.flush(mask); });
}

}  // extern "C"
