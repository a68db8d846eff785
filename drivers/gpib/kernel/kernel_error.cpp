// SPDX-License-Identifier: MIT
// One table; the first row that fits counts. Rows of one step stand before those of all.
#include "drivers/gpib/kernel/kernel_error.h"

#include <cerrno>
#include <initializer_list>
#include <string_view>

namespace visa::drivers::gpib::kernel {
namespace {

constexpr std::uint32_t bit(Step step) noexcept {
  return std::uint32_t{1} << static_cast<unsigned>(step);
}
constexpr std::uint32_t steps(std::initializer_list<Step> list) noexcept {
  std::uint32_t mask = 0;
  for (const Step step : list) mask |= bit(step);
  return mask;
}
constexpr std::uint32_t kOpening = steps({Step::open, Step::look});
constexpr std::uint32_t kBus = steps({Step::command, Step::write, Step::read});
constexpr std::uint32_t kEvery = ~std::uint32_t{0};

struct Row {
  std::uint32_t steps;
  int error;
  Status status;
  std::string_view text;
};

constexpr std::string_view kNotController =
    "this board is not controller in charge; send an interface clear (viGpibSendIFC), or take "
    "control back from the other controller";
constexpr std::string_view kNotSystemController =
    "this board is not system controller; only that one may do this";
constexpr std::string_view kNobody =
    "no device accepts the message; is it on, and is the address right?";
constexpr std::string_view kAdapterTrouble =
    "the adapter reports an error; check the cable, or plug the adapter in anew";
constexpr std::string_view kTooManyFiles =
    "too many open files; close sessions or raise the limit (ulimit -n)";
constexpr std::string_view kDefect =
    "the kernel refuses a request of this driver, which is a defect";

constexpr Row kRows[] = {
    {bit(Step::open), EACCES, Status::error_npermission,
     "not permitted; make a group gpib, join it (then log in anew), and let a udev rule give it "
     "the node"},
    {bit(Step::open), EPERM, Status::error_npermission,
     "not permitted; join the group of the device node (then log in anew)"},
    {bit(Step::open), ENOENT, Status::error_rsrc_nfound,
     "there is no such node; the kernel module of the board (such as ni_usb_gpib) is not loaded"},
    {bit(Step::open), EMFILE, Status::error_alloc, kTooManyFiles},
    {bit(Step::open), ENFILE, Status::error_alloc, kTooManyFiles},
    {bit(Step::open), EBUSY, Status::error_rsrc_busy, "another program has the board for itself"},
    {kOpening, ENODEV, Status::error_rsrc_nfound,
     "no board is configured on it; run gpib_config as root (package gpib-user-tools)"},
    {bit(Step::look), EINVAL, Status::error_rsrc_nfound,
     "the board is offline; run gpib_config as root (package gpib-user-tools)"},
    {bit(Step::look), ENOTTY, Status::error_rsrc_nfound, "this is no GPIB board"},
    {kOpening, ENOMEM, Status::error_alloc, "the system is out of memory"},
    {kOpening, 0, Status::error_rsrc_nfound, "cannot be opened as a GPIB board"},

    {bit(Step::command), EINVAL, Status::error_ncic, kNotController},
    {bit(Step::command), ENOTCONN, Status::error_nlisteners,
     "nothing on the bus accepts commands; is any instrument on?"},
    {bit(Step::write), ECOMM, Status::error_nlisteners, kNobody},
    {bit(Step::write), EINVAL, Status::error_ncic, kNotController},
    {bit(Step::write), ENXIO, Status::error_inv_setup,
     "the board is not addressed to talk; address it by viGpibCommand first"},
    {bit(Step::read), EINTR, Status::error_io,
     "the controller of the bus has cleared this board during the read"},
    {bit(Step::poll), EPERM, Status::error_ncic, kNotController},
    {bit(Step::poll), EIO, Status::error_tmo, "the device does not answer the serial poll"},
    {bit(Step::poll), ETIMEDOUT, Status::error_tmo, "the device does not answer the serial poll"},
    {bit(Step::clear_interface), EINVAL, Status::error_nsys_cntlr, kNotSystemController},
    {bit(Step::remote_enable), EINVAL, Status::error_nsys_cntlr, kNotSystemController},
    {bit(Step::attention), EINVAL, Status::error_ncic, kNotController},
    {bit(Step::system_control), EPERM, Status::error_nsup_attr_state,
     "this board cannot give up system control"},
    {bit(Step::system_control), EINVAL, Status::error_nsup_attr_state,
     "this board cannot change who is system controller"},
    {bit(Step::address), EINVAL, Status::error_nsup_attr_state,
     "this board cannot have that address"},
    {bit(Step::own_status), EINVAL, Status::error_nsup_attr_state,
     "a board that is controller in charge has no status byte"},
    {bit(Step::own_status), EOPNOTSUPP, Status::error_nsup_attr_state,
     "this board has no status byte"},
    {steps({Step::address, Step::system_control, Step::own_status}), ENOTTY,
     Status::error_nsup_attr_state, "the kernel's driver cannot do that"},
    // A read begins with the termination character.
    {steps({Step::set_up, Step::read}), EOPNOTSUPP, Status::error_nsup_oper,
     "this board cannot end a read at a termination character; set VI_ATTR_TERMCHAR_EN to false"},

    {kBus, EIO, Status::error_io, kAdapterTrouble},
    {kEvery, ENODEV, Status::error_conn_lost,
     "the adapter is gone; plug it in, close this session and open it again"},
    {kEvery, ETIMEDOUT, Status::error_tmo, "no answer in time"},
    {kEvery, ETIME, Status::error_tmo, "no answer in time"},
    {kEvery, EPIPE, Status::error_io, kAdapterTrouble},
    {kEvery, EIO, Status::error_io, kAdapterTrouble},
    {kEvery, ENOMEM, Status::error_alloc, "the system is out of memory"},
    {kEvery, EBUSY, Status::error_rsrc_busy, "the board is busy; try again"},
    {kEvery, EINVAL, Status::error_io, "the board is offline; run gpib_config as root"},
    {kEvery, EPERM, Status::error_system_error, kDefect},
    {kEvery, EFAULT, Status::error_system_error, kDefect},
    {kEvery, ENOTTY, Status::error_nsup_oper, "the kernel's driver cannot do that"},
    {kEvery, 0, Status::error_io, "the kernel refuses the request"},
};

}  // namespace

Status failure(Step step, int error, const std::string& name, Call& call) {
  for (const Row& row : kRows) {
    if ((row.steps & bit(step)) == 0 || (row.error != 0 && row.error != error)) continue;
    return call.fail(row.status, name + ": " + std::string(row.text));
  }
  return Status::error_io;
}

}  // namespace visa::drivers::gpib::kernel
