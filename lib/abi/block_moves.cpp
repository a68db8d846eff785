// SPDX-License-Identifier: MIT
// Block moves (VPP-4.3 6.3.2, 6.3.3). The templates do the work; the exported functions only choose
// the width.
#include <visa.h>

#include "lib/abi/facet.h"
#include "lib/abi/store.h"

namespace {

using visa::Call;
using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::on_facet;
using visa::abi::out;
using visa::abi::store_if;
using visa::core::Session;
using visa::spi::BusPlace;
using visa::spi::Facets;
using visa::spi::RegisterFacet;
using visa::spi::Width;

/// One side of a viMove, as the caller described it.
struct Side {
  ViUInt16 space;
  std::uint64_t offset;
  ViUInt16 width;
  BusPlace place() const noexcept { return {space, offset}; }
};

bool is_width(ViUInt16 width) noexcept {
  return width == VI_WIDTH_8 || width == VI_WIDTH_16 || width == VI_WIDTH_32 ||
         width == VI_WIDTH_64;
}

Width width_of(ViUInt16 width) noexcept {
  return Width{static_cast<std::uint8_t>(width)};
}

template <class T>
ViStatus move_in(const char* function, ViSession vi, ViUInt16 space, std::uint64_t offset,
                 ViBusSize length, T* into) {
  const Args args{in("vi", vi), in("space", space), in("offset", offset), in("length", length)};
  return on_facet(function, vi, args, &Facets::registers,
                  [&](RegisterFacet& registers, Call& call, Session& session) -> Status {
                    if (into == nullptr && length != 0) return Status::error_user_buf;
                    return registers.move_in(BusPlace{space, offset}, width_of(sizeof(T)), length,
                                             into, session.register_rule(), call);
                  });
}

template <class T>
ViStatus move_out(const char* function, ViSession vi, ViUInt16 space, std::uint64_t offset,
                  ViBusSize length, const T* from) {
  const Args args{in("vi", vi), in("space", space), in("offset", offset), in("length", length)};
  return on_facet(function, vi, args, &Facets::registers,
                  [&](RegisterFacet& registers, Call& call, Session& session) -> Status {
                    if (from == nullptr && length != 0) return Status::error_user_buf;
                    return registers.move_out(BusPlace{space, offset}, width_of(sizeof(T)), length,
                                              from, session.register_rule(), call);
                  });
}

ViStatus move(const char* function, ViSession vi, Side from, Side to, ViBusSize length) {
  const Args args{in("vi", vi),
                  in("srcSpace", from.space),
                  in("srcOffset", from.offset),
                  in("srcWidth", from.width),
                  in("destSpace", to.space),
                  in("destOffset", to.offset),
                  in("destWidth", to.width),
                  in("length", length)};
  return on_facet(function, vi, args, &Facets::registers,
                  [&](RegisterFacet& registers, Call& call, Session& session) -> Status {
                    if (!is_width(from.width) || !is_width(to.width)) {
                      return Status::error_inv_width;
                    }
                    return registers.move(from.place(), width_of(from.width), to.place(),
                                          width_of(to.width), length, session.register_rule(),
                                          call);
                  });
}

ViStatus move_async(const char* function, ViSession vi, Side from, Side to, ViBusSize length,
                    ViPJobId id) {
  store_if(id, VI_NULL);
  const Args args{in("vi", vi),
                  in("srcSpace", from.space),
                  in("srcOffset", from.offset),
                  in("srcWidth", from.width),
                  in("destSpace", to.space),
                  in("destOffset", to.offset),
                  in("destWidth", to.width),
                  in("length", length),
                  out("jobId", id)};
  return visa::abi::on<visa::core::Resource>(
      function, vi, args, [&](visa::core::Resource& resource) -> Status {
        if (!Session::holds(resource.kind())) return Status::error_nsup_oper;
        auto& session = static_cast<Session&>(resource);
        if (!session.has(&Facets::registers)) return Status::error_nsup_oper;
        if (!is_width(from.width) || !is_width(to.width)) return Status::error_inv_width;
        return session.move_async(from.place(), width_of(from.width), to.place(),
                                  width_of(to.width), length, id);
      });
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viMoveIn8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                            ViAUInt8 buf8) {
  return move_in(__func__, vi, space, offset, length, buf8);
}

ViStatus _VI_FUNC viMoveOut8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt8 buf8) {
  return move_out(__func__, vi, space, offset, length, buf8);
}

