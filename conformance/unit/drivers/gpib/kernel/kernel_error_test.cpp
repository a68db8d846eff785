// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace visa::drivers::gpib::kernel {
namespace {

struct Row {
  Step step;
  int error;
  Status status;
};

/// Each row of the kernel's errors that means something of its own.
constexpr Row kRows[] = {
    {Step::open, EACCES, Status::error_npermission},
    {Step::open, EPERM, Status::error_npermission},
    {Step::open, ENOENT, Status::error_rsrc_nfound},
    {Step::open, ENODEV, Status::error_rsrc_nfound},
    {Step::open, ENXIO, Status::error_rsrc_nfound},
    {Step::open, EIO, Status::error_rsrc_nfound},
    {Step::open, EBUSY, Status::error_rsrc_busy},
    {Step::open, EMFILE, Status::error_alloc},
    {Step::open, ENOMEM, Status::error_alloc},
    {Step::look, ENODEV, Status::error_rsrc_nfound},
    {Step::look, EINVAL, Status::error_rsrc_nfound},
    {Step::look, ENOTTY, Status::error_rsrc_nfound},
    {Step::lock, EPERM, Status::error_system_error},
    {Step::lock, ENODEV, Status::error_conn_lost},
    {Step::command, EINVAL, Status::error_ncic},
    {Step::command, ENOTCONN, Status::error_nlisteners},
    {Step::command, ETIMEDOUT, Status::error_tmo},
    {Step::command, EPERM, Status::error_system_error},
    {Step::command, EFAULT, Status::error_system_error},
    {Step::command, ENODEV, Status::error_conn_lost},
    {Step::write, ECOMM, Status::error_nlisteners},
    {Step::write, ENXIO, Status::error_inv_setup},
    {Step::write, ETIMEDOUT, Status::error_tmo},
    {Step::write, EINVAL, Status::error_ncic},
    {Step::write, EPIPE, Status::error_io},
    {Step::write, EIO, Status::error_io},
    {Step::write, ENODEV, Status::error_conn_lost},
    {Step::read, ETIMEDOUT, Status::error_tmo},
    {Step::read, ETIME, Status::error_tmo},
    {Step::read, EIO, Status::error_io},
    {Step::read, EINTR, Status::error_io},
    {Step::read, EFAULT, Status::error_system_error},
    {Step::read, EINVAL, Status::error_io},
    {Step::write, EFAULT, Status::error_system_error},
    {Step::read, ENODEV, Status::error_conn_lost},
    {Step::poll, EPERM, Status::error_ncic},
    {Step::poll, ETIMEDOUT, Status::error_tmo},
    {Step::poll, EIO, Status::error_tmo},
    {Step::poll, EPIPE, Status::error_io},
    {Step::clear_interface, EINVAL, Status::error_nsys_cntlr},
    {Step::remote_enable, EINVAL, Status::error_nsys_cntlr},
    {Step::attention, EINVAL, Status::error_ncic},
    {Step::attention, ETIMEDOUT, Status::error_tmo},
    {Step::system_control, EPERM, Status::error_nsup_attr_state},
    {Step::system_control, EINVAL, Status::error_nsup_attr_state},
    {Step::own_status, EINVAL, Status::error_nsup_attr_state},
    {Step::own_status, EOPNOTSUPP, Status::error_nsup_attr_state},
    {Step::set_up, EOPNOTSUPP, Status::error_nsup_oper},
    {Step::set_up, EINVAL, Status::error_io},
    {Step::wait, ENODEV, Status::error_conn_lost},
    {Step::lines, EINVAL, Status::error_io},
    {Step::address, EINVAL, Status::error_io},
};

TEST(KernelError, EachErrorOfEachStepHasItsStatus) {
  for (const Row& row : kRows) {
    Call call(Deadline::infinite());
    EXPECT_EQ(code(failure(row.step, row.error, "/dev/gpib0", call)), code(row.status))
        << "step " << static_cast<int>(row.step) << ", errno " << row.error;
    EXPECT_EQ(call.detail.find("/dev/gpib0: "), 0u) << call.detail;
  }
}

TEST(KernelError, OpeningNeverSaysThatAConnectionIsLost) {
  for (int error = 1; error < 134; ++error) {
    for (const Step step : {Step::open, Step::look}) {
      Call call(Deadline::infinite());
      const Status status = failure(step, error, "x", call);
      EXPECT_TRUE(failed(status));
      EXPECT_NE(code(status), code(Status::error_conn_lost)) << error;
      EXPECT_NE(code(status), code(Status::error_io)) << error;
    }
  }
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
