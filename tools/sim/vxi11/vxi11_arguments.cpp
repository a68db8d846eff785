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

}  // namespace

bool Vxi11Arguments::read(Vxi11Procedure procedure, XdrReader reader, std::size_t most) {
  switch (procedure) {
    case Vxi11Procedure::create_link:
      reader.integer();  // the client's id: must not change anything
      enable = reader.boolean();
      lock_timeout = reader.number();
      data = reader.opaque(kLongestDeviceName);
      break;
    case Vxi11Procedure::device_write:
      link = reader.integer();
      io_timeout = reader.number();
      lock_timeout = reader.number();
      flags = reader.number();
      data = reader.opaque(most);
      break;
    case Vxi11Procedure::device_read:
      link = reader.integer();
      request_size = reader.number();
      io_timeout = reader.number();
      lock_timeout = reader.number();
      flags = reader.number();
      term_char = static_cast<char>(static_cast<unsigned char>(reader.number() & 0xFFU));
      break;
    case Vxi11Procedure::device_readstb:
    case Vxi11Procedure::device_trigger:
    case Vxi11Procedure::device_clear:
    case Vxi11Procedure::device_remote:
    case Vxi11Procedure::device_local:
      link = reader.integer();
      flags = reader.number();
      lock_timeout = reader.number();
      io_timeout = reader.number();
      break;
    case Vxi11Procedure::device_lock:
      link = reader.integer();
      flags = reader.number();
      lock_timeout = reader.number();
      break;
    case Vxi11Procedure::device_enable_srq:
      link = reader.integer();
      enable = reader.boolean();
      data = reader.opaque(kLongestHandle);
      break;
    case Vxi11Procedure::device_docmd:
      link = reader.integer();
      flags = reader.number();
      io_timeout = reader.number();
      lock_timeout = reader.number();
      command = reader.number();
      network_order = reader.boolean();
      data_size = reader.integer();
      data = reader.opaque(most);
      break;
    case Vxi11Procedure::create_intr_chan:
      host = reader.number();
      port = reader.number();
      program = reader.number();
      version = reader.number();
      family = reader.number();
      break;
    case Vxi11Procedure::destroy_intr_chan:
      break;
    default:  // device_unlock, destroy_link, device_abort
      link = reader.integer();
      break;
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
