// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/open_kernel_board.h"
#include "drivers/gpib/kernel/kernel_abi.h"

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
    {Step::look, EIO, Status::error_rsrc_nfound},  // the module cannot be pinned
    {Step::look, EPERM, Status::error_rsrc_nfound},
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
    {Step::poll, ENODEV, Status::error_conn_lost},
    {Step::clear_interface, EINVAL, Status::error_nsys_cntlr},
    {Step::remote_enable, EINVAL, Status::error_nsys_cntlr},
    {Step::attention, EINVAL, Status::error_ncic},
    {Step::attention, ETIMEDOUT, Status::error_tmo},
    {Step::system_control, EPERM, Status::error_nsup_attr_state},
    {Step::system_control, EINVAL, Status::error_nsup_attr_state},
    {Step::own_status, EINVAL, Status::error_nsup_attr_state},
    {Step::own_status, EOPNOTSUPP, Status::error_nsup_attr_state},
    {Step::set_up, EOPNOTSUPP, Status::error_nsup_oper},
    {Step::read, EOPNOTSUPP, Status::error_nsup_oper},
    {Step::set_up, EINVAL, Status::error_io},
    {Step::wait, ENODEV, Status::error_conn_lost},
    {Step::wait, EINVAL, Status::error_io},
    {Step::wait, EPIPE, Status::error_io},  // events of the board were lost
    {Step::lines, EINVAL, Status::error_io},
    {Step::address, EINVAL, Status::error_nsup_attr_state},
    {Step::address, ENOTTY, Status::error_nsup_attr_state},
    {Step::system_control, ENOTTY, Status::error_nsup_attr_state},
    {Step::own_status, ENOTTY, Status::error_nsup_attr_state},
    {Step::command, ENOTTY, Status::error_nsup_oper},
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

constexpr int kEachTime = 1000000;
using Operation = Status (*)(Controller&, Call&);

Status read_by(Controller& board, const spi::EndRule& rule, Call& call) {
  std::vector<std::byte> room(100);
  return board.read({5}, room, rule, {}, call).status;
}

/// An errno of one request, so many times, and what the operation makes of it. What the driver does
/// not ask has no row: IBOPENDEV, IBCLOSEDEV, IBRPP, IBPPC, IB_T1_DELAY, IBPP2, IBRSV2, and what
/// only root may.
struct Refusal {
  Operation operate;
  unsigned long request;
  int error;
  int times;
  Status status;
};

constexpr Operation kWriting = [](Controller& board, Call& call) {
  return board.write({5}, octets("x"), spi::WriteEnd::end, {}, call).status;
};
constexpr Operation kReading = [](Controller& board, Call& call) {
  return read_by(board, {}, call);
};
constexpr Operation kReadingALine = [](Controller& board, Call& call) {
  return read_by(board, {.termchar_enabled = true}, call);
};
constexpr Operation kPolling = [](Controller& board, Call& call) {
  return board.serial_poll({5}, call).status();
};
constexpr Operation kClearing = [](Controller& board, Call& call) { return board.send_ifc(call); };
constexpr Operation kRen = [](Controller& board, Call& call) {
  return board.control_ren(nullptr, spi::RenMode::assert_ren, call);
};
constexpr Operation kAssertingAtn = [](Controller& board, Call& call) {
  return board.control_atn(AtnMode::assert_atn, call);
};
constexpr Operation kReleasingAtn = [](Controller& board, Call& call) {
  return board.control_atn(AtnMode::deassert, call);
};
constexpr Operation kGivingUpSystemControl = [](Controller& board, Call& call) {
  return board.set_system_controller(false, call);
};
constexpr Operation kMoving = [](Controller& board, Call& call) {
  return board.set_own_address({3, std::uint8_t{4}}, call);
};
constexpr Operation kOwnStatus = [](Controller& board, Call& call) {
  return board.set_own_status(0x41, call);
};
constexpr Operation kLooking = [](Controller& board, Call& call) {
  return board.state(call).status();
};