ViStatus _VI_FUNC viMoveIn16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt16 buf16) {
  return move_in(__func__, vi, space, offset, length, buf16);
}

ViStatus _VI_FUNC viMoveOut16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt16 buf16) {
  return move_out(__func__, vi, space, offset, length, buf16);
}

ViStatus _VI_FUNC viMoveIn32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt32 buf32) {
  return move_in(__func__, vi, space, offset, length, buf32);
}

ViStatus _VI_FUNC viMoveOut32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt32 buf32) {
  return move_out(__func__, vi, space, offset, length, buf32);
}

ViStatus _VI_FUNC viMoveIn64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                             ViAUInt64 buf64) {
  return move_in(__func__, vi, space, offset, length, buf64);
}

ViStatus _VI_FUNC viMoveOut64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViBusSize length,
                              ViAUInt64 buf64) {
  return move_out(__func__, vi, space, offset, length, buf64);
}

ViStatus _VI_FUNC viMove(ViSession vi, ViUInt16 srcSpace, ViBusAddress srcOffset, ViUInt16 srcWidth,
                         ViUInt16 destSpace, ViBusAddress destOffset, ViUInt16 destWidth,
                         ViBusSize length) {
  return move(__func__, vi, {srcSpace, srcOffset, srcWidth}, {destSpace, destOffset, destWidth},
              length);
}

ViStatus _VI_FUNC viMoveAsync(ViSession vi, ViUInt16 srcSpace, ViBusAddress srcOffset,
                              ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress destOffset,
                              ViUInt16 destWidth, ViBusSize length, ViPJobId jobId) {
  return move_async(__func__, vi, {srcSpace, srcOffset, srcWidth},
                    {destSpace, destOffset, destWidth}, length, jobId);
}

ViStatus _VI_FUNC viMoveIn8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViBusSize length,
                              ViAUInt8 buf8) {
  return move_in(__func__, vi, space, offset, length, buf8);
}

ViStatus _VI_FUNC viMoveOut8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt8 buf8) {
  return move_out(__func__, vi, space, offset, length, buf8);
}

ViStatus _VI_FUNC viMoveIn16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt16 buf16) {
  return move_in(__func__, vi, space, offset, length, buf16);
}

ViStatus _VI_FUNC viMoveOut16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt16 buf16) {
  return move_out(__func__, vi, space, offset, length, buf16);
}

ViStatus _VI_FUNC viMoveIn32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt32 buf32) {
  return move_in(__func__, vi, space, offset, length, buf32);
}

ViStatus _VI_FUNC viMoveOut32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt32 buf32) {
  return move_out(__func__, vi, space, offset, length, buf32);
}

ViStatus _VI_FUNC viMoveIn64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                               ViBusSize length, ViAUInt64 buf64) {
  return move_in(__func__, vi, space, offset, length, buf64);
}

ViStatus _VI_FUNC viMoveOut64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset,
                                ViBusSize length, ViAUInt64 buf64) {
  return move_out(__func__, vi, space, offset, length, buf64);
}

ViStatus _VI_FUNC viMoveEx(ViSession vi, ViUInt16 srcSpace, ViBusAddress64 srcOffset,
                           ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress64 destOffset,
                           ViUInt16 destWidth, ViBusSize length) {
  return move(__func__, vi, {srcSpace, srcOffset, srcWidth}, {destSpace, destOffset, destWidth},
              length);
}

ViStatus _VI_FUNC viMoveAsyncEx(ViSession vi, ViUInt16 srcSpace, ViBusAddress64 srcOffset,
                                ViUInt16 srcWidth, ViUInt16 destSpace, ViBusAddress64 destOffset,
                                ViUInt16 destWidth, ViBusSize length, ViPJobId jobId) {
  return move_async(__func__, vi, {srcSpace, srcOffset, srcWidth},
                    {destSpace, destOffset, destWidth}, length, jobId);
}

}  // extern "C"
