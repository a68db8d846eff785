// SPDX-License-Identifier: MIT
// A host of Agilent's adapters, as the sheet has it.
#pragma once

#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"
#include "tools/sim/dongle/agilent_function.h"

namespace visa::sim {

class AgilentRig : public DongleRig {
 protected:
  explicit AgilentRig(std::string_view model = "82357b-clone") : DongleRig(model) {}

  std::string ask(std::string message) { return out(std::move(message)) ? in(64) : "not taken"; }
  std::string write_registers(std::initializer_list<int> pairs) {
    return ask(dongle_bytes({4, static_cast<int>(pairs.size() / 2)}) + dongle_bytes(pairs));
  }
  std::string read_registers(std::initializer_list<int> addresses) {
    return ask(dongle_bytes({5, static_cast<int>(addresses.size())}) + dongle_bytes(addresses));
  }
  void start() {
    write_registers({0x0B, 0x20, 0x0C, 0x01});
    write_registers({0x04, 0, 0x0D, 1, 0x0B, 1, 0x03, 0x11, 0x0A, 0xAF});
    write_registers({0x03, 0x8F});
    write_registers({0x03, 0x0F, 0x03, 0x90});
  }
  static std::string length_bytes(std::size_t size) {
    return dongle_bytes({static_cast<int>(size & 0xFF), static_cast<int>(size >> 8 & 0xFF),
                         static_cast<int>(size >> 16 & 0xFF), 0});
  }
  static std::string write_message(std::string_view data, int flags) {
    return dongle_bytes({1, 0, 0, flags}) + length_bytes(data.size()) + std::string(data);
  }
  static std::string read_message(std::size_t size, int flags = 3, int stop = 0) {
    return dongle_bytes({3, 0, 0, flags}) + length_bytes(size) + static_cast<char>(stop);
  }
  /// How much of the last message has gone; -1 while it is under way.
  int written() {
    const auto done = control(0xC0, 4, 0xB0, 0, 8);
    if (done)
      return static_cast<unsigned char>(done->data[2]) | static_cast<unsigned char>(done->data[3])
                                                             << 8;
    device->cancel(last_id);
    finished.clear();
    return -1;
  }
  std::string abort(int flush) { return control(0xC0, 4, 0xA0, flush, 2)->data; }
  int command(std::initializer_list<int> bytes) {
    out(write_message(dongle_bytes(bytes), 0x1E));
    return written();
  }
  void standby() { write_registers({0x03, 0x0B}); }
  int write(std::string_view data, int pad = 5) {
    command({0x3F, 0x40, 0x20 + pad});
    standby();
    out(write_message(data, 0x0B));
    return written();
  }
  void address_talker(int pad = 5) {
    command({0x3F, 0x20, 0x40 + pad});
    standby();
  }
  /// Data and the byte after it, which goes into `why`.
  std::string read(std::size_t size, int flags = 3, int stop = 0) {
    if (!out(read_message(size, flags, stop))) return "not taken";
    return without_end(in(size + 1));
  }
  std::string without_end(std::string data) {
    why = data.empty() ? -1 : static_cast<unsigned char>(data.back());
    if (!data.empty()) data.pop_back();
    return data;
  }

  int why = -1;
};

}  // namespace visa::sim
