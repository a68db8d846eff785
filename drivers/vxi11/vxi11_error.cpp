// SPDX-License-Identifier: MIT
// Table B.2 of VXI-11. An unknown or device-defined number is reported as a failure (B.5.2).
#include "drivers/vxi11/vxi11_error.h"

#include <string_view>

namespace visa::drivers::vxi11 {
namespace {

struct Row {
  std::uint32_t error;
  Status at_open;
  Status later;
  std::string_view text;
};

constexpr Row kRows[] = {
    {0, Status::success, Status::success, "no error"},
    {1, Status::error_inv_rsrc_name, Status::error_io,
     "the instrument does not understand the device name"},
    {3, Status::error_rsrc_nfound, Status::error_io, "the device is not accessible"},
    {4, Status::error_system_error, Status::error_io, "the instrument does not know this link"},
    {5, Status::error_inv_rsrc_name, Status::error_io, "a parameter of the call is wrong"},
    {6, Status::error_system_error, Status::error_nsup_mech,
     "the instrument cannot connect to this computer for its interrupts; does a firewall block "
     "it?"},
    {8, Status::error_nsup_oper, Status::error_nsup_oper,
     "the instrument does not support this operation"},
    {9, Status::error_alloc, Status::error_alloc,
     "the instrument is out of resources; too many links are open to it"},
    {11, Status::error_rsrc_locked, Status::error_rsrc_locked,
     "another link to the instrument holds its lock: another program, or another computer"},
    {12, Status::error_system_error, Status::error_sesn_nlocked, "this link holds no lock"},
    {15, Status::error_tmo, Status::error_tmo, "the instrument did not finish in time"},
    {17, Status::error_rsrc_nfound, Status::error_io, "the instrument reports an I/O error"},
    {21, Status::error_rsrc_nfound, Status::error_io, "there is no device at this address"},
    {23, Status::error_abort, Status::error_abort, "the operation was aborted"},
    {29, Status::error_system_error, Status::error_system_error,
     "the interrupt channel exists already"},
};

const Row* find(std::uint32_t error) noexcept {
  for (const Row& row : kRows) {
    if (row.error == error) return &row;
  }
  return nullptr;
}

}  // namespace

Status open_status(std::uint32_t error) noexcept {
  const Row* row = find(error);
  return row == nullptr ? Status::error_system_error : row->at_open;
}

Status later_status(std::uint32_t error) noexcept {
  const Row* row = find(error);
  return row == nullptr ? Status::error_io : row->later;
}

std::string describe_error(std::uint32_t error) {
  const Row* row = find(error);
  std::string text = "VXI-11 error " + std::to_string(error) + ": ";
  return text.append(row == nullptr ? "see the manual of the instrument" : row->text);
}

}  // namespace visa::drivers::vxi11