const Refusal kRefusals[] = {
    {kWriting, kMutex, EINTR, 3, Status::success},
    {kWriting, kMutex, EIO, 1, Status::error_io},
    {kWriting, kTimeout, EPERM, 1, Status::error_system_error},
    {kWriting, kCommand, EINVAL, 1, Status::error_ncic},
    {kWriting, kCommand, ENOTCONN, 1, Status::error_nlisteners},
    {kWriting, kCommand, ETIMEDOUT, kEachTime, Status::error_tmo},
    {kWriting, kCommand, EIO, 1, Status::error_io},
    {kWriting, kCommand, EPERM, 1, Status::error_system_error},
    {kWriting, kCommand, EFAULT, 1, Status::error_system_error},
    {kWriting, kWrite, ECOMM, 1, Status::error_nlisteners},
    {kWriting, kWrite, ENXIO, 1, Status::error_inv_setup},
    {kWriting, kWrite, ETIMEDOUT, kEachTime, Status::error_tmo},
    {kWriting, kWrite, EINVAL, 1, Status::error_ncic},
    {kWriting, kWrite, EPIPE, 1, Status::error_io},
    {kWriting, kWrite, EIO, 1, Status::error_io},
    {kWriting, kWrite, EFAULT, 1, Status::error_system_error},
    {kWriting, kWrite, EINTR, 3, Status::success},
    {kReading, kRead, ETIMEDOUT, kEachTime, Status::error_tmo},
    {kReading, kRead, ETIME, kEachTime, Status::error_tmo},
    {kReading, kRead, EIO, 1, Status::error_io},
    {kReading, kRead, EPIPE, 1, Status::error_io},
    {kReading, kRead, EINTR, kEachTime, Status::error_io},
    {kReading, kRead, EFAULT, 1, Status::error_system_error},
    {kReading, kRead, EINVAL, 1, Status::error_io},
    {kReadingALine, kEndOfString, EINVAL, 1, Status::error_io},
    {kReadingALine, kEndOfString, EOPNOTSUPP, 1, Status::error_nsup_oper},
    {kPolling, kSerialPoll, EPERM, 1, Status::error_ncic},
    {kPolling, kSerialPoll, ETIMEDOUT, 1, Status::error_tmo},
    {kPolling, kSerialPoll, EIO, 1, Status::error_tmo},
    {kPolling, kSerialPoll, EPIPE, 1, Status::success},  // it is told once, and asked again
    {kPolling, kSerialPoll, EPIPE, 2, Status::error_io},
    {kClearing, kInterfaceClear, EINVAL, 1, Status::error_nsys_cntlr},
    {kRen, kRemoteEnable, EINVAL, 1, Status::error_nsys_cntlr},
    {kAssertingAtn, kTakeControl, EINVAL, 1, Status::error_ncic},
    {kAssertingAtn, kTakeControl, ETIMEDOUT, 1, Status::error_tmo},
    {kReleasingAtn, kStandby, EINVAL, 1, Status::error_ncic},
    {kReleasingAtn, kStandby, ETIMEDOUT, 1, Status::error_tmo},
    {kGivingUpSystemControl, kSystemControl, EPERM, 1, Status::error_nsup_attr_state},
    {kGivingUpSystemControl, kSystemControl, EINVAL, 1, Status::error_nsup_attr_state},
    {kGivingUpSystemControl, kSystemControl, ENOTTY, 1, Status::error_nsup_attr_state},
    {kMoving, kPrimary, EINVAL, 1, Status::error_nsup_attr_state},
    {kMoving, kSecondary, EINVAL, 1, Status::error_nsup_attr_state},
    {kOwnStatus, kStatusByte, EINVAL, 1, Status::error_nsup_attr_state},
    {kOwnStatus, kStatusByte, EOPNOTSUPP, 1, Status::error_nsup_attr_state},
    {kLooking, kWait, EINVAL, 1, Status::error_io},
    {kLooking, kLines, EBUSY, 1, Status::success},  // then they are unknown
};

class KernelErrors : public KernelFixture {
 protected:
  Status operate(Operation operation, Deadline until) {
    Call own(until);
    const Status status = inside(own, [&] { return operation(*board, own); });
    detail = own.detail;
    return status;
  }
};

TEST_F(KernelErrors, EachOperationReportsThemAndTheNextQueryWorks) {
  ASSERT_EQ(open(), Status::success);
  int number = 0;
  for (const Refusal& row : kRefusals) {
    SCOPED_TRACE(number++);
    EXPECT_EQ(operate(kWriting, Deadline::after(kPatience)), Status::success);
    asked();  // the mutex was given back
    kernel.model().fail_next(row.request, row.error, row.times);
    const bool endless = row.times == kEachTime && row.status == Status::error_tmo;
    const Deadline until = endless ? Deadline::after(20ms) : Deadline::after(kPatience);
    EXPECT_EQ(operate(row.operate, until), row.status);
    EXPECT_EQ(failed(row.status), !detail.empty()) << detail;
    asked();
    kernel.model().fail_next(row.request, 0, 0);
    EXPECT_FALSE(board->gone());
    EXPECT_EQ(write("x").count, 1u);
    EXPECT_EQ(read().data, "ACME\n");
  }
}

TEST_F(KernelErrors, AnAdapterThatWasUnpluggedIsGoneWhateverIsAsked) {
  const struct {
    Operation operate;
    unsigned long request;
  } rows[] = {{kWriting, kMutex},       {kWriting, kCommand},          {kWriting, kWrite},
              {kReading, kRead},        {kPolling, kSerialPoll},       {kClearing, kInterfaceClear},
              {kRen, kRemoteEnable},    {kAssertingAtn, kTakeControl}, {kLooking, kWait},
              {kReleasingAtn, kStandby}};
  for (const auto& row : rows) {
    ASSERT_EQ(open(), Status::success);
    kernel.model().fail_next(row.request, ENODEV);
    EXPECT_EQ(operate(row.operate, Deadline::after(kPatience)), Status::error_conn_lost);
    EXPECT_TRUE(board->gone());
    EXPECT_NE(detail.find("the adapter is gone"), std::string::npos) << detail;
    close();
  }
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
