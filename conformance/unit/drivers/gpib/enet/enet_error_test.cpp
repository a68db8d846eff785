// SPDX-License-Identifier: MIT
#include "drivers/gpib/enet/enet_error.h"

#include <gtest/gtest.h>

namespace visa::drivers::gpib::enet {
namespace {

TEST(EnetError, EachCodeHasItsStatus) {
  const struct {
    std::uint16_t error;
    Status status;
  } rows[] = {{0x00, Status::error_system_error},
              {0x01, Status::error_ncic},
              {0x02, Status::error_nlisteners},
              {0x03, Status::error_io},
              {0x04, Status::error_system_error},
              {0x05, Status::error_nsys_cntlr},
              {0x06, Status::error_io},
              {0x07, Status::error_io},
              {0x0A, Status::error_tmo},
              {0x0B, Status::error_nsup_oper},
              {0x0C, Status::error_io},
              {0x0D, Status::error_system_error},
              {0x0E, Status::success},
              {0x0F, Status::error_io},
              {0x77, Status::error_io}};
  for (const auto& row : rows) {
    Call call(Deadline::infinite());
    EXPECT_EQ(outcome({kError | kComplete, row.error, 0}, "box", call), row.status) << row.error;
    EXPECT_EQ(outcome({kComplete, row.error, 0}, "box", call), Status::success);
  }
}

TEST(EnetError, ATimeoutIsOneWhateverTheCode) {
  Call call(Deadline::infinite());
  EXPECT_EQ(outcome({kError | kTimedOut | kComplete, 6, 0}, "box", call), Status::error_tmo);
  EXPECT_NE(call.detail.find("box"), std::string::npos);
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
