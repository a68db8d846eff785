// SPDX-License-Identifier: MIT
// The numbers as the kernel's headers give them, on processors with the usual encoding.
#include "drivers/gpib/kernel/kernel_abi.h"

#include <gtest/gtest.h>

namespace visa::drivers::gpib::kernel {
namespace {

#if !defined(__mips__) && !defined(__powerpc__) && !defined(__sparc__) && !defined(__alpha__)
TEST(KernelAbi, RequestsHaveTheKernelsNumbers) {
  EXPECT_EQ(kRead, 0xc018a064u);
  EXPECT_EQ(kWrite, 0xc018a065u);
  EXPECT_EQ(kCommand, 0xc018a066u);
  EXPECT_EQ(kWait, 0xc020a005u);
  EXPECT_EQ(kInterfaceClear, 0x4004a009u);
  EXPECT_EQ(kRemoteEnable, 0x4004a00au);
  EXPECT_EQ(kStandby, 0x0000a00bu);
  EXPECT_EQ(kTakeControl, 0x4004a00cu);
  EXPECT_EQ(kLines, 0x8002a00eu);
  EXPECT_EQ(kPrimary, 0x4008a00fu);
  EXPECT_EQ(kSecondary, 0x4008a010u);
  EXPECT_EQ(kTimeout, 0x4004a011u);
  EXPECT_EQ(kSerialPoll, 0xc00ca012u);
  EXPECT_EQ(kEndOfString, 0x4008a013u);
  EXPECT_EQ(kStatusByte, 0x4001a014u);
  EXPECT_EQ(kMutex, 0x4004a01au);
  EXPECT_EQ(kQueuedPolls, 0xc00ca01bu);
  EXPECT_EQ(kInfo, 0x801ca01du);
  EXPECT_EQ(kEvent, 0x8002a021u);
  EXPECT_EQ(kSystemControl, 0x4004a022u);
}
#endif

TEST(KernelAbi, LayoutsAreTheSameOnAnyProcessor) {
  EXPECT_EQ(offsetof(Transfer, requested), 8u);
  EXPECT_EQ(offsetof(Transfer, completed), 12u);
  EXPECT_EQ(offsetof(Transfer, end), 16u);
  EXPECT_EQ(offsetof(Wait, mask), 4u);
  EXPECT_EQ(offsetof(Wait, microseconds), 28u);
  EXPECT_EQ(offsetof(SerialPoll, secondary), 4u);
  EXPECT_EQ(offsetof(BoardInfo, automatic_polls), 12u);
  EXPECT_EQ(offsetof(BoardInfo, system_controller), 16u);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
