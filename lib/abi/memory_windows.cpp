// SPDX-License-Identifier: MIT
// Mapped windows and shared memory (VPP-4.3 6.3.4 to 6.3.6). viPeek and viPoke return no status:
// when no window is mapped, they touch nothing and invent no value.
#include <visa.h>

#include "lib/abi/facet.h"
#include "lib/abi/store.h"

namespace {

using visa::Call;
using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::on_facet;
using visa::abi::on_library;
using visa::abi::out;
using visa::abi::store_if;
using visa::core::Session;
using visa::spi::BusPlace;
using visa::spi::Facets;
using visa::spi::SharedMemoryFacet;
using visa::spi::Width;
using visa::spi::WindowFacet;

ViStatus map_address(const char* function, ViSession vi, ViUInt16 space, std::uint64_t offset,
                     ViBusSize size, ViBoolean access, ViAddr suggested, ViPAddr address) {
  const Args args{in("vi", vi),           in("mapSpace", space), in("mapOffset", offset),
                  in("mapSize", size),    in("access", access),  in("suggested", suggested),
                  out("address", address)};
  return on_facet(function, vi, args, &Facets::window,
                  [&](WindowFacet& window, Call& call, Session&) -> Status {
                    if (address == nullptr) return Status::error_user_buf;
                    if (access != VI_FALSE) return Status::error_inv_acc_mode;  // reserved
                    const auto mapped = window.map(BusPlace{space, offset}, size, suggested, call);
                    if (mapped) *address = *mapped;
                    return mapped.status();
                  });
}

template <class Address>
ViStatus allocate(const char* function, ViSession vi, ViBusSize size, Address* offset) {
  const Args args{in("vi", vi), in("size", size), out("offset", offset)};
  return on_facet(function, vi, args, &Facets::memory,
                  [&](SharedMemoryFacet& memory, Call& call, Session&) -> Status {
                    if (offset == nullptr) return Status::error_user_buf;
                    const auto place = memory.allocate(size, call);
                    if (place) *offset = static_cast<Address>(*place);
                    return place.status();
                  });
}

ViStatus free_memory(const char* function, ViSession vi, std::uint64_t offset) {
  return on_facet(
      function, vi, Args{in("vi", vi), in("offset", offset)}, &Facets::memory,
      [&](SharedMemoryFacet& memory, Call& call, Session&) { return memory.free(offset, call); });
}

/// Runs `use(WindowFacet&)` when the session has a window. Raises no VI_EVENT_EXCEPTION, because
/// these functions cannot fail.
template <class A, class Use>
void with_window(const char* function, ViSession vi, const A& args, Use&& use) {
  on_library(function, args, [&]() -> Status {
    auto* library = visa::core::Library::current();
    const auto session = library == nullptr ? nullptr : library->objects.find<Session>(vi);
    auto* window = session == nullptr ? nullptr : session->window();
    if (window == nullptr) return Status::error_nsup_oper;
    use(*window);
    return Status::success;
  });
}

template <class T>
void peek(const char* function, ViSession vi, ViAddr address, T* value) {
  const Args args{in("vi", vi), in("address", address), out("value", value)};
  with_window(function, vi, args, [&](WindowFacet& window) {
    store_if(value, window.peek(address, Width{static_cast<std::uint8_t>(sizeof(T))}));
  });
}

template <class T>
void poke(const char* function, ViSession vi, ViAddr address, T value) {
  const Args args{in("vi", vi), in("address", address), in("value", value)};
  with_window(function, vi, args, [&](WindowFacet& window) {
    window.poke(address, Width{static_cast<std::uint8_t>(sizeof(T))}, value);
  });
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viMapAddress(ViSession vi, ViUInt16 mapSpace, ViBusAddress mapOffset,
                               ViBusSize mapSize, ViBoolean access, ViAddr suggested,
                               ViPAddr address) {
  return map_address(__func__, vi, mapSpace, mapOffset, mapSize, access, suggested, address);
}

ViStatus _VI_FUNC viMapAddressEx(ViSession vi, ViUInt16 mapSpace, ViBusAddress64 mapOffset,
                                 ViBusSize mapSize, ViBoolean access, ViAddr suggested,
                                 ViPAddr address) {
  return map_address(__func__, vi, mapSpace, mapOffset, mapSize, access, suggested, address);
}

ViStatus _VI_FUNC viUnmapAddress(ViSession vi) {
  return on_facet(__func__, vi, Args{in("vi", vi)}, &Facets::window,
                  [](WindowFacet& window, Call& call, Session&) { return window.unmap(call); });
}

void _VI_FUNC viPeek8(ViSession vi, ViAddr address, ViPUInt8 val8) {
  peek(__func__, vi, address, val8);
}

void _VI_FUNC viPoke8(ViSession vi, ViAddr address, ViUInt8 val8) {
  poke(__func__, vi, address, val8);
}

void _VI_FUNC viPeek16(ViSession vi, ViAddr address, ViPUInt16 val16) {
  peek(__func__, vi, address, val16);
}

void _VI_FUNC viPoke16(ViSession vi, ViAddr address, ViUInt16 val16) {
  poke(__func__, vi, address, val16);
}

void _VI_FUNC viPeek32(ViSession vi, ViAddr address, ViPUInt32 val32) {
  peek(__func__, vi, address, val32);
}

void _VI_FUNC viPoke32(ViSession vi, ViAddr address, ViUInt32 val32) {
  poke(__func__, vi, address, val32);
}

void _VI_FUNC viPeek64(ViSession vi, ViAddr address, ViPUInt64 val64) {
  peek(__func__, vi, address, val64);
}

void _VI_FUNC viPoke64(ViSession vi, ViAddr address, ViUInt64 val64) {
  poke(__func__, vi, address, val64);
}

ViStatus _VI_FUNC viMemAlloc(ViSession vi, ViBusSize size, ViPBusAddress offset) {
  return allocate(__func__, vi, size, offset);
}

ViStatus _VI_FUNC viMemFree(ViSession vi, ViBusAddress offset) {
  return free_memory(__func__, vi, offset);
}

ViStatus _VI_FUNC viMemAllocEx(ViSession vi, ViBusSize size, ViPBusAddress64 offset) {
  return allocate(__func__, vi, size, offset);
}

ViStatus _VI_FUNC viMemFreeEx(ViSession vi, ViBusAddress64 offset) {
  return free_memory(__func__, vi, offset);
}

}  // extern "C"
