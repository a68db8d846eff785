// SPDX-License-Identifier: MIT
// Each fault of the bench, switched on and off while other sessions keep the instrument busy:
// libvisa answers with the status its documentation names, and the session works afterwards or says
// VI_ERROR_CONN_LOST.
#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/unit/tools/bench/visa_client.h"
#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_server.h"

namespace visa::sim {
namespace {

using Answer = std::pair<ViStatus, std::string>;

constexpr ViUInt32 kTimeout = 250;
constexpr char kIdentity[] = "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n";

class FaultsThroughVisa : public ::testing::Test {
 protected:
  FaultsThroughVisa() {
    server.on_bench_thread([this](Bench& bench) {
      control = std::make_unique<ControlServer>(bench, "0");
      port = control->port();
    });
    requests = std::make_unique<Client>(port);
    client = std::make_unique<VisaClient>(server.resource("dmm"), kTimeout);
    EXPECT_EQ(client->query("*IDN?").second, kIdentity);  // it is client number 1
    for (int i = 0; i < 3; ++i) {
      load.emplace_back([this] { keep_busy(); });
    }
  }
  ~FaultsThroughVisa() override {
    stop = true;
    for (std::thread& thread : load) {
      thread.join();
    }
    EXPECT_GT(answered, 0) << "there was load";
    EXPECT_EQ(wrong, 0) << "clients without a fault notice nothing of it";
    server.on_bench_thread([this](Bench&) { control.reset(); });
  }

  void keep_busy() {
    VisaClient other(server.resource("dmm"), 10000);
    while (!stop) {
      const auto [status, text] = other.query("*IDN?");
      (status == VI_SUCCESS_TERM_CHAR && text == kIdentity ? answered : wrong)++;
    }
  }
  // The fault for our client only; returns its number.
  int on(const std::string& kind_and_more) {
    const std::string answer =
        requests->query(R"({"op":"fault_on","instrument":"dmm","client":)" +
                        std::to_string(number) + ",\"kind\":" + kind_and_more + "}");
    EXPECT_EQ(answer.find("{\"ok\":true,\"fault\":"), 0U) << answer;
    return std::stoi(answer.substr(19));
  }
  // A connection is a client of its own, the youngest one.
  void open_again() {
    client->open(server.resource("dmm"), kTimeout);
    client->query("*OPC?");
    const std::string list = requests->query(R"({"op":"clients"})");
    for (std::size_t at = list.find("\"client\":"); at != std::string::npos;
         at = list.find("\"client\":", at + 1)) {
      number = std::max(number, std::stoi(list.substr(at + 9)));
    }
  }
  void off() {
    EXPECT_EQ(requests->query(R"({"op":"fault_off"})"), "{\"ok\":true,\"removed\":1}\n");
  }
  // The answer that belongs to a question of ours, whatever late answers come first; bounded.
  void works_again() {
    client->clear();
    ASSERT_EQ(client->write("*OPC;:SYST:VERS?"), VI_SUCCESS);
    for (int i = 0; i < 10; ++i) {
      const auto [status, text] = client->read();
      ASSERT_EQ(status, VI_SUCCESS_TERM_CHAR) << text;
      if (text == "1999.0\n") {
        break;
      }
    }
    EXPECT_EQ(client->query("*IDN?"), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  }

  BenchServer server{{.instruments = {"dmm"}}};
  std::unique_ptr<ControlServer> control;
  std::uint16_t port = 0;
  int number = 1;  // of our client
  std::unique_ptr<Client> requests;
  std::unique_ptr<VisaClient> client;
  std::vector<std::thread> load;
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> wrong = 0;
};

TEST_F(FaultsThroughVisa, DropIsConnectionLostUntilTheSessionIsOpenedAgain) {
  on(R"("drop")");
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_CONN_LOST);
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_CONN_LOST) << "and it stays so";
  off();
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_CONN_LOST);
  open_again();
  works_again();
}

TEST_F(FaultsThroughVisa, DropByResetInTheMiddleOfAnAnswer) {
  on(R"("drop","bytes":8,"reset":true)");
  const auto [status, text] = client->query("*IDN?");
  EXPECT_EQ(status, VI_ERROR_CONN_LOST);
  EXPECT_EQ(std::string(kIdentity).find(text), 0U) << "nothing but the beginning of the answer";
  off();
  open_again();
  works_again();
}

