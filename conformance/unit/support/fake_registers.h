// SPDX-License-Identifier: MIT
// The registers of a bus for tests of the C API: answers one value, fails as the test says, and
// keeps what it was asked last. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "lib/spi/register_facets.h"

namespace visa::test {

class FakeRegisters final : public spi::RegisterFacet {
 public:
  // The script.
  Status status = Status::success;
  std::uint64_t value = 0x1122334455667788;

  // What was asked last, and how often anything was asked.
  int calls = 0;
  spi::BusPlace from{};
  spi::BusPlace to{};
  spi::Width from_width{};
  spi::Width to_width{};
  std::size_t count = 0;
  std::uint64_t written = 0;
  spi::RegisterRule rule;

  Result<std::uint64_t> in(spi::BusPlace place, spi::Width width, const spi::RegisterRule& how,
                           Call&) override {
    note(place, width, {}, {}, 1, how);
    if (failed(status)) return status;
    return value;
  }
  Status out(spi::BusPlace place, spi::Width width, std::uint64_t what,
             const spi::RegisterRule& how, Call&) override {
    note({}, {}, place, width, 1, how);
    written = what;
    return status;
  }
  /// Every byte of the caller's memory becomes 0x5A.
  Status move_in(spi::BusPlace place, spi::Width width, std::size_t elements, void* into,
                 const spi::RegisterRule& how, Call&) override {
    note(place, width, {}, {}, elements, how);
    if (ok(status) && elements > 0) {
      std::memset(into, 0x5A, elements * static_cast<std::size_t>(width));
    }
    return status;
  }
  /// Adds up the bytes of the caller's memory.
  Status move_out(spi::BusPlace place, spi::Width width, std::size_t elements, const void* data,
                  const spi::RegisterRule& how, Call&) override {
    note({}, {}, place, width, elements, how);
    written = 0;
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < elements * static_cast<std::size_t>(width); ++i) {
      written += bytes[i];
    }
    return status;
  }
  Status move(spi::BusPlace source, spi::Width source_width, spi::BusPlace target,
              spi::Width target_width, std::size_t elements, const spi::RegisterRule& how,
              Call&) override {
    note(source, source_width, target, target_width, elements, how);
    return status;
  }

 private:
  void note(spi::BusPlace source, spi::Width source_width, spi::BusPlace target,
            spi::Width target_width, std::size_t elements, const spi::RegisterRule& how) {
    ++calls;
    from = source;
    from_width = source_width;
    to = target;
    to_width = target_width;
    count = elements;
    rule = how;
  }
};

}  // namespace visa::test
