// SPDX-License-Identifier: MIT
#include "lib/base/message_secrets.h"

#include <gtest/gtest.h>

#include <string_view>

namespace visa {
namespace {

class MessageSecretsTest : public ::testing::Test {
 protected:
  void send(std::string_view message) {
    for (const char c : message) secrets.hides_sent(c);
    secrets.end_sent();
  }
  MessageSecrets secrets;
};

TEST_F(MessageSecretsTest, AnswerToAPasswordIsHiddenUntilTheNextMessage) {
  send("*IDN?\n");
  EXPECT_FALSE(secrets.hides_received());
  secrets.end_received();
  send("SYST:COMM:LAN:PASS?");  // without a line feed: END ends it
  EXPECT_TRUE(secrets.hides_received());
  EXPECT_TRUE(secrets.hides_received()) << "an answer may come in pieces";
  secrets.end_received();
  EXPECT_TRUE(secrets.hides_received()) << "of several answers it may be the second";
  send("*IDN?\n");
  EXPECT_FALSE(secrets.hides_received());
}

TEST_F(MessageSecretsTest, AnswerThatWaitsBehindTheNextQuestionStaysHidden) {
  send("PASSword?\n");
  send("*IDN?\n");
  EXPECT_TRUE(secrets.hides_received());
  secrets.end_received();
  send("*IDN?\n");
  EXPECT_FALSE(secrets.hides_received());
}

TEST_F(MessageSecretsTest, EachQuestionHasAnAnswer) {
  send("PASSword?;:PASSword?\n");  // one answer
  send("PASSword?\n");
  secrets.end_received();
  send("*OPC?\n");
  EXPECT_TRUE(secrets.hides_received()) << "the second answer has not come";
  secrets.end_received();
  send("*OPC?\n");
  EXPECT_FALSE(secrets.hides_received());
}

TEST_F(MessageSecretsTest, AfterAClearNoAnswerIsToCome) {
  send("PASSword?\n");
  secrets.clear();
  EXPECT_FALSE(secrets.hides_received());
}

TEST_F(MessageSecretsTest, WhatFollowsAPasswordsHeaderIsHidden) {
  for (const char c : std::string_view("LAN:PSK ")) EXPECT_FALSE(secrets.hides_sent(c));
  EXPECT_TRUE(secrets.hides_sent('x'));
  secrets.end_sent();
  EXPECT_FALSE(secrets.hides_sent('x'));
  EXPECT_FALSE(secrets.hides_received());
}

}  // namespace
}  // namespace visa
