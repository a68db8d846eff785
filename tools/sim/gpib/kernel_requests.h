// SPDX-License-Identifier: MIT
// The requests of /dev/gpibN that the bench's board understands, as <linux/gpib_ioctl.h> has them.
// Constants and plain structures, whose members lie the same for programs of 32 and 64 bits.
#pragma once

#include <sys/ioctl.h>

#include <cstdint>

namespace visa::sim::gpib_kernel {

/// IBRD, IBWRT, IBCMD: the bytes [completed, requested) of a buffer of the program.
struct Transfer {
  std::uint64_t buffer = 0;
  std::uint32_t requested = 0;
  std::uint32_t completed = 0;
  std::int32_t end = 0;
  std::int32_t handle = 0;
};
struct Wait {
  std::int32_t handle = 0;
  std::int32_t mask = 0;
  std::int32_t clear_mask = 0;
  std::int32_t set_mask = 0;
  std::int32_t status = 0;
  std::int32_t primary = 0;
  std::int32_t secondary = 0;
  std::uint32_t microseconds = 0;
};
struct Poll {
  std::uint32_t primary = 0;
  std::int32_t secondary = 0;  // -1: none
  std::uint8_t status = 0;
  std::uint8_t unused[3] = {};
};
struct PollBytes {
  std::uint32_t count = 0;
  std::uint32_t primary = 0;
  std::int32_t secondary = 0;
};
struct Info {
  std::uint32_t primary = 0;
  std::int32_t secondary = -1;
  std::int32_t parallel_poll = 0;
  std::int32_t automatic_polls = 0;
  std::int32_t system_controller = 1;
  std::uint32_t t1_nanoseconds = 500;
  std::uint32_t flags = 0;
};
struct EndOfString {
  std::int32_t character = 0;
  std::int32_t flags = 0;
};
struct OwnAddress {
  std::uint32_t handle = 0;
  std::int32_t address = 0;
};

inline constexpr unsigned kType = 0xA0;
inline constexpr unsigned long kRead = _IOWR(kType, 100, Transfer);
inline constexpr unsigned long kWrite = _IOWR(kType, 101, Transfer);
inline constexpr unsigned long kCommand = _IOWR(kType, 102, Transfer);
inline constexpr unsigned long kWait = _IOWR(kType, 5, Wait);
inline constexpr unsigned long kInterfaceClear = _IOW(kType, 9, std::uint32_t);
inline constexpr unsigned long kRemoteEnable = _IOW(kType, 10, std::int32_t);
inline constexpr unsigned long kStandby = _IO(kType, 11);
inline constexpr unsigned long kTakeControl = _IOW(kType, 12, std::int32_t);
inline constexpr unsigned long kLines = _IOR(kType, 14, std::int16_t);
inline constexpr unsigned long kPrimary = _IOW(kType, 15, OwnAddress);
inline constexpr unsigned long kSecondary = _IOW(kType, 16, OwnAddress);
inline constexpr unsigned long kTimeout = _IOW(kType, 17, std::uint32_t);
inline constexpr unsigned long kPoll = _IOWR(kType, 18, Poll);
inline constexpr unsigned long kEndOfString = _IOW(kType, 19, EndOfString);
inline constexpr unsigned long kStatusByte = _IOW(kType, 20, std::uint8_t);
inline constexpr unsigned long kMutex = _IOW(kType, 26, std::int32_t);
inline constexpr unsigned long kPollBytes = _IOWR(kType, 27, PollBytes);
inline constexpr unsigned long kInfo = _IOR(kType, 29, Info);
inline constexpr unsigned long kEvent = _IOR(kType, 33, std::int16_t);

// The status of kWait.
inline constexpr std::int32_t kTimedOut = 0x4000;
inline constexpr std::int32_t kServiceLine = 0x1000;
inline constexpr std::int32_t kComplete = 0x0100;
inline constexpr std::int32_t kRemote = 0x0040;
inline constexpr std::int32_t kInCharge = 0x0020;
inline constexpr std::int32_t kAttention = 0x0010;
inline constexpr std::int32_t kTalks = 0x0008;
inline constexpr std::int32_t kListens = 0x0004;

/// kEndOfString: a read ends at the character.
inline constexpr std::int32_t kEndReads = 0x0400;

// kLines: which lines the board sees, and eight bits higher their levels.
inline constexpr unsigned kAllLines = 0xFF;
inline constexpr unsigned kNdac = 0x02;
inline constexpr unsigned kRen = 0x10;
inline constexpr unsigned kSrq = 0x20;
inline constexpr unsigned kAtn = 0x40;

}  // namespace visa::sim::gpib_kernel
