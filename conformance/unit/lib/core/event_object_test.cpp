// SPDX-License-Identifier: MIT
#include "lib/core/event_object.h"

#include <gtest/gtest.h>

#include <memory>

#include "lib/model/attribute_table.h"
#include "lib/model/event_table.h"

namespace visa::core {
namespace {

std::shared_ptr<EventObject> make(spi::EventRecord record) {
  return std::make_shared<EventObject>(std::make_shared<const spi::EventRecord>(std::move(record)),
                                       Handle{5});
}

TEST(EventObject, EveryTypeKnowsItsOwnTypeAndWhoMadeIt) {
  for (const auto& event : model::event_table()) {
    const auto context = make({event.id, {}});
    EXPECT_EQ(context->kind(), event.context);
    EXPECT_EQ(context->session(), 5u);
    const auto type = context->get_attribute(VI_ATTR_EVENT_TYPE);
    ASSERT_TRUE(type) << event.name;
    EXPECT_EQ(model::number(type->value), event.id);
    EXPECT_TRUE(context->get_attribute(VI_ATTR_RSRC_MANF_NAME)) << event.name;
    EXPECT_EQ(context->set_attribute(VI_ATTR_EVENT_TYPE, 1), Status::error_attr_readonly);
    EXPECT_EQ(context->get_attribute(VI_ATTR_TMO_VALUE).status(), Status::error_nsup_attr);
    EXPECT_EQ(context->set_attribute(VI_ATTR_TMO_VALUE, 1), Status::error_nsup_attr);
  }
}

TEST(EventObject, A32BitTwinIsAnsweredFromItsRow) {
  const auto context =
      make({VI_EVENT_IO_COMPLETION, {{VI_ATTR_RET_COUNT_64, std::uint64_t{0x1'0000'0005}}}});
  EXPECT_EQ(model::number(context->get_attribute(VI_ATTR_RET_COUNT_64)->value), 0x1'0000'0005u);
  const auto narrow = context->get_attribute(VI_ATTR_RET_COUNT_32);
  ASSERT_TRUE(narrow);
  EXPECT_EQ(model::size_of(narrow->row->type), 4u);
}

TEST(EventObject, WhatTheDriverDidNotSayIsNotMadeUp) {
  const auto context = make({VI_EVENT_USB_INTR, {{VI_ATTR_USB_RECV_INTR_SIZE, std::uint64_t{2}}}});
  EXPECT_TRUE(context->get_attribute(VI_ATTR_USB_RECV_INTR_SIZE));
  EXPECT_EQ(context->get_attribute(VI_ATTR_STATUS).status(), Status::error_nsup_attr);
}

}  // namespace
}  // namespace visa::core
