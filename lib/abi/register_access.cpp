// SPDX-License-Identifier: MIT
// Register access (VPP-4.3 6.3.1): one element at a time. The two templates do the work; the
// exported functions only choose the width.
#include <visa.h>

#include "lib/abi/facet.h"

namespace {

using visa::Call;
using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::on_facet;
using visa::abi::out;
using visa::core::Session;
using visa::spi::BusPlace;
using visa::spi::Facets;
using visa::spi::RegisterFacet;
using visa::spi::Width;

template <class T>
constexpr Width width_of() noexcept {
  return Width{static_cast<std::uint8_t>(sizeof(T))};
}

template <class T>
ViStatus read_register(const char* function, ViSession vi, ViUInt16 space, std::uint64_t offset,
                       T* value) {
  const Args args{in("vi", vi), in("space", space), in("offset", offset), out("value", value)};
  return on_facet(function, vi, args, &Facets::registers,
                  [&](RegisterFacet& registers, Call& call, Session& session) -> Status {
                    if (value == nullptr) return Status::error_user_buf;
                    const auto held = registers.in(BusPlace{space, offset}, width_of<T>(),
                                                   session.register_rule(), call);
                    if (held) *value = static_cast<T>(*held);
                    return held.status();
                  });
}

template <class T>
ViStatus write_register(const char* function, ViSession vi, ViUInt16 space, std::uint64_t offset,
                        T value) {
  const Args args{in("vi", vi), in("space", space), in("offset", offset), in("value", value)};
  return on_facet(function, vi, args, &Facets::registers,
                  [&](RegisterFacet& registers, Call& call, Session& session) {
                    return registers.out(BusPlace{space, offset}, width_of<T>(), value,
                                         session.register_rule(), call);
                  });
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viIn8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt8 val8) {
  return read_register(__func__, vi, space, offset, val8);
}

ViStatus _VI_FUNC viOut8(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt8 val8) {
  return write_register(__func__, vi, space, offset, val8);
}

ViStatus _VI_FUNC viIn16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt16 val16) {
  return read_register(__func__, vi, space, offset, val16);
}

ViStatus _VI_FUNC viOut16(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt16 val16) {
  return write_register(__func__, vi, space, offset, val16);
}

ViStatus _VI_FUNC viIn32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt32 val32) {
  return read_register(__func__, vi, space, offset, val32);
}

ViStatus _VI_FUNC viOut32(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt32 val32) {
  return write_register(__func__, vi, space, offset, val32);
}

ViStatus _VI_FUNC viIn64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViPUInt64 val64) {
  return read_register(__func__, vi, space, offset, val64);
}

ViStatus _VI_FUNC viOut64(ViSession vi, ViUInt16 space, ViBusAddress offset, ViUInt64 val64) {
  return write_register(__func__, vi, space, offset, val64);
}

ViStatus _VI_FUNC viIn8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt8 val8) {
  return read_register(__func__, vi, space, offset, val8);
}

ViStatus _VI_FUNC viOut8Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt8 val8) {
  return write_register(__func__, vi, space, offset, val8);
}

ViStatus _VI_FUNC viIn16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt16 val16) {
  return read_register(__func__, vi, space, offset, val16);
}

ViStatus _VI_FUNC viOut16Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt16 val16) {
  return write_register(__func__, vi, space, offset, val16);
}

ViStatus _VI_FUNC viIn32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt32 val32) {
  return read_register(__func__, vi, space, offset, val32);
}

ViStatus _VI_FUNC viOut32Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt32 val32) {
  return write_register(__func__, vi, space, offset, val32);
}

ViStatus _VI_FUNC viIn64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViPUInt64 val64) {
  return read_register(__func__, vi, space, offset, val64);
}

ViStatus _VI_FUNC viOut64Ex(ViSession vi, ViUInt16 space, ViBusAddress64 offset, ViUInt64 val64) {
  return write_register(__func__, vi, space, offset, val64);
}

}  // extern "C"
