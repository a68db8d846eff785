// SPDX-License-Identifier: MIT
// A host of National Instruments' adapters, as the sheet has it.
#pragma once

#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"
#include "tools/sim/dongle/ni_function.h"

namespace visa::sim {

class NiRig : public DongleRig {
 protected:
  explicit NiRig(std::string_view model = "ni-hs") : DongleRig(model) {}

  /// One question and its reply.
  std::string ask(std::string message) { return out(std::move(message)) ? in() : "not taken"; }
  std::string write_registers(std::initializer_list<int> triples) {
    return ask(ni_closed(dongle_bytes({9, static_cast<int>(triples.size() / 3), 0}) +
                         dongle_bytes(triples)));
  }
  std::string plain(int operation, int argument = 0) {
    return ask(ni_closed(dongle_bytes({operation, argument, 0, 0})));
  }
  std::string command(std::initializer_list<int> bytes, int timeout = 0xFB) {
    plain(1, 1);
    return ask(ni_closed(dongle_bytes({0x0C, 0x100 - static_cast<int>(bytes.size()), 0, timeout}) +
                         dongle_bytes(bytes)));
  }
  static std::string write_message(std::string_view data, bool end = true, int timeout = 0xFB) {
    const int count = 0x10000 - static_cast<int>(data.size());
    return ni_closed(
        dongle_bytes({0x0D, count & 0xFF, count >> 8 & 0xFF, timeout, 0, 0, end ? 8 : 0, 0}) +
        std::string(data));
  }
  static std::string read_message(int size, int mode = 0, int stop = 0, int timeout = 0xFB) {
    const int count = 0x10000 - size;
    return ni_closed(dongle_bytes({0x0A, mode, stop, timeout, count & 0xFF, count >> 8 & 0xFF, 0, 0,
                                   9, 2, 0, 1, 0x0A, 0x51, 1, 0x0A, 0x55}));
  }
  /// Registers, IFC, REN, and the throw-away write.
  void start(bool fresh = false) {
    write_registers({1, 0x0A, 2, 1, 0x1C, 3, 1, 0x0A, 0x16, 1, 0x0C, 0, 1, 0x0A, 0});
    plain(0x0F);
    write_registers({1, 0x0A, 0x1F});
    if (fresh) return;
    command({0x3F, 0x40}, 0xF4);
    plain(6);
    ask(write_message("x", false, 0xF2));
    wait_reply();
  }
  std::string wait_reply() {
    if (!put({.endpoint = dongle.model.in, .room = 70000})) {
      const auto done = wait();
      return done ? done->data : "nothing";
    }
    return "at once";
  }
  std::string write(std::string_view data, int pad = 5) {
    command({0x3F, 0x40, 0x20 + pad});
    plain(6);
    return ask(write_message(data));
  }
  void address_talker(int pad = 5) {
    command({0x3F, 0x20, 0x40 + pad});
    plain(6);
  }
  static int error_of(std::string_view reply, std::size_t at = 0) {
    return reply.size() > at + 3 ? static_cast<unsigned char>(reply[at + 3]) : -1;
  }
  static int ibsta_of(std::string_view reply, std::size_t at = 0) {
    if (reply.size() < at + 3) return -1;
    return static_cast<unsigned char>(reply[at + 1]) << 8 |
           static_cast<unsigned char>(reply[at + 2]);
  }
  /// What a reply to a read has of data; the error and ibsta of it are in `error` and `ibsta`.
  std::string data_of(const std::string& reply) {
    constexpr std::size_t kAfter = 28;
    const std::size_t block = dongle.model.short_blocks ? 16 : 32;
    const std::size_t skip = dongle.model.short_blocks ? 1 : 2;
    if (reply.size() < kAfter || (reply.size() - kAfter) % block != 0) return "odd";
    const std::size_t blocks = (reply.size() - kAfter) / block;
    std::string data;
    for (std::size_t i = 0; i < blocks; ++i) data += reply.substr(i * block + skip, block - skip);
    const std::size_t at = blocks * block;
    if (reply[at] != 0x38) return "no status";
    error = error_of(reply, at);
    ibsta = ibsta_of(reply, at);
    if (blocks > 0) {
      data.resize(data.size() - (block - skip) + static_cast<unsigned char>(reply[at + 9]));
    }
    return data;
  }
  std::string read(int size, int mode = 0, int stop = 0) {
    return data_of(ask(read_message(size, mode, stop)));
  }
  std::string arm(int mask) {
    const auto done = control(0xC0, 0x21, 0x0300, mask, 8);
    return done ? done->data : "nothing";
  }

  int error = -1;
  int ibsta = -1;
};

}  // namespace visa::sim
