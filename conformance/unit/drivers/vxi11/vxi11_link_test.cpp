// SPDX-License-Identifier: MIT
// One call of a link, from create_link to the checked reply. Transfers, locks, recovery and
// reconnecting: the tests of the other parts of the link, through a channel.
#include "drivers/vxi11/vxi11_link.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <future>
#include <memory>
#include <thread>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/fake_instrument.h"
#include "conformance/unit/drivers/support/open_vxi11.h"
#include "drivers/vxi11/vxi11_protocol.h"

namespace visa::test {
namespace {

using drivers::Endpoint;
using drivers::vxi11::Link;
using drivers::vxi11::Procedure;

class Vxi11Link : public testing::Test {
 protected:
  ~Vxi11Link() override {
    if (!link_) return;
    Call closing(Deadline::after(kLong));
    link_->destroy(closing);
  }

  Status create(std::string_view device = "inst0", std::uint16_t abort_port = 0) {
    Endpoint core = LoopbackServer().endpoint();
    core.set_port(instrument.core_port());
    Call connecting(Deadline::after(kLong));
    auto connection = drivers::connect_tcp({&core, 1}, "scope.lan", {}, connecting);
    if (!connection) throw std::runtime_error(connecting.detail);
    link_ = std::make_unique<Link>(*std::move(connection), "scope.lan", std::chrono::nanoseconds(0),
                                   drivers::ConnectOptions{});
    return link_->create(device, abort_port, call);
  }
  Status operate(Call& its, Procedure procedure = Procedure::device_trigger) {
    return link_->operate(procedure, its);
  }
  std::size_t triggers() const { return instrument.count(kTrigger); }

  FakeInstrument instrument;
  std::unique_ptr<Link> link_;
  Call call{Deadline::after(kLong)};
};

TEST_F(Vxi11Link, IsCreatedForItsDeviceAndNamedInEveryCall) {
  instrument.next(kCreateLink, {.words = {0, 0xFFFFFFFE, instrument.abort_listener(), 4096}});
  ASSERT_EQ(create("gpib0,5"), Status::success) << call.detail;
  const auto made = instrument.seen(kCreateLink);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].word(1), 0u) << "lockDevice";
  EXPECT_EQ(made[0].opaque(3), "gpib0,5");
  EXPECT_EQ(operate(call), Status::success);
  EXPECT_EQ(instrument.seen(kTrigger).at(0).word(0), 0xFFFFFFFEu);
  EXPECT_EQ(link_->peer().port(), instrument.core_port());
  EXPECT_EQ(link_->peer().numeric(), "127.0.0.1");
}

TEST_F(Vxi11Link, IsRefusedWithTheStatusesOfViOpen) {
  const std::pair<std::uint32_t, Status> refusals[] = {{3, Status::error_rsrc_nfound},
                                                       {9, Status::error_alloc},
                                                       {11, Status::error_rsrc_locked},
                                                       {1, Status::error_inv_rsrc_name}};
  for (const auto& [error, status] : refusals) {
    instrument.next(kCreateLink, {.words = {error, 0, 0, 0}});
    EXPECT_EQ(create(), status);
    EXPECT_NE(call.detail.find("scope.lan (127.0.0.1)"), std::string::npos) << call.detail;
    EXPECT_NE(call.detail.find("VXI-11 error " + std::to_string(error)), std::string::npos);
    link_->destroy(call);
    link_.reset();
  }
  EXPECT_EQ(instrument.count(kDestroyLink), 0u) << "there was no link";
}

TEST_F(Vxi11Link, OutOfResourcesSaysThatTooManyLinksAreOpen) {
  instrument.next(kCreateLink, {.words = {9, 0, 0, 0}});
  EXPECT_EQ(create(), Status::error_alloc);
  EXPECT_NE(call.detail.find("too many links"), std::string::npos) << call.detail;
}

TEST_F(Vxi11Link, DeviceNameThatIsTooLongIsNotSent) {
  EXPECT_EQ(create(std::string(5000, 'x')), Status::error_inv_rsrc_name);
  EXPECT_EQ(instrument.count(kCreateLink), 0u);
}

TEST_F(Vxi11Link, LostInTheMiddleStaysLostAndIsDestroyedWithoutACall) {
  ASSERT_EQ(create(), Status::success);
  instrument.next(kTrigger, {.words = {0}, .closes = true, .stalls_at = 6});
  EXPECT_EQ(operate(call), Status::error_conn_lost);
  EXPECT_FALSE(call.detail.empty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(operate(call), Status::error_conn_lost);
    EXPECT_EQ(link_->read_status_byte(call).status(), Status::error_conn_lost);
  }
  EXPECT_EQ(triggers(), 1u);
  link_->destroy(call);
  link_.reset();
  EXPECT_EQ(instrument.count(kDestroyLink), 0u);
}

TEST_F(Vxi11Link, DestroySaysGoodbyeOnce) {
  ASSERT_EQ(create(), Status::success);
  link_->destroy(call);
  link_.reset();
  EXPECT_EQ(instrument.count(kDestroyLink), 1u);
  EXPECT_TRUE(instrument.wait_until_closed());
}

