// SPDX-License-Identifier: MIT
// One question at a time, each with its closing line; and how the link gets back in step when that
// does not come.
#include "drivers/gpib/prologix_link.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/prologix_fixture.h"

namespace visa::drivers::gpib {
namespace {

class PrologixLinkTest : public testing::Test {
 protected:
  PrologixLinkTest() {
    auto made = std::make_unique<AdapterModel>();
    model = made.get();
    link = std::make_unique<PrologixLink>(std::move(made), dialect_of(AdapterModel::kVersion),
                                          std::string(AdapterModel::kVersion), kNoGrace);
  }
  Result<std::string> ask(std::string_view lines) { return link->ask(lines, call); }

  AdapterModel* model = nullptr;
  std::unique_ptr<PrologixLink> link;
  Call call{Deadline::after(std::chrono::seconds(5))};
};

TEST_F(PrologixLinkTest, NamesTheAdapter) {
  EXPECT_EQ(link->name(), "Prologix at model");
}

TEST_F(PrologixLinkTest, AnAnswerEndsAtTheClosingLine) {
  model->srq = true;
  EXPECT_EQ(*ask("++srq\n"), "1\r\n");
  EXPECT_EQ(model->take_lines(), (Lines{"++srq", "++ver"}));
  EXPECT_FALSE(link->owes());
  EXPECT_EQ(*ask("++loc\n"), "");  // has none
  model->piece = 1;                // whatever the pieces
  EXPECT_EQ(*ask("++srq\n"), "1\r\n");
}

TEST_F(PrologixLinkTest, SetsTheTimerWhereItChangesAndWithinItsLimits) {
  EXPECT_EQ(link->timer_line(0), "++read_tmo_ms 1\n");
  EXPECT_EQ(link->timer_line(1), "");
  EXPECT_EQ(link->timer_line(99999), "++read_tmo_ms 3000\n");
  EXPECT_EQ(link->timer(), 3000);
}

TEST_F(PrologixLinkTest, ALostClosingLineIsReplacedByAToken) {
  link->timer_line(1);
  model->version = "";
  ASSERT_EQ(link->start_read("++read eoi\n", call), Status::success);
  EXPECT_TRUE(link->owes());
  Status status = Status::success;
  while (link->owes()) status = link->receive(call);
  EXPECT_EQ(status, Status::error_io);
  EXPECT_FALSE(link->hole());
  model->version = AdapterModel::kVersion;
  model->srq = true;
  EXPECT_EQ(*ask("++srq\n"), "1\r\n");
}

// Its beginning may be in the caller's hands, the rest went with what the token was looked for in.
TEST_F(PrologixLinkTest, AnAnswerThatWentWithItHasAHole) {
  link->timer_line(1);
  model->version = "";
  model->held = true;
  model->held_sends = 2;  // it comes when the token is asked for
  model->answers["1"] = "0123456789";
  ASSERT_EQ(link->start_read("++read eoi\n", call), Status::success);
  while (link->owes()) static_cast<void>(link->receive(call));
  EXPECT_TRUE(link->hole());
}

TEST_F(PrologixLinkTest, ALineThatWentOutInPartIsEndedFirst) {
  model->send_status = Status::error_tmo;
  model->send_count = 4;
  EXPECT_EQ(link->send("++read_tmo_ms 5\n", call).status, Status::error_tmo);
  EXPECT_EQ(link->timer(), 0);  // it may not have heard that
  EXPECT_EQ(*ask("++srq\n"), "0\r\n");
  EXPECT_EQ(model->take_lines(), (Lines{"++re", "", "++srq", "++ver"}));
}

TEST_F(PrologixLinkTest, AQuestionThatDidNotGoOutOwesNothing) {
  model->send_status = Status::error_tmo;
  model->send_count = 0;
  EXPECT_EQ(ask("++srq\n").status(), Status::error_tmo);
  EXPECT_FALSE(link->owes());
  EXPECT_EQ(*ask("++srq\n"), "0\r\n");
}

TEST_F(PrologixLinkTest, SurplusIsNotTakenForTheNextAnswer) {
  EXPECT_EQ(*ask("++srq\n"), "0\r\n");
  model->incoming = "stray\r\n" + model->version + "more";
  EXPECT_EQ(*ask("++loc\n"), "stray\r\n");  // cannot be told from its own
  EXPECT_EQ(*ask("++srq\n"), "0\r\n");
}

TEST_F(PrologixLinkTest, AFloodEndsAtTheDeadline) {
  model->version = "";
  model->floods = true;
  Call brief(Deadline::after(std::chrono::milliseconds(5)));
  EXPECT_EQ(link->ask("++srq\n", brief).status(), Status::error_tmo);
  EXPECT_NE(brief.detail.find("never stops"), std::string::npos) << brief.detail;
}

// A question that went out in part: what is its answer the link finds out by a token, which does
// not come among all that does.
TEST_F(PrologixLinkTest, AFloodInPlaceOfTheTokenEndsAtTheDeadline) {
  model->send_status = Status::error_tmo;
  model->send_count = 4;
  EXPECT_EQ(ask("++srq\n").status(), Status::error_tmo);
  model->held = true;
  model->floods = true;
  Call brief(Deadline::after(std::chrono::milliseconds(5)));
  EXPECT_EQ(link->ask("++srq\n", brief).status(), Status::error_tmo);
  EXPECT_NE(brief.detail.find("never stops"), std::string::npos) << brief.detail;
  model->floods = false;
  model->let_go();
  EXPECT_EQ(*ask("++srq\n"), "0\r\n");
}

TEST_F(PrologixLinkTest, ALostConnectionIsSaid) {
  model->is_lost = true;
  EXPECT_EQ(ask("++srq\n").status(), Status::error_conn_lost);
  EXPECT_TRUE(link->lost());
}

}  // namespace
}  // namespace visa::drivers::gpib
