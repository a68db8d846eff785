// SPDX-License-Identifier: MIT
// viIn8 to viOut64Ex: place, width and value reach the wire, and exactly the width of the value is
// written into the caller's memory. Bad handles are in bad_handles_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include "conformance/unit/support/fake_registers.h"
#include "conformance/unit/support/visa_session.h"

namespace visa::abi {
namespace {

constexpr const char* kVxi = "VXI0::1::INSTR";
constexpr std::uint64_t kFar = 0x123456789A;

template <class T>
struct Access {
  ViStatus(_VI_FUNC* in)(ViSession, ViUInt16, ViBusAddress, T*);
  ViStatus(_VI_FUNC* in_ex)(ViSession, ViUInt16, ViBusAddress64, T*);
  ViStatus(_VI_FUNC* out)(ViSession, ViUInt16, ViBusAddress, T);
  ViStatus(_VI_FUNC* out_ex)(ViSession, ViUInt16, ViBusAddress64, T);
};

class RegisterAccess : public test::VisaSession {
 protected:
  RegisterAccess() {
    std::shared_ptr<test::FakeWire> wire;
    session_ = open(kVxi, wire);
    wire->offers({.registers = &registers_});
  }

  /// `check(Access<T>)` for each of the four widths.
  template <class Check>
  static void for_each_width(Check check) {
    check(Access<ViUInt8>{viIn8, viIn8Ex, viOut8, viOut8Ex});
    check(Access<ViUInt16>{viIn16, viIn16Ex, viOut16, viOut16Ex});
    check(Access<ViUInt32>{viIn32, viIn32Ex, viOut32, viOut32Ex});
    check(Access<ViUInt64>{viIn64, viIn64Ex, viOut64, viOut64Ex});
  }

  test::FakeRegisters registers_;
  ViSession session_ = VI_NULL;
};

TEST_F(RegisterAccess, AReadWritesTheWidthOfItsValueAndNoMore) {
  for_each_width([&]<class T>(const Access<T>& access) {
    T room[3] = {static_cast<T>(~T{0}), 0, static_cast<T>(~T{0})};
    EXPECT_EQ(access.in(session_, VI_A24_SPACE, 0x20, &room[1]), VI_SUCCESS);
    EXPECT_EQ(room[1], static_cast<T>(registers_.value));
    EXPECT_EQ(room[0], static_cast<T>(~T{0}));
    EXPECT_EQ(room[2], static_cast<T>(~T{0}));
    EXPECT_EQ(registers_.from.space, VI_A24_SPACE);
    EXPECT_EQ(registers_.from.offset, 0x20u);
    EXPECT_EQ(static_cast<std::size_t>(registers_.from_width), sizeof(T));
    EXPECT_EQ(access.in_ex(session_, VI_A64_SPACE, kFar, &room[1]), VI_SUCCESS);
    EXPECT_EQ(registers_.from.space, VI_A64_SPACE);
    EXPECT_EQ(registers_.from.offset, kFar);
  });
}

TEST_F(RegisterAccess, AWriteCarriesItsValue) {
  for_each_width([&]<class T>(const Access<T>& access) {
    const T most = static_cast<T>(~T{0});
    EXPECT_EQ(access.out(session_, VI_A16_SPACE, 0x3E, most), VI_SUCCESS);
    EXPECT_EQ(registers_.written, std::uint64_t{most}) << "without a sign";
    EXPECT_EQ(registers_.to.space, VI_A16_SPACE);
    EXPECT_EQ(registers_.to.offset, 0x3Eu);
    EXPECT_EQ(static_cast<std::size_t>(registers_.to_width), sizeof(T));
    EXPECT_EQ(access.out_ex(session_, VI_A64_SPACE, kFar, T{1}), VI_SUCCESS);
    EXPECT_EQ(registers_.to.offset, kFar);
    EXPECT_EQ(registers_.written, 1u);
  });
}

TEST_F(RegisterAccess, ANullPointerReachesNoRegister) {
  for_each_width([&]<class T>(const Access<T>& access) {
    EXPECT_EQ(access.in(session_, VI_A16_SPACE, 0, nullptr), VI_ERROR_USER_BUF);
    EXPECT_EQ(access.in_ex(session_, VI_A16_SPACE, 0, nullptr), VI_ERROR_USER_BUF);
  });
  EXPECT_EQ(registers_.calls, 0);
}

TEST_F(RegisterAccess, FailuresPassThroughAndWriteNothing) {
  const std::pair<Status, ViStatus> kFailures[] = {
      {Status::error_berr, VI_ERROR_BERR},
      {Status::error_inv_space, VI_ERROR_INV_SPACE},
      {Status::error_inv_offset, VI_ERROR_INV_OFFSET},
      {Status::error_nsup_offset, VI_ERROR_NSUP_OFFSET},
      {Status::error_nsup_width, VI_ERROR_NSUP_WIDTH},
      {Status::error_nsup_align_offset, VI_ERROR_NSUP_ALIGN_OFFSET}};
  for (const auto& [status, answer] : kFailures) {
    registers_.status = status;
    for_each_width([&, code = answer]<class T>(const Access<T>& access) {
      T value = 77;
      EXPECT_EQ(access.in(session_, VI_A16_SPACE, 1, &value), code);
      EXPECT_EQ(access.in_ex(session_, VI_A16_SPACE, 1, &value), code);
      EXPECT_EQ(value, 77);
      EXPECT_EQ(access.out(session_, VI_A16_SPACE, 1, value), code);
      EXPECT_EQ(access.out_ex(session_, VI_A16_SPACE, 1, value), code);
    });
  }
}

TEST_F(RegisterAccess, AsksForTheLock) {
  const ViSession other = open(kVxi);
  ASSERT_EQ(viLock(other, VI_EXCLUSIVE_LOCK, 0, VI_NULL, VI_NULL), VI_SUCCESS);
  for_each_width([&]<class T>(const Access<T>& access) {
    T value = 0;
    EXPECT_EQ(access.in(session_, VI_A16_SPACE, 0, &value), VI_ERROR_RSRC_LOCKED);
    EXPECT_EQ(access.out(session_, VI_A16_SPACE, 0, value), VI_ERROR_RSRC_LOCKED);
  });
  EXPECT_EQ(registers_.calls, 0);
}

TEST_F(RegisterAccess, FollowsTheAttributesOfTheSession) {
  ViUInt16 value = 0;
  EXPECT_EQ(viIn16(session_, VI_A16_SPACE, 0, &value), VI_SUCCESS);
  EXPECT_EQ(registers_.rule.source_order, VI_BIG_ENDIAN);
  ASSERT_EQ(set(session_, VI_ATTR_SRC_BYTE_ORDER, VI_LITTLE_ENDIAN), VI_SUCCESS);
  ASSERT_EQ(set(session_, VI_ATTR_DEST_ACCESS_PRIV, VI_PROG_PRIV), VI_SUCCESS);
  EXPECT_EQ(viOut16(session_, VI_A16_SPACE, 0, 1), VI_SUCCESS);
  EXPECT_EQ(registers_.rule.source_order, VI_LITTLE_ENDIAN);
  EXPECT_EQ(registers_.rule.destination_order, VI_BIG_ENDIAN);
  EXPECT_EQ(registers_.rule.destination_access, VI_PROG_PRIV);
}

}  // namespace
}  // namespace visa::abi
