// SPDX-License-Identifier: MIT
// Headers to bytes and back, and how a stream is cut.
#include "tools/sim/hislip/hislip_message.h"

#include <gtest/gtest.h>

#include "conformance/unit/tools/sim/hislip/hislip_client.h"

namespace visa::sim {
namespace {

TEST(HislipReader, CutsAStreamHoweverItComes) {
  const std::string stream = hislip_message(kDataEnd, 1, 0xFFFFFF00, "*IDN?") +
                             hislip_message(kTrigger, 0, 0xFFFFFF02) +
                             hislip_message(200, 7, 9, std::string(40, 'v'));
  for (std::size_t cut = 1; cut <= stream.size(); ++cut) {
    HislipReader reader;
    std::string seen;
    bool begun = false;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      std::string_view input = std::string_view(stream).substr(at, cut);
      while (reader.read_header(input)) {
        if (!begun) {
          EXPECT_TRUE(reader.well_formed());
          seen += std::to_string(reader.header().type) + ":";
          begun = true;
        }
        const std::string_view part = reader.payload(input);
        seen += part;
        reader.take(input, part.size());
        if (reader.left() > 0) {
          break;
        }
        seen += ";";
        begun = false;
        reader.next();
      }
      ASSERT_TRUE(input.empty());
    }
    ASSERT_EQ(seen, "7:*IDN?;12:;200:" + std::string(40, 'v') + ";") << cut;
  }
}

TEST(HislipReader, KeepsLengthsOf64Bits) {
  HislipReader reader;
  const std::string bytes = hislip_header(kData, 0, 3, 0xFFFFFFFFFFFFFFFFU) + "abc";
  std::string_view input = bytes;
  ASSERT_TRUE(reader.read_header(input));
  EXPECT_EQ(reader.payload(input), "abc");
  reader.take(input, 3);
  EXPECT_EQ(reader.left(), 0xFFFFFFFFFFFFFFFCU);
}

TEST(HislipMessage, HeaderIsWrittenAsItIsRead) {
  const auto bytes = hislip_bytes({21, 1, 0x12345678, 0x0102030405060708});
  EXPECT_EQ(std::string(bytes.data(), bytes.size()),
            hislip_header(21, 1, 0x12345678, 0x0102030405060708));
  EXPECT_EQ(hislip_size(hislip_size_bytes(0xFEDCBA9876543210)), 0xFEDCBA9876543210U);
}

TEST(HislipMessage, AnswersGoByTheNameOfTheirQuestion) {
  const auto name = [](HislipType type) { return hislip_operation(type)->name; };
  EXPECT_EQ(name(HislipType::initialize_response), "initialize");
  EXPECT_EQ(name(HislipType::data_end), "data");
  EXPECT_EQ(name(HislipType::device_clear_acknowledge), "device_clear_complete");
  EXPECT_EQ(name(HislipType::async_device_clear_acknowledge), "async_device_clear");
  EXPECT_EQ(name(HislipType::async_lock_info_response), "async_lock_info");
  EXPECT_EQ(name(HislipType::async_maximum_message_size), "async_maximum_message_size");
  EXPECT_EQ(name(HislipType::async_status_response), "async_status_query");
  EXPECT_EQ(name(HislipType::async_remote_local_response), "async_remote_local_control");
  EXPECT_EQ(name(HislipType::get_descriptors_response), "get_descriptors");
  EXPECT_EQ(name(HislipType::async_service_request), "async_service_request");
  EXPECT_EQ(name(HislipType::interrupted), "interrupted");
  EXPECT_EQ(name(HislipType::async_interrupted), "async_interrupted");
  EXPECT_EQ(name(HislipType::trigger), "trigger");
  EXPECT_EQ(name(HislipType::async_lock), "async_lock");
  EXPECT_EQ(name(HislipType::start_tls), "start_tls");
  EXPECT_EQ(name(HislipType::async_start_tls), "async_start_tls");
  EXPECT_EQ(name(HislipType::async_start_tls_response), "async_start_tls");
  EXPECT_EQ(name(HislipType::end_tls), "end_tls");
  EXPECT_EQ(name(HislipType::async_end_tls_response), "async_end_tls");
  EXPECT_EQ(name(HislipType::get_sasl_mechanism_list_response), "get_sasl_mechanism_list");
  EXPECT_EQ(name(HislipType::authentication_start), "authentication_start");
  EXPECT_EQ(name(HislipType::authentication_exchange), "authentication_exchange");
  EXPECT_EQ(name(HislipType::authentication_result), "authentication_exchange");
  EXPECT_EQ(hislip_operation(HislipType::error), nullptr);
  EXPECT_EQ(hislip_operation(static_cast<HislipType>(77)), nullptr);
  EXPECT_EQ(hislip_type_name(7), "DataEND");
  EXPECT_EQ(hislip_type_name(77), "message 77");
}

}  // namespace
}  // namespace visa::sim
