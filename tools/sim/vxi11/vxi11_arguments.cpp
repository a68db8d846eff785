// SPDX-License-Identifier: MIT
// VXI-11 appendix B. Note the order of the two timeouts: Device_GenericParms has the lock's first,
// read, write and docmd the other way round.
#include "tools/sim/vxi11/vxi11_arguments.h"

#include <array>
#include <cstdio>

namespace visa::sim {
namespace {

constexpr std::size_t kLongestHandle = 40;
constexpr std::size_t kLongestDeviceName = 256;

// Takes one argument off the call; `most`: bytes of data.
using Field = void (*)(Vxi11Arguments& into, XdrReader& from, std::size_t most);

template <auto kMember>
void number(Vxi11Arguments& into, XdrReader& from, std::size_t) {
  into.*kMember = from.number();
}
template <auto kMember>
void integer(Vxi11Arguments& into, XdrReader& from, std::size_t) {
  into.*kMember = from.integer();
}
template <auto kMember>
void boolean(Vxi11Arguments& into, XdrReader& from, std::size_t) {
  into.*kMember = from.boolean();
}
template <std::size_t kMost>
void opaque(Vxi11Arguments& into, XdrReader& from, std::size_t) {
  into.data = from.opaque(kMost);
}
void payload(Vxi11Arguments& into, XdrReader& from, std::size_t most) {
  into.data = from.opaque(most);
}
void character(Vxi11Arguments& into, XdrReader& from, std::size_t) {
  into.term_char = static_cast<char>(static_cast<unsigned char>(from.number() & 0xFFU));
}
// The client's id: must not change anything.
void passed_over(Vxi11Arguments&, XdrReader& from, std::size_t) {
  from.integer();
}

using A = Vxi11Arguments;
constexpr Field kLink = integer<&A::link>;
constexpr Field kFlags = number<&A::flags>;
constexpr Field kIoTimeout = number<&A::io_timeout>;
constexpr Field kLockTimeout = number<&A::lock_timeout>;
constexpr Field kEnable = boolean<&A::enable>;

using Layout = std::array<Field, 8>;  // null where there are fewer
constexpr Layout kLinkOnly = {kLink};
constexpr Layout kGenericParms = {kLink, kFlags, kLockTimeout, kIoTimeout};

// In the order of Vxi11Procedure.
constexpr std::array<Layout, kVxi11Procedures.size()> kLayouts = {{
    {passed_over, kEnable, kLockTimeout, opaque<kLongestDeviceName>},                // create_link
    {kLink, kIoTimeout, kLockTimeout, kFlags, payload},                              // device_write
    {kLink, number<&A::request_size>, kIoTimeout, kLockTimeout, kFlags, character},  // device_read
    kGenericParms,                             // device_readstb
    kGenericParms,                             // device_trigger
    kGenericParms,                             // device_clear
    kGenericParms,                             // device_remote
    kGenericParms,                             // device_local
    {kLink, kFlags, kLockTimeout},             // device_lock
    kLinkOnly,                                 // device_unlock
    {kLink, kEnable, opaque<kLongestHandle>},  // device_enable_srq
    {kLink, kFlags, kIoTimeout, kLockTimeout, number<&A::command>, boolean<&A::network_order>,
     integer<&A::data_size>, payload},  // device_docmd
    kLinkOnly,                          // destroy_link
    {number<&A::host>, number<&A::port>, number<&A::program>, number<&A::version>,
     number<&A::family>},  // create_intr_chan
    {},                    // destroy_intr_chan
    kLinkOnly,             // device_abort
}};

}  // namespace

bool Vxi11Arguments::read(Vxi11Procedure procedure, XdrReader reader, std::size_t most) {
  for (const Field field : kLayouts[static_cast<std::size_t>(procedure)]) {
    if (field != nullptr) field(*this, reader, most);
  }
  return reader.good();
}

std::string Vxi11Arguments::text(const RpcProcedure& procedure) const {
  std::string out(procedure.name);
  std::array<char, 160> part{};
  const auto put = [&](auto... values) {
    std::snprintf(part.data(), part.size(), values...);
    out += part.data();
  };
  switch (identify(procedure)) {
    case Vxi11Procedure::create_link:
      put(" lock=%u lock_timeout=%u device=", enable ? 1U : 0U, lock_timeout);
      out.append(data);
      break;
    case Vxi11Procedure::device_write:
      put(" lid=%d io=%u lock=%u flags=0x%x size=%zu", link, io_timeout, lock_timeout, flags,
          data.size());
      break;
    case Vxi11Procedure::device_read:
      put(" lid=%d request=%u io=%u lock=%u flags=0x%x term=%u", link, request_size, io_timeout,
          lock_timeout, flags, static_cast<unsigned>(static_cast<unsigned char>(term_char)));
      break;
    case Vxi11Procedure::device_enable_srq:
      put(" lid=%d enable=%u handle=%zu", link, enable ? 1U : 0U, data.size());
      break;
    case Vxi11Procedure::device_docmd:
      put(" lid=%d io=%u lock=%u flags=0x%x cmd=0x%x order=%u datasize=%d size=%zu", link,
          io_timeout, lock_timeout, flags, command, network_order ? 1U : 0U, data_size,
          data.size());
      break;
    case Vxi11Procedure::create_intr_chan:
      put(" host=0x%x port=%u program=0x%x version=%u family=%u", host, port, program, version,
          family);
      break;
    case Vxi11Procedure::destroy_intr_chan:
      break;
    case Vxi11Procedure::device_lock:
      put(" lid=%d flags=0x%x lock=%u", link, flags, lock_timeout);
      break;
    case Vxi11Procedure::device_unlock:
    case Vxi11Procedure::destroy_link:
    case Vxi11Procedure::device_abort:
      put(" lid=%d", link);
      break;
    default:
      put(" lid=%d flags=0x%x lock=%u io=%u", link, flags, lock_timeout, io_timeout);
      break;
  }
  return out;
}

}  // namespace visa::sim
