// SPDX-License-Identifier: MIT
// Polls, clear, trigger, REN and the few command bytes: what goes over the line for each.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "conformance/unit/drivers/support/prologix_fixture.h"

namespace visa::drivers::gpib {
namespace {

TEST_F(PrologixControllerTest, PollsWithoutChangingTheAddress) {
  model_->polls["5"] = 0x51;
  model_->polls["9 98"] = 0;
  EXPECT_EQ(*poll(kDmm), 0x51);
  EXPECT_EQ(*poll(kScope), 0);
  EXPECT_EQ(model_->take_lines(),
            (Lines{"++read_tmo_ms 1000", "++spoll 5", "++ver", "++spoll 9 98", "++ver"}));
  EXPECT_EQ(poll({7}).status(), Status::error_tmo);
}

/// What an adapter may answer to a poll. viReadSTB knows no VI_ERROR_INP_PROT_VIOL. A number of an
/// error, as some builds of the AR488 give, cannot be told from a status byte.
TEST_F(PrologixControllerTest, APollIsWhatTheAnswerSaysAndTheNextOneIsItsOwn) {
  const struct {
    const char* answer;
    Status status;
    std::uint8_t byte;
  } rows[] = {{"0\r\n", Status::success, 0},
              {"80\r\n", Status::success, 80},
              {" 80 \r\n", Status::success, 80},
              {"255\n", Status::success, 255},
              {"", Status::error_tmo, 0},  // it has given up
              {"256\r\n", Status::error_outp_prot_viol, 0},
              {"-1\r\n", Status::error_outp_prot_viol, 0},
              {"\r\n", Status::error_outp_prot_viol, 0},
              {"80\r\n81\r\n", Status::error_outp_prot_viol, 0},
              {"SRQ:5,80\r\n", Status::error_outp_prot_viol, 0},  // the form for several devices
              {"Serial poll: 80\r\n", Status::error_outp_prot_viol, 0},
              {"Unrecognized command\r\n", Status::error_outp_prot_viol, 0}};
  for (const auto& row : rows) {
    model_->says = {{"++spoll 5", row.answer}};
    const auto status = poll(kDmm);
    EXPECT_EQ(status.status(), row.status) << row.answer;
    if (status) {
      EXPECT_EQ(*status, row.byte) << row.answer;
    }
    model_->says.clear();
    model_->polls["5"] = 0x51;
    EXPECT_EQ(*poll(kDmm), 0x51) << row.answer;
  }
}

TEST_F(PrologixControllerTest, SrqIsWhatTheAnswerSays) {
  const struct {
    const char* answer;
    Status status;
    bool requested;
    State line;
  } rows[] = {{"1\r\n", Status::success, true, State::asserted},
              {"0\r\n", Status::success, false, State::unasserted},
              {" 1 \r\n", Status::success, true, State::asserted},
              {"", Status::error_nsup_oper, false, State::unknown},
              {"Unrecognized command\r\n", Status::error_nsup_oper, false, State::unknown},
              {"SRQ asserted\r\n", Status::error_nsup_oper, false, State::unknown}};
  for (const auto& row : rows) {
    Call call(soon());
    model_->says = {{"++srq", row.answer}};
    const auto requested = controller_->service_requested(call);
    EXPECT_EQ(requested.status(), row.status) << row.answer;
    if (requested) {
      EXPECT_EQ(*requested, row.requested) << row.answer;
    }
    EXPECT_EQ(controller_->state(call)->srq, row.line) << row.answer;
    EXPECT_EQ(controller_->find_service(call),
              ok(row.status) ? Status::success : Status::error_nsup_mech)
        << row.answer;
  }
}

TEST_F(Ar488ControllerTest, RenIsWhatTheAnswerSays) {
  const std::pair<const char*, State> rows[] = {{"1\r\n", State::asserted},
                                                {"0\r\n", State::unasserted},
                                                {"", State::unknown},
                                                {"Unrecognized command\r\n", State::unknown}};
  for (const auto& [answer, line] : rows) {
    Call call(soon());
    model_->says = {{"++ren", answer}};
    EXPECT_EQ(controller_->state(call)->ren, line) << answer;
  }
}

TEST_F(PrologixControllerTest, ClearsTriggersAndGoesToLocal) {
  using enum spi::RenMode;
  EXPECT_EQ(run([](auto& of, Call& call) { return of.clear(kDmm, call); }), Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.trigger(kScope, call); }), Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kScope, address_gtl, call); }),
            Status::success);
  EXPECT_EQ(
      run([](auto& of, Call& call) { return of.control_ren(&kScope, assert_address_llo, call); }),
      Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kScope, deassert, call); }),
            Status::error_inv_mode);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(nullptr, assert_ren, call); }),
            Status::success);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.send_ifc(call); }), Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++addr 5", "++clr", "++ver", "++addr 9 98", "++trg",
                                         "++loc", "++llo", "++ifc"}));
}

