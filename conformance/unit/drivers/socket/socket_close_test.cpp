// SPDX-License-Identifier: MIT
// The setting close_ends_answer: an orderly close of the peer is the end of the answer before it.
#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/open_socket.h"

namespace visa::test {
namespace {

using spi::StopReason;

class CloseEndsAnswer : public testing::Test {
 protected:
  void peer_says(std::string_view data) {
    socket.peer.send(data);
    socket.peer.close();
  }
  void expect_end(const Reading& reading, std::string_view data) {
    EXPECT_EQ(reading.status, Status::success);
    EXPECT_EQ(reading.reason, StopReason::closed);
    EXPECT_EQ(reading.data, data);
    EXPECT_EQ(reading.detail, "");
  }
  void expect_gone() {
    const Reading reading = socket.read(100, line_rule());
    EXPECT_EQ(reading.status, Status::error_conn_lost);
    EXPECT_EQ(reading.data, "");
    EXPECT_NE(reading.detail.find("closed the connection"), std::string::npos);
  }

  OpenSocket socket{{{"close_ends_answer", true}}};
};

TEST_F(CloseEndsAnswer, WhateverTheRuleIsAndOnce) {
  peer_says("all there is");
  expect_end(socket.read(100, count_rule()), "all there is");
  expect_gone();
  expect_gone();
  EXPECT_EQ(socket.write("x").status, Status::error_conn_lost);
}

TEST_F(CloseEndsAnswer, ATerminationCharacterBeforeItIsTheEndAlready) {
  peer_says("one\ntwo");
  EXPECT_EQ(socket.read(100, line_rule()).reason, StopReason::termchar);
  expect_end(socket.read(100, line_rule()), "two");
  expect_gone();
}

TEST_F(CloseEndsAnswer, BehindAWholeAnswerItIsALostConnection) {
  peer_says("one\n");
  EXPECT_EQ(socket.read(100, line_rule()).reason, StopReason::termchar);
  expect_gone();
}

TEST_F(CloseEndsAnswer, APauseThatEndedTheAnswerIsItsEnd) {
  peer_says("all there is");
  EXPECT_EQ(socket.read(100, pause_rule()).reason, StopReason::end);
  expect_gone();
}

// A program that reads in chunks stops at the one that is no VI_SUCCESS_MAX_CNT.
TEST_F(CloseEndsAnswer, AnAnswerThatFillsItsLastChunkEndsWithNothing) {
  peer_says("12345678");
  EXPECT_EQ(socket.read(4, count_rule()).reason, StopReason::count);
  EXPECT_EQ(socket.read(4, count_rule()).reason, StopReason::count);
  expect_end(socket.read(4, count_rule()), "");
  expect_gone();
}

TEST_F(CloseEndsAnswer, AnAnswerWhoseBeginningTimedOutEndsToo) {
  socket.peer.send("half");
  EXPECT_EQ(socket.read(100, count_rule(), kShort).status, Status::error_tmo);
  peer_says(" and half");
  expect_end(socket.read(100, count_rule()), " and half");
}

TEST_F(CloseEndsAnswer, AQuestionWithoutAnAnswerIsALostConnection) {
  socket.peer.send("12345678");
  EXPECT_EQ(socket.read(8, count_rule()).reason, StopReason::count);
  EXPECT_EQ(socket.write("?\n").status, Status::success);
  EXPECT_EQ(socket.peer.receive(2), "?\n");
  socket.peer.close();
  expect_gone();
}

TEST_F(CloseEndsAnswer, AResetIsNoClose) {
  socket.peer.send("part");
  EXPECT_EQ(socket.read(4, count_rule()).data, "part");
  socket.peer.reset();
  EXPECT_EQ(socket.read(100, count_rule()).status, Status::error_conn_lost);
}

TEST_F(CloseEndsAnswer, WithoutTheSettingItIsALostConnection) {
  OpenSocket plain;
  plain.peer.send("part");
  plain.peer.close();
  const Reading reading = plain.read(100, count_rule());
  EXPECT_EQ(reading.status, Status::error_conn_lost);
  EXPECT_EQ(reading.data, "part");
}

}  // namespace
}  // namespace visa::test
