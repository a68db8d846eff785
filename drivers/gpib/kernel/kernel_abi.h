// SPDX-License-Identifier: MIT
// What the Linux kernel (6.13 and later, or the modules of linux-gpib) understands on /dev/gpibN:
// the numbers and layouts of <linux/gpib.h> and <linux/gpib_ioctl.h>, which older kernel headers do
// not have. They are the same for 32-bit and 64-bit programs: every member has its natural
// alignment, and pointers are passed as 64-bit numbers. Constants and plain structures.
#pragma once

#include <sys/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace visa::drivers::gpib::kernel {

/// IBRD, IBWRT, IBCMD: the bytes [completed, requested) of a buffer. `completed` says afterwards
/// how far the transfer came, also after an error.
struct Transfer {
  std::uint64_t buffer = 0;
  std::uint32_t requested = 0;
  std::uint32_t completed = 0;
  std::int32_t end = 0;     // in: EOI with the last byte of a write; out: a read ended by END
  std::int32_t handle = 0;  // 0: the board
};

/// IBWAIT. Without kTimeout in `mask` the time never ends it. A mask of 0 waits for nothing.
struct Wait {
  std::int32_t handle = 0;
  std::int32_t mask = 0;
  std::int32_t clear_mask = 0;
  std::int32_t set_mask = 0;
  std::int32_t status = 0;
  std::int32_t primary = 0;    // both unused: the handle decides
  std::int32_t secondary = 0;  //
  std::uint32_t microseconds = 0;
};

/// IBRSP. `secondary` is 0 to 30, or kNoSecondary.
struct SerialPoll {
  std::uint32_t primary = 0;
  std::int32_t secondary = 0;
  std::uint8_t status = 0;
  std::uint8_t unused[3] = {};
};

/// IBSPOLL_BYTES: how many status bytes the kernel's automatic polls have queued for a device.
struct QueuedPolls {
  std::uint32_t count = 0;
  std::uint32_t primary = 0;
  std::int32_t secondary = 0;
};

/// IBBOARD_INFO.
struct BoardInfo {
  std::uint32_t primary = 0;
  std::int32_t secondary = 0;
  std::int32_t parallel_poll = 0;
  std::int32_t automatic_polls = 0;  // by any program
  std::int32_t system_controller = 0;
  std::uint32_t t1_nanoseconds = 0;
  std::uint32_t flags = 0;
};

/// IBEOS.
struct EndOfString {
  std::int32_t character = 0;
  std::int32_t flags = 0;
};

/// IBPAD and IBSAD with handle 0 move the board for every program.
struct Primary {
  std::uint32_t handle = 0;
  std::uint32_t address = 0;
};
struct Secondary {
  std::uint32_t handle = 0;
  std::int32_t address = 0;
};

static_assert(sizeof(Transfer) == 24 && offsetof(Transfer, handle) == 20);
static_assert(sizeof(Wait) == 32 && offsetof(Wait, status) == 16);
static_assert(sizeof(SerialPoll) == 12 && offsetof(SerialPoll, status) == 8);
static_assert(sizeof(QueuedPolls) == 12);
static_assert(sizeof(BoardInfo) == 28 && offsetof(BoardInfo, flags) == 24);
static_assert(sizeof(EndOfString) == 8 && sizeof(Primary) == 8 && sizeof(Secondary) == 8);

inline constexpr std::int32_t kNoSecondary = -1;
inline constexpr int kMostBoards = 16;

// The requests. Those marked M need the board's mutex (kMutex), which belongs to the *thread* that
// took it; all but kInfo, kMutex and the addresses need the board to be online.
inline constexpr unsigned kType = 0xA0;
inline constexpr unsigned long kRead = _IOWR(kType, 100, Transfer);     // M
inline constexpr unsigned long kWrite = _IOWR(kType, 101, Transfer);    // M
inline constexpr unsigned long kCommand = _IOWR(kType, 102, Transfer);  // M
inline constexpr unsigned long kWait = _IOWR(kType, 5, Wait);
inline constexpr unsigned long kInterfaceClear = _IOW(kType, 9, std::uint32_t);  // M
inline constexpr unsigned long kRemoteEnable = _IOW(kType, 10, std::int32_t);    // M
inline constexpr unsigned long kStandby = _IO(kType, 11);                        // M
inline constexpr unsigned long kTakeControl = _IOW(kType, 12, std::int32_t);     // M
inline constexpr unsigned long kLines = _IOR(kType, 14, std::int16_t);
inline constexpr unsigned long kPrimary = _IOW(kType, 15, Primary);
inline constexpr unsigned long kSecondary = _IOW(kType, 16, Secondary);
inline constexpr unsigned long kTimeout = _IOW(kType, 17, std::uint32_t);    // M
inline constexpr unsigned long kSerialPoll = _IOWR(kType, 18, SerialPoll);   // M
inline constexpr unsigned long kEndOfString = _IOW(kType, 19, EndOfString);  // M
inline constexpr unsigned long kStatusByte = _IOW(kType, 20, std::uint8_t);  // M
inline constexpr unsigned long kMutex = _IOW(kType, 26, std::int32_t);
inline constexpr unsigned long kQueuedPolls = _IOWR(kType, 27, QueuedPolls);
inline constexpr unsigned long kInfo = _IOR(kType, 29, BoardInfo);
inline constexpr unsigned long kEvent = _IOR(kType, 33, std::int16_t);
inline constexpr unsigned long kSystemControl = _IOW(kType, 34, std::int32_t);  // M

// The status of kWait; the first two also in its masks.
inline constexpr std::int32_t kTimedOut = 0x4000;
inline constexpr std::int32_t kServiceRequest = 0x1000;
inline constexpr std::int32_t kEventPending = 0x0200;
inline constexpr std::int32_t kRemote = 0x0040;
inline constexpr std::int32_t kControllerInCharge = 0x0020;
inline constexpr std::int32_t kAttention = 0x0010;
inline constexpr std::int32_t kTalker = 0x0008;
inline constexpr std::int32_t kListener = 0x0004;
inline constexpr std::int32_t kTriggered = 0x0002;
inline constexpr std::int32_t kCleared = 0x0001;
/// Bits above these mean that the driver of the board has failed: the adapter was pulled out.
inline constexpr std::int32_t kStatusBits = 0xFFFF;

// kEndOfString: a read ends at the character; all eight bits are compared.
inline constexpr std::int32_t kEndReads = 0x0400;
inline constexpr std::int32_t kEightBits = 0x1000;

// kLines: which lines the board can see, and, eight bits higher, their levels.
inline constexpr unsigned kDav = 0x01;
inline constexpr unsigned kNdac = 0x02;
inline constexpr unsigned kNrfd = 0x04;
inline constexpr unsigned kIfc = 0x08;
inline constexpr unsigned kRen = 0x10;
inline constexpr unsigned kSrq = 0x20;
inline constexpr unsigned kAtn = 0x40;
inline constexpr unsigned kEoi = 0x80;

// kEvent.
inline constexpr std::int16_t kNoEvent = 0;
inline constexpr std::int16_t kTriggerEvent = 1;
inline constexpr std::int16_t kClearEvent = 2;

}  // namespace visa::drivers::gpib::kernel
