// SPDX-License-Identifier: MIT
// Table B.2 of VXI-11: each number, its status by viOpen and by later calls, and what the user
// reads.
#include "drivers/vxi11/vxi11_error.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::test {
namespace {

using drivers::vxi11::describe_error;
using drivers::vxi11::later_status;
using drivers::vxi11::open_status;

struct Row {
  std::uint32_t error;
  Status at_open;
  Status later;
  const char* text;
};

constexpr Row kTable[] = {
    {0, Status::success, Status::success, "no error"},
    {1, Status::error_inv_rsrc_name, Status::error_io, "does not understand the device name"},
    {3, Status::error_rsrc_nfound, Status::error_io, "device is not accessible"},
    {4, Status::error_system_error, Status::error_io, "does not know this link"},
    {5, Status::error_inv_rsrc_name, Status::error_io, "parameter of the call is wrong"},
    {6, Status::error_system_error, Status::error_nsup_mech, "cannot connect to this computer"},
    {8, Status::error_nsup_oper, Status::error_nsup_oper, "does not support this operation"},
    {9, Status::error_alloc, Status::error_alloc, "too many links are open"},
    {11, Status::error_rsrc_locked, Status::error_rsrc_locked, "holds its lock"},
    {12, Status::error_system_error, Status::error_sesn_nlocked, "holds no lock"},
    {15, Status::error_tmo, Status::error_tmo, "did not finish in time"},
    {17, Status::error_rsrc_nfound, Status::error_io, "I/O error"},
    {21, Status::error_rsrc_nfound, Status::error_io, "no device at this address"},
    {23, Status::error_abort, Status::error_abort, "was aborted"},
    {29, Status::error_system_error, Status::error_system_error, "channel exists already"},
};

const Row* row_of(std::uint32_t error) {
  for (const Row& row : kTable) {
    if (row.error == error) return &row;
  }
  return nullptr;
}

TEST(Vxi11Error, EachNumberOfTheTableHasItsStatusesAndItsText) {
  for (const Row& row : kTable) {
    EXPECT_EQ(open_status(row.error), row.at_open) << row.error;
    EXPECT_EQ(later_status(row.error), row.later) << row.error;
    const std::string text = describe_error(row.error);
    EXPECT_EQ(text.find("VXI-11 error " + std::to_string(row.error) + ": "), 0u) << text;
    EXPECT_NE(text.find(row.text), std::string::npos) << text;
  }
}

TEST(Vxi11Error, NumbersThatTheTableLacksAreFailuresAndLeadToTheManual) {  // B.5.2
  for (const std::uint32_t error : {2u, 7u, 10u, 13u, 14u, 16u, 18u, 22u, 28u, 30u, 1234u,
                                    0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    EXPECT_EQ(open_status(error), Status::error_system_error) << error;
    EXPECT_EQ(later_status(error), Status::error_io) << error;
    EXPECT_EQ(describe_error(error),
              "VXI-11 error " + std::to_string(error) + ": see the manual of the instrument");
  }
}

TEST(Vxi11Error, EveryNumberButZeroFailsAndViOpenGetsNoStatusItDoesNotHave) {
  for (std::uint32_t error = 1; error < 300; ++error) {
    EXPECT_TRUE(failed(open_status(error))) << error;
    EXPECT_TRUE(failed(later_status(error))) << error;
    EXPECT_NE(open_status(error), Status::error_io) << error;
    EXPECT_NE(open_status(error), Status::error_conn_lost) << error;
    EXPECT_NE(later_status(error), Status::error_conn_lost) << error << ": the wire is there";
    EXPECT_EQ(row_of(error) == nullptr, describe_error(error).find("manual") != std::string::npos)
        << error;
  }
}

}  // namespace
}  // namespace visa::test
