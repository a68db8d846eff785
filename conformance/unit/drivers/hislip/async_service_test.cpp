// SPDX-License-Identifier: MIT
// The thread of the asynchronous connection and fork: a child has a copy of what the thread uses,
// in whatever state that was, but no thread.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/open_hislip.h"
#include "conformance/unit/support/child_process.h"

namespace visa::test {
namespace {

std::string close_in_a_child(OpenHislip& device) {
  return in_child([&] {
    device.close();
    return 0;
  });
}

TEST(HislipFork, AChildClosesASessionWithServiceRequestsAndTheParentsGoesOn) {
  OpenHislip device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  EXPECT_EQ(in_child([&] {
              Call enabling(Deadline::after(kLong));
              const Status enabled =
                  device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, enabling);
              return enabled == Status::error_conn_lost ? 0 : 1;
            }),
            "")
      << "no thread of the child receives any";
  EXPECT_EQ(close_in_a_child(device), "");
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  EXPECT_TRUE(sink.wait_for(1));
  const std::uint32_t id = device.ask();
  device.answer(id, "1\n");
  EXPECT_EQ(device.read().data, "1\n");
}

// A condition that threads of the parent wait for must not be destroyed in the child: it would wait
// for them to leave.
TEST(HislipFork, AChildClosesASessionWhoseThreadsWaitForEachOther) {
  OpenHislip device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  auto polling = std::async(std::launch::async, [&] {
    Call query(Deadline::after(kLong));
    return device.channel->read_status_byte(query).status();
  });
  take(device.ends.async);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(close_in_a_child(device), "") << i;
    if (HasFailure()) break;
  }
  put(device.ends.async, {MessageType::async_status_response, 0});
  EXPECT_EQ(polling.get(), Status::success);
}

}  // namespace
}  // namespace visa::test