TEST_F(Vxi11Link, RepliesThatMeanNothingAreErrorsAndTheNextCallIsInStep) {
  ASSERT_EQ(create(), Status::success);
  const std::pair<Answer, Status> answers[] = {
      {{.accept_status = 3}, Status::error_nsup_oper},  // procedure unavailable
      {{.accept_status = 1}, Status::error_io},
      {{.denied = true}, Status::error_io},
      {{.words = {}}, Status::error_io},  // cut short
      {{.words = {17}}, Status::error_io},
      {{.words = {1234}}, Status::error_io}};
  for (const auto& [answer, status] : answers) {
    instrument.next(kTrigger, answer);
    Call its(Deadline::after(kLong));
    EXPECT_EQ(operate(its), status) << its.detail;
    EXPECT_EQ(its.detail.find("scope.lan (127.0.0.1) port "), 0u) << its.detail;
    EXPECT_EQ(operate(its), Status::success);
  }
}

TEST_F(Vxi11Link, InstrumentLearnsTheTimeOfTheCall) {
  ASSERT_EQ(create(), Status::success);
  const auto io_timeout = [&](Call& its) {
    EXPECT_EQ(operate(its), Status::success) << its.detail;
    return instrument.seen(kTrigger).back().word(3);
  };
  Call endless(Deadline::infinite());
  EXPECT_EQ(io_timeout(endless), drivers::vxi11::kMostMilliseconds);
  Call exact(Deadline::after(milliseconds(30000)));
  exact.timeout = milliseconds(30000);
  const auto whole = io_timeout(exact);
  EXPECT_LE(whole, 30000u);  // the attribute itself, unless this thread was held up
  EXPECT_GT(whole, 20000u);
  Call part(Deadline::after(milliseconds(30000)));
  part.timeout = milliseconds(60000);  // most of it has passed before
  EXPECT_LE(io_timeout(part), 30000u);
}

TEST_F(Vxi11Link, ImmediateCallStillHasTheTimeOfARoundTrip) {
  ASSERT_EQ(create(), Status::success);
  Status status = Status::error_tmo;
  for (int i = 0; i < 20 && status == Status::error_tmo; ++i) {  // load may take those 10 ms
    Call its(Deadline::immediate());
    status = operate(its);
  }
  EXPECT_EQ(status, Status::success);
  EXPECT_EQ(instrument.seen(kTrigger).at(0).word(3), 10u) << "0 would be undefined";
}

TEST_F(Vxi11Link, CallWhoseTimeIsOverOrThatIsCancelledSendsNothing) {
  ASSERT_EQ(create(), Status::success);
  Call late(Deadline::at(Deadline::Clock::now() - milliseconds(1)));
  EXPECT_EQ(operate(late), Status::error_tmo);
  EXPECT_NE(late.detail.find("longer timeout"), std::string::npos) << late.detail;
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(operate(cancelled), Status::error_abort);
  EXPECT_EQ(triggers(), 0u);
}

TEST_F(Vxi11Link, OneCallAtATimeAndTheOtherIsToldWhy) {
  ASSERT_EQ(create(), Status::success);
  instrument.next(kTrigger, {.hold = true});
  Call first(Deadline::infinite());
  auto waiting = std::async(std::launch::async, [&] { return operate(first); });
  ASSERT_TRUE(instrument.wait_for(kTrigger));
  Call second(Deadline::after(milliseconds(60)));
  EXPECT_EQ(operate(second), Status::error_tmo);
  EXPECT_NE(second.detail.find("another call of this session"), std::string::npos);
  first.cancel();
  link_->wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
  EXPECT_EQ(triggers(), 1u);
}

TEST_F(Vxi11Link, AbortPortComesFromTheInstrumentUnlessItIsConfigured) {
  const auto aborted = [&](int connections) {
    instrument.next(kTrigger, {.silent = true});
    Call its(Deadline::after(milliseconds(60)));
    EXPECT_EQ(operate(its), Status::error_tmo);
    link_->destroy(call);
    link_.reset();
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (instrument.abort_connections() < connections &&
           std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    EXPECT_EQ(instrument.abort_connections(), connections);
  };
  instrument.abort_port = 0x10000 + instrument.abort_listener();  // no port at all
  ASSERT_EQ(create(), Status::success);
  aborted(0);
  instrument.abort_port = -1;
  ASSERT_EQ(create(), Status::success);
  aborted(1);
  instrument.abort_port = 0;
  ASSERT_EQ(create("inst0", instrument.abort_listener()), Status::success);
  aborted(2);
}

TEST_F(Vxi11Link, OptionsOfTheSocketChangeWhileItIsOpen) {
  ASSERT_EQ(create(), Status::success);
  for (const bool on : {true, false}) {
    EXPECT_EQ(link_->set_nodelay(on, call), Status::success);
    EXPECT_EQ(link_->set_keepalive(on, call), Status::success);
    EXPECT_EQ(option_of(instrument.core_port(), IPPROTO_TCP, TCP_NODELAY) != 0, on);
    EXPECT_EQ(option_of(instrument.core_port(), SOL_SOCKET, SO_KEEPALIVE) != 0, on);
  }
}

}  // namespace
}  // namespace visa::test
