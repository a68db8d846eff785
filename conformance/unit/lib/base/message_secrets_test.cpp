// SPDX-License-Identifier: MIT
#include "lib/base/message_secrets.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace visa {
namespace {

class MessageSecretsTest : public ::testing::Test {
 protected:
  /// What a line shows of the piece.
  std::string send(std::string_view piece, bool last = true) {
    std::string shown(piece);
    const auto hidden = secrets.about_to_send(piece, last, shown.size());
    EXPECT_EQ(hidden.size(), shown.size());
    for (std::size_t i = 0; i < hidden.size(); ++i) shown[i] = hidden[i] ? '*' : shown[i];
    return shown;
  }
  bool answer_is_hidden() { return secrets.received(true); }
  MessageSecrets secrets;
};

TEST_F(MessageSecretsTest, AnswerToAPasswordIsHiddenUntilTheNextMessage) {
  send("*IDN?\n");
  EXPECT_FALSE(answer_is_hidden());
  send("SYST:COMM:LAN:PASS?");  // without a line feed: END ends it
  EXPECT_TRUE(secrets.received(false));
  EXPECT_TRUE(answer_is_hidden()) << "an answer may come in pieces";
  EXPECT_TRUE(answer_is_hidden()) << "of several answers it may be the second";
  send("*IDN?\n");
  EXPECT_FALSE(answer_is_hidden());
}

TEST_F(MessageSecretsTest, AnswerThatWaitsBehindTheNextQuestionStaysHidden) {
  send("PASSword?\n");
  send("*IDN?\n");
  EXPECT_TRUE(answer_is_hidden());
  send("*IDN?\n");
  EXPECT_FALSE(answer_is_hidden());
}

// The end of the first answer counted for that of the password, which was shown then.
TEST_F(MessageSecretsTest, AnswersToEarlierQuestionsDoNotCountForThatOfTheSecret) {
  send("*IDN?\n");
  send("VOLT 1\n");
  send("PASSword?\n");
  EXPECT_TRUE(answer_is_hidden()) << "it may be either";
  send("*OPC?\n");
  EXPECT_TRUE(answer_is_hidden());
  send("VOLT?\n");
  EXPECT_FALSE(answer_is_hidden());
}

TEST_F(MessageSecretsTest, EachQuestionHasAnAnswer) {
  send("PASSword?;:PASSword?\n");  // one answer
  send("PASSword?\nPASSword?\n");  // two
  send("*IDN?\rPASSword?\r");      // two
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(answer_is_hidden()) << i;
    send("*OPC?\n");
  }
  EXPECT_FALSE(answer_is_hidden());
}

TEST_F(MessageSecretsTest, AfterAClearNoAnswerIsToCome) {
  send("*IDN?\n");
  send("PASSword?\n");
  secrets.clear();
  EXPECT_FALSE(answer_is_hidden());
  send("PASSword?\n");
  EXPECT_TRUE(answer_is_hidden());
  send("*OPC?\n");
  EXPECT_FALSE(answer_is_hidden());
}

TEST_F(MessageSecretsTest, WhatFollowsAPasswordsHeaderIsHiddenInAllPieces) {
  EXPECT_EQ(send("*RST;LAN:PSK ge", false), "*RST;LAN:PSK **");
  EXPECT_EQ(send("heim;*OPC?"), "****;*OPC?");
  EXPECT_EQ(send("x"), "x");
  EXPECT_FALSE(answer_is_hidden());
  EXPECT_EQ(secrets.about_to_send("LAN:PSK geheim", true, 9).size(), 9u);
}

