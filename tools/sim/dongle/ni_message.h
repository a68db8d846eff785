// SPDX-License-Identifier: MIT
// The messages of National Instruments' USB adapters: blocks, zero bytes up to a multiple of 4, and
// a terminator. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

/// The byte that begins a block.
enum class NiOperation : std::uint8_t {
  take_control = 0x01,
  standby = 0x06,
  parallel_poll = 0x07,
  read_registers = 0x08,
  write_registers = 0x09,
  read = 0x0A,
  command = 0x0C,
  write = 0x0D,
  interface_clear = 0x0F,
};

/// Error codes of a status block.
enum class NiError : std::uint8_t {
  none = 0,
  aborted = 1,
  atn = 2,         ///< a read while ATN is asserted
  addressing = 3,  ///< the adapter is no talker, or no listener
  parameter = 4,
  no_device = 5,    ///< command bytes on an empty bus
  no_listener = 8,  ///< data
  timeout = 0x0A,
};

struct NiRegister {
  std::uint8_t device = 0;
  std::uint8_t address = 0;
  std::uint8_t value = 0;
};

struct NiMessage {
  NiOperation operation = NiOperation::standby;
  std::uint8_t argument = 0;  ///< take control: synchronously; read: how it ends; write: with END
  std::uint8_t end_byte = 0;
  std::uint8_t timeout = 0;  ///< its code
  std::size_t count = 0;     ///< bytes that are wanted
  std::string data = {};
  std::vector<NiRegister> registers = {};
};

struct NiParsed {
  enum class Kind : std::uint8_t { more, message, mistake };
  Kind kind = Kind::more;
  std::size_t size = 0;  ///< of the message, with its terminator
  NiMessage message = {};
  bool padded = true;             ///< with zero bytes
  std::string_view mistake = {};  ///< what is wrong
};

/// Reads the message that `bytes` begin with.
NiParsed parse_ni_message(std::string_view bytes);

/// Eight bytes. `rest`: bytes that were wanted and not transferred.
std::string ni_status_block(std::uint8_t id, std::uint16_t ibsta, NiError error, std::size_t rest);
/// Up to a multiple of 4, and the terminator.
std::string ni_closed(std::string bytes);
/// The data blocks of a read: 36 and 15 bytes each, or 37 00 and 30.
std::string ni_data_blocks(std::string_view data, bool short_blocks);
/// Bytes in the last of these blocks; 0 where there is none.
std::uint8_t ni_last_block(std::size_t size, bool short_blocks);

}  // namespace visa::sim
