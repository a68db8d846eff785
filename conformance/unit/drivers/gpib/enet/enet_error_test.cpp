// SPDX-License-Identifier: MIT
// Each error of the box: its status, at each operation that it can meet, and what works after it.
#include "drivers/gpib/enet/enet_error.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_enet.h"
#include "conformance/unit/support/patience.h"
#include "drivers/gpib/enet/enet_controller.h"

namespace visa::drivers::gpib::enet {
namespace {

using test::FakeEnet;
using test::kPatience;

struct Row {
  const char* name;
  std::uint16_t error;
  std::uint16_t state;  // beside the bit of errors
  Status status;
};

// EFSO is about the files of NI's own calls; no operation of VISA at the box has one, so it is no
// VI_ERROR_FILE_IO.
constexpr Row kRows[] = {{"EDVR", 0x00, 0, Status::error_system_error},
                         {"ECIC", 0x01, 0, Status::error_ncic},
                         {"ENOL", 0x02, 0, Status::error_nlisteners},
                         {"EADR", 0x03, 0, Status::error_io},
                         {"EARG", 0x04, 0, Status::error_system_error},
                         {"ESAC", 0x05, 0, Status::error_nsys_cntlr},
                         {"EABO", 0x06, 0, Status::error_io},
                         {"EABO after a timeout", 0x06, kTimedOut, Status::error_tmo},
                         {"ENEB", 0x07, 0, Status::error_io},
                         {"EBUS", 0x0A, 0, Status::error_tmo},
                         {"EBUS after a timeout", 0x0A, kTimedOut, Status::error_tmo},
                         {"ECAP", 0x0B, 0, Status::error_nsup_oper},
                         {"EFSO", 0x0C, 0, Status::error_io},
                         {"EBNP", 0x0D, 0, Status::error_system_error},
                         {"ESTB", 0x0E, 0, Status::success},
                         {"ESRQ", 0x0F, 0, Status::error_io},
                         {"one that is not known", 0x77, 0, Status::error_io}};

TEST(EnetError, EachCodeHasItsStatus) {
  for (const Row& row : kRows) {
    Call call(Deadline::infinite());
    const EnetStatus failed{static_cast<std::uint16_t>(kError | kComplete | row.state), row.error,
                            0};
    EXPECT_EQ(outcome(failed, "box", call), row.status) << row.name;
    if (visa::failed(row.status)) {
      EXPECT_EQ(call.detail.find("box: "), 0u) << call.detail;
    }
    EXPECT_EQ(outcome({kComplete, row.error, 0}, "box", call), Status::success) << row.name;
  }
}

TEST(EnetError, APollThatNothingAnswersIsToldFromOneThatTheBoxCannotDo) {
  const auto absent = [](std::uint16_t state, std::uint16_t error) {
    return is_absence({static_cast<std::uint16_t>(state | kComplete), error, 0});
  };
  constexpr std::uint16_t kAbsent[] = {0x02, 0x04, 0x06, 0x0A};
  constexpr std::uint16_t kRefused[] = {0x00, 0x01, 0x05, 0x07};
  for (const std::uint16_t error : kAbsent) EXPECT_TRUE(absent(kError, error));
  for (const std::uint16_t error : kRefused) EXPECT_FALSE(absent(kError, error));
  EXPECT_TRUE(absent(kError | kTimedOut, 0));
  EXPECT_FALSE(absent(0, 6));
}

/// A board with a device at 5.
class EnetErrors : public testing::Test {
 protected:
  EnetErrors() {
    box.with([](FakeEnet& model) {
      model.instruments[5].answer = [](const std::string&) { return "ACME\n"; };
    });
  }
  ~EnetErrors() override {
    Call closing(Deadline::after(kPatience));
    board.close(closing);
  }
  /// The operation whose request begins with this byte.
  Status operate(std::uint8_t operation, std::chrono::milliseconds time = kPatience) {
    constexpr Address kFive{5};
    Call call(Deadline::after(time));
    const std::byte text[] = {std::byte{'x'}};
    std::vector<std::byte> room(10);
    switch (operation) {
      case 0x62:
        return board.write(kFive, text, spi::WriteEnd::end, {}, call).status;
      case 0x16:
        return board.read(kFive, room, {}, {}, call).status;
      case 0x19:
        return board.serial_poll(kFive, call).status();
      case 0x04:
        return board.clear(kFive, call);
      case 0x20:
        return board.trigger(kFive, call);
      case 0x10:
        return board.control_ren(&kFive, spi::RenMode::address_gtl, call);
      default:
        return board.send_ifc(call);
    }
  }
  void fail(std::uint8_t operation, const Row& row) {
    box.with([&](FakeEnet& model) { model.failure = {operation, row.state, row.error}; });
  }

  FakeEnet box;
  EnetController board{{"127.0.0.1", box.port()}};
};

TEST_F(EnetErrors, EachOperationReportsThemAndTheNextQueryWorks) {
  Call call(Deadline::after(kPatience));
  ASSERT_EQ(board.attach({5}, call), Status::success) << call.detail;
  constexpr std::uint8_t kOperations[] = {0x62, 0x16, 0x19, 0x04, 0x20, 0x10, 0x4F};
  const auto connections = [&] {
    unsigned count = 0;
    box.with([&](FakeEnet& model) { count = model.connections; });
    return count;
  };
  bool kept = false;
  for (const std::uint8_t operation : kOperations) {
    for (const Row& row : kRows) {
      // A read that brings nothing and has no error is waited for anew, until its own end.
      if (operation == 0x16 && ok(row.status)) continue;
      fail(operation, row);
      // After a timeout of the box a read goes on until its own.
      const bool goes_on = operation == 0x16 && row.status == Status::error_tmo;
      const unsigned before = connections();
      EXPECT_EQ(operate(operation, goes_on ? std::chrono::milliseconds(20) : kPatience), row.status)
          << row.name << " at " << int{operation};
      EXPECT_EQ(operate(0x62), Status::success) << row.name << " at " << int{operation};
      EXPECT_EQ(operate(0x16), Status::success) << row.name << " at " << int{operation};
      // The box has little time to end a read that timed out. A busy machine may lose the link
      // then.
      kept = kept || (goes_on && connections() == before);
      EXPECT_TRUE(goes_on || connections() == before) << row.name << " at " << int{operation};
    }
  }
  EXPECT_TRUE(kept) << "each timeout cost the link";
}

// viOpen has no status for an I/O error, nor for what happens on a bus.
TEST_F(EnetErrors, OpeningReportsThemWithTheStatusesOfViOpen) {
  constexpr std::uint8_t kOpening[] = {0x55, 0x07, 0x50, 0x58, 0x4E};
  for (const std::uint8_t operation : kOpening) {
    for (const Row& row : kRows) {
      Call call(Deadline::after(kPatience));
      fail(operation, row);
      const Status status = board.attach({5}, call);
      const bool not_found = row.status == Status::error_io || row.status == Status::error_ncic ||
                             row.status == Status::error_nsys_cntlr ||
                             row.status == Status::error_nlisteners;
      EXPECT_EQ(status, not_found ? Status::error_rsrc_nfound : row.status) << row.name;
      board.detach({5}, call);
    }
  }
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