TEST_F(FaultsThroughVisa, DropAtOnceIsNoticedByTheNextOperation) {
  EXPECT_EQ(requests->query(R"({"op":"drop","instrument":"dmm","client":1})"),
            "{\"ok\":true,\"dropped\":1}\n");
  EXPECT_EQ(client->read().first, VI_ERROR_CONN_LOST);
  open_again();
  works_again();
}

TEST_F(FaultsThroughVisa, StallIsATimeoutAndTheAnswerComesWhenItIsOff) {
  on(R"("stall")");
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_TMO);
  EXPECT_EQ(client->read().first, VI_ERROR_TMO);
  off();
  EXPECT_EQ(client->read(), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  works_again();
}

TEST_F(FaultsThroughVisa, SplitAnswerIsReadAsOne) {
  on(R"("split","pieces":7,"ms":10)");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client->query("*IDN?"), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  }
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, TruncatedAnswerIsATimeoutWithWhatCame) {
  on(R"("truncate","bytes":8)");
  EXPECT_EQ(client->query("*IDN?"), Answer(VI_ERROR_TMO, std::string("FreeVISA")));
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, GarbageIsHandedOverAsItIs) {
  on(R"("garbage")");
  const auto [status, text] = client->query("*IDN?");
  EXPECT_EQ(status, VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(text.size(), sizeof kIdentity - 1);
  EXPECT_NE(text, kIdentity);
  off();
  on(R"("garbage","bytes":100,"terminated":false)");
  const auto [unended, bytes] = client->query("*IDN?");
  EXPECT_EQ(unended, VI_ERROR_TMO);
  EXPECT_EQ(bytes.size(), 100U);
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, LateAnswerIsATimeoutAndComesWithTheNextRead) {
  on(R"("late","ms":400,"count":1)");
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_TMO);
  EXPECT_EQ(client->read(), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, LateWithinTheTimeoutIsNoError) {
  on(R"("late","ms":60)");
  EXPECT_EQ(client->query("*IDN?"), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, PreviousAnswerLooksLikeSuccess) {
  on(R"("previous")");
  EXPECT_EQ(client->query("*IDN?").first, VI_ERROR_TMO);
  EXPECT_EQ(client->query("SYST:VERS?"), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  EXPECT_EQ(client->query("*OPC?"), Answer(VI_SUCCESS_TERM_CHAR, std::string("1999.0\n")));
  off();
  works_again();
}

TEST_F(FaultsThroughVisa, EndlessAnswerIsReadLineByLineUntilItIsOff) {
  on(R"("endless","count":1)");
  EXPECT_EQ(client->query("*IDN?"), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(client->read(), Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  }
  off();
  // What is on its way is read to its end.
  Answer line;
  do {
    line = client->read();
  } while (line == Answer(VI_SUCCESS_TERM_CHAR, std::string(kIdentity)));
  EXPECT_EQ(line.first, VI_ERROR_TMO);
  works_again();
}

TEST_F(FaultsThroughVisa, FaultsComeAndGoUnderLoadForAWhile) {
  int lost = 0;
  for (int round = 0; round < 40; ++round) {
    const char* const kinds[] = {R"("split","pieces":3,"ms":1,"count":1)",
                                 R"("late","ms":5,"count":1)", R"("truncate","bytes":9,"count":1)",
                                 R"("drop","count":1)"};
    on(kinds[round % 4] + std::string());
    const auto [status, text] = client->query("*IDN?");
    if (round % 4 < 2) {
      ASSERT_EQ(status, VI_SUCCESS_TERM_CHAR);
      ASSERT_EQ(text, kIdentity);
    } else if (round % 4 == 2) {
      ASSERT_EQ(status, VI_ERROR_TMO);
    } else {
      ASSERT_EQ(status, VI_ERROR_CONN_LOST);
      ++lost;
    }
    off();
    if (status == VI_ERROR_CONN_LOST) {
      open_again();
    }
    works_again();
  }
  EXPECT_EQ(lost, 10);
}

}  // namespace
}  // namespace visa::sim
