// SPDX-License-Identifier: MIT
// From operations on a wire to exchanges: whatever the pieces are.
#include "tools/sim/recording/recorder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::sim {
namespace {

using Kind = SeenOperation::Kind;

SeenOperation operation(Kind kind, std::string data, std::int64_t end, std::int64_t took = 0,
                        bool whole = true) {
  SeenOperation one;
  one.kind = kind;
  one.data = std::move(data);
  one.end = end;
  one.began = end;
  one.took = took;
  one.whole = whole;
  return one;
}

class RecorderTest : public ::testing::Test {
 protected:
  void note(SeenOperation one, unsigned session = 0) {
    one.session = session;
    ASSERT_TRUE(recorder().add(std::move(one)));
  }
  const std::vector<RecordedExchange>& exchanges() {
    recorder().finish(recording, remarks);
    return recording.exchanges;
  }
  Recorder& recorder() { return stream ? on_stream : on_ends; }
  static std::vector<std::string> answers(const RecordedExchange& one) {
    std::vector<std::string> all;
    for (const SharedBytes& answer : one.answers) all.push_back(*answer);
    return all;
  }
  using Strings = std::vector<std::string>;

  bool stream = false;
  Recorder on_ends{false};
  Recorder on_stream{true};
  Recording recording;
  Strings remarks;
};

TEST_F(RecorderTest, AnswersThatArePasswordsAreNotNoted) {
  note(operation(Kind::write, "PASS?\n", 0));
  SeenOperation answer = operation(Kind::read, "****\n", 100);
  answer.hidden = std::string(4, '\1');
  note(answer);
  ASSERT_EQ(exchanges().size(), 1U);
  EXPECT_EQ(answers(exchanges()[0]), Strings{"****\n"});
  ASSERT_FALSE(remarks.empty());
  EXPECT_EQ(remarks[0], "1 answers are passwords: they were not noted, asterisks stand for them");
}

TEST_F(RecorderTest, PiecesOfMessagesAndAnswersArePutTogether) {
  note(operation(Kind::write, "*ID", 0, 0, false));
  note(operation(Kind::write, "N?\n", 1000));
  note(operation(Kind::read, "A,", 60000, 55000, false));
  note(operation(Kind::read, "B\n", 61000));
  note(operation(Kind::write, "DATA #15a\nb\nc", 70000));  // ended by END
  note(operation(Kind::write, "CURV?;*OPC?", 80000));
  note(operation(Kind::read, "x", 80100));
  note(operation(Kind::read, "y", 80200));
  const auto& all = exchanges();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].message, "*IDN?");
  EXPECT_EQ(answers(all[0]), Strings{"A,B\n"});
  EXPECT_EQ(all[0].delay.count(), 59);
  EXPECT_EQ(all[1].message, "DATA #15a\nb\nc");
  EXPECT_TRUE(all[1].answers.empty());
  EXPECT_EQ(answers(all[2]), (Strings{"x", "y"}));
  EXPECT_EQ(all[2].delay.count(), 0);
  EXPECT_TRUE(remarks.empty());
}

TEST_F(RecorderTest, StreamIsCutAtLineEndsHoweverItIsWritten) {
  stream = true;
  note(operation(Kind::write, "*RST\n*ID", 0));
  note(operation(Kind::write, "N?\r\n", 10));
  note(operation(Kind::read, "A", 20));
  note(operation(Kind::read, "B\n", 30));
  const auto& all = exchanges();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].message, "*RST");
  EXPECT_EQ(all[1].message, "*IDN?");
  EXPECT_EQ(answers(all[1]), Strings{"AB\n"});
  EXPECT_EQ(recording.terminator, '\n');
}

TEST_F(RecorderTest, SerialInstrumentMayEndItsMessagesByCarriageReturn) {
  stream = true;
  for (int i = 0; i < 3; ++i) {
    note(operation(Kind::write, "*IDN?\r", 10));
    note(operation(Kind::read, "A\r", 20));
  }
  EXPECT_EQ(exchanges().size(), 3u);
  EXPECT_EQ(recording.terminator, '\r');
  EXPECT_EQ(recording.exchanges[2].message, "*IDN?");
}

TEST_F(RecorderTest, MessagesWithoutAnEndAreReported) {
  stream = true;
  note(operation(Kind::write, "\x05", 10));
  note(operation(Kind::read, "\x06", 20));
  note(operation(Kind::write, "\x07", 30));
  EXPECT_EQ(exchanges().size(), 2u);
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_NE(remarks[0].find("neither line feed nor carriage return"), std::string::npos);
}

TEST_F(RecorderTest, SessionsKeepTheirAnswersApart) {
  note(operation(Kind::write, "A?", 0), 1);
  note(operation(Kind::write, "B?", 0), 2);
  note(operation(Kind::read, "b", 0), 2);
  note(operation(Kind::read, "a", 0), 1);
  const auto& all = exchanges();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(answers(all[0]), Strings{"a"});
  EXPECT_EQ(answers(all[1]), Strings{"b"});
}

TEST_F(RecorderTest, StatusBytesRequestsAndTriggersStandWithTheirMessage) {
  note(operation(Kind::clear, "", 0));
  note(operation(Kind::write, "*SRE 32", 1000));
  note(operation(Kind::trigger, "", 2000));
  note(operation(Kind::service_request, "", 302000));
  note(operation(Kind::status, "\x60", 302500));
  note(operation(Kind::status, std::string(1, '\0'), 303000));
  note(operation(Kind::read, "1\n", 304000));
  const auto& all = exchanges();
  ASSERT_EQ(all.size(), 2u);  // nothing came of the clear
  EXPECT_EQ(all[1].kind, RecordedExchange::Kind::trigger);
  ASSERT_EQ(all[1].service_requests.size(), 1u);
  EXPECT_EQ(all[1].service_requests[0].count(), 300);
  EXPECT_EQ(all[1].status, (std::vector<std::uint8_t>{0x60, 0}));
  EXPECT_EQ(answers(all[1]), Strings{"1\n"});
}

TEST_F(RecorderTest, WhatComesWhileAMessageIsSentCameOfIt) {
  note(operation(Kind::write, "*SRE 32", 1000));
  note(operation(Kind::service_request, "", 5300));  // its line came before that of the write
  auto late = operation(Kind::write, "*OPC", 5500);
  late.began = 5200;
  note(std::move(late));
  const auto& all = exchanges();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].service_requests.empty());
  ASSERT_EQ(all[1].service_requests.size(), 1u);
  EXPECT_EQ(all[1].service_requests[0].count(), 0);
}

TEST_F(RecorderTest, SecretIsNotNoted) {
  auto one = operation(Kind::write, "*CLS;L:PSK *****", 0);
  one.hidden = std::string(11, '\0') + std::string(5, '\1');
  note(std::move(one));
  ASSERT_EQ(exchanges().size(), 1u);
  EXPECT_EQ(recording.exchanges[0].secret, std::optional<std::size_t>(11));
}

TEST_F(RecorderTest, AnswerBeforeAnyQuestionIsReported) {
  note(operation(Kind::read, "220 ready\n", 0));
  EXPECT_TRUE(exchanges().empty());
  EXPECT_EQ(remarks.size(), 1u);
}

TEST_F(RecorderTest, RoomIsBounded) {
  Recorder small(false, 10);
  EXPECT_TRUE(small.add(operation(Kind::read, "12345", 0)));
  EXPECT_TRUE(small.add(operation(Kind::read, "12345", 0)));
  EXPECT_FALSE(small.add(operation(Kind::read, "1", 0)));
}

}  // namespace
}  // namespace visa::sim