TEST_F(PrologixControllerTest, HasNoCommandBytes) {
  const std::byte unlisten{kUnl};
  EXPECT_EQ(run([&](auto& of, Call& call) {
              return of.command({&unlisten, 1}, call).status;
            }),
            Status::error_nsup_oper);
  EXPECT_EQ(run([](auto& of, Call& call) { return of.pass_control(kDmm, call); }),
            Status::error_nsup_oper);
}

TEST_F(PrologixControllerTest, TellsWhatItKnowsOfTheLines) {
  Call call(soon());
  model_->srq = true;
  const auto state = controller_->state(call);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->srq, State::asserted);
  EXPECT_EQ(state->ren, State::unknown);
  EXPECT_EQ(state->ndac, State::unknown);
  EXPECT_EQ(state->controller_in_charge, State::asserted);
  EXPECT_TRUE(*controller_->service_requested(call));
}

TEST_F(Ar488ControllerTest, HasAFewCommandBytes) {
  const std::byte known[] = {std::byte{kUnl}, std::byte{kDcl}, std::byte{kUnt}, std::byte{kLlo}};
  EXPECT_EQ(run([&](auto& of, Call& call) { return of.command(known, call).status; }),
            Status::success);
  const std::byte mixed[] = {std::byte{kUnl}, std::byte{kLad}};
  EXPECT_EQ(run([&](auto& of, Call& call) { return of.command(mixed, call).status; }),
            Status::error_nsup_oper);
  EXPECT_EQ(run([](auto& of, Call& call) {
              return of.pass_control({5, 1}, call);
            }),
            Status::success);
  EXPECT_EQ(model_->take_lines(), (Lines{"++unl", "++dcl", "++unt", "++llo all", "++tct 5 97"}));
}

TEST_F(Ar488ControllerTest, ControlsRen) {
  using enum spi::RenMode;
  for (const auto mode : {deassert, assert_ren, assert_llo, deassert_gtl}) {
    EXPECT_EQ(run([&](auto& of, Call& call) { return of.control_ren(&kDmm, mode, call); }),
              Status::success);
  }
  EXPECT_EQ(run([](auto& of, Call& call) { return of.control_ren(&kDmm, assert_address, call); }),
            Status::error_inv_mode);
  EXPECT_EQ(model_->take_lines(),
            (Lines{"++ren 0", "++ren 1", "++ren 1", "++llo all", "++addr 5", "++loc", "++ren 0"}));
}

// A timer that the reads have left longer is set back, so that a dead device costs a second at
// most.
TEST_F(PrologixControllerTest, APollWaitsASecondAtMost) {
  model_->answers["5"] = "x";
  model_->polls["5"] = 0;
  EXPECT_EQ(read(kDmm, 10).data, "x");
  model_->take_lines();
  EXPECT_EQ(*poll(kDmm), 0);
  EXPECT_EQ(model_->take_lines(), (Lines{"++read_tmo_ms 1000", "++spoll 5", "++ver"}));
}

TEST_F(PrologixControllerTest, AClearDropsWhatWasKeptOfTheAnswer) {
  model_->answers["5"] = "0123456789";
  EXPECT_EQ(read(kDmm, 3).data, "012");
  EXPECT_EQ(run([](auto& of, Call& call) { return of.clear(kDmm, call); }), Status::success);
  EXPECT_EQ(read(kDmm, 3, {}, std::chrono::milliseconds(5)).data, "");
}

TEST_F(PrologixControllerTest, WhatItDoesNotSayIsUnknown) {
  Call call(soon());
  model_->polls = {};
  EXPECT_EQ(poll(kDmm).status(), Status::error_tmo);  // the adapter answers nothing
  model_->version = "";                               // and now no closing line either
  Call brief(Deadline::after(std::chrono::milliseconds(5)));
  const auto state = controller_->state(brief);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->srq, State::unknown);
  EXPECT_EQ(state->system_controller, State::asserted);
  EXPECT_TRUE(brief.detail.empty()) << brief.detail;
}

TEST_F(PrologixControllerTest, ALostAdapterIsNoUnknownLine) {
  model_->is_lost = true;
  Call call(soon());
  EXPECT_EQ(controller_->state(call).status(), Status::error_conn_lost);
  EXPECT_EQ(controller_->service_requested(call).status(), Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::drivers::gpib