TEST_F(MessageSecretsTest, WhatFollowsALongBlockIsSeen) {
  const std::string block = "CURV #3500" + std::string(500, '\n');
  EXPECT_EQ(send(block + ";LAN:PSK x", false), block + ";LAN:PSK *");
  EXPECT_EQ(send("y;PASS?"), "*;PASS?");
  EXPECT_TRUE(answer_is_hidden());
  send("CURV #3500", false);
  send(std::string(499, ';'), false);
  EXPECT_EQ(send("x;LAN:PSK y"), "x;LAN:PSK *");
  EXPECT_EQ(send("LAN:PSK #3500" + std::string(100, ';'), false).back(), '*');
  EXPECT_EQ(secrets.about_to_send(std::string(400, ';') + "a", true, 7),
            std::vector<bool>(7, true));
}

// What was not sent may come again, or be given up for another message.
TEST_F(MessageSecretsTest, AMessageThatWasCutShortHidesItsRestAndTheNextOne) {
  send("SYST:PASS:CEN geheim");
  secrets.cut_short("SYST:PASS:CEN geh");
  EXPECT_EQ(send("eim"), "***");
  EXPECT_EQ(send("eim"), "eim");
  send("SYST:PASS:CEN geheim");
  secrets.cut_short("SYST:PA");
  EXPECT_EQ(send("SS:CEN geheim"), "SS:CEN ******");
  send("SYST:PA");
  secrets.cut_short("SYST:PA");
  EXPECT_EQ(send("LAN:PSK geheim"), "LAN:PSK ******");
  send("SYST:PASS?");
  secrets.cut_short("SYST:PA");
  send("LAN:PASS?");
  EXPECT_TRUE(answer_is_hidden());
}

// The header of the password was forgotten with the second piece.
TEST_F(MessageSecretsTest, AMessageThatIsCutShortAgainHidesItsRest) {
  send("SYST:PASS:CEN geheim");
  secrets.cut_short("SYST:PASS:CEN ge");
  EXPECT_EQ(send("heim"), "****");
  secrets.cut_short("he");
  EXPECT_EQ(send("im"), "**");
  send("SYST:PASS:CEN geheim");
  secrets.cut_short("SYST:PA");
  EXPECT_EQ(send("SS:CEN geheim"), "SS:CEN ******");
  secrets.cut_short("SS:CEN ge");
  EXPECT_EQ(send("heim"), "****");
}

// A serial port sends no END unless it is told to: all answers stayed hidden.
TEST_F(MessageSecretsTest, ALineEndsAMessageWhereNothingElseDoes) {
  send("PASS?\n", false);
  EXPECT_TRUE(answer_is_hidden());
  send("*IDN?\n", false);
  EXPECT_FALSE(answer_is_hidden());
  send("SYST:PASS:CEN geheim\n", false);
  secrets.cut_short("SYST:PASS:CEN ge");
  EXPECT_EQ(send("heim\n", false), "****\n");
  EXPECT_EQ(send("heim\n", false), "heim\n");
}

TEST_F(MessageSecretsTest, WhatLooksLikeABlockHidesNoNextMessage) {
  send("MENU #12\n", false);
  EXPECT_EQ(send("LAN:PSK geheim\n", false), "LAN:PSK ******\n");
  send("CURV #13a\n", false);  // and where it is one, it goes on
  EXPECT_EQ(send("b;LAN:PSK geheim\n", false), "b;LAN:PSK ******\n");
}

TEST_F(MessageSecretsTest, WhatCouldNotBeLookedAtMayHaveAskedForASecret) {
  secrets.assume_question();
  EXPECT_TRUE(answer_is_hidden());
  send("*OPC?\n");
  EXPECT_FALSE(answer_is_hidden());
}

// A reader that asked after its read learned what holds for the next answer.
TEST_F(MessageSecretsTest, AReaderKnowsOfItsOwnAnswer) {
  EXPECT_EQ(secrets.hidden(), 0u);
  send("PASS?\n");
  const auto before = secrets.hidden();
  EXPECT_TRUE(answer_is_hidden());
  send("*IDN?\n");
  EXPECT_NE(secrets.hidden(), before);
  const auto later = secrets.hidden();
  EXPECT_FALSE(answer_is_hidden());
  EXPECT_EQ(secrets.hidden(), later);
}

}  // namespace
}  // namespace visa
