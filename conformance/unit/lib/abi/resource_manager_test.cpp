// SPDX-License-Identifier: MIT
// The arguments of the resource manager's operations: what is written where, and what a null
// pointer means. What they find and open is in lib/core.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstring>
#include <string>

#include "conformance/unit/support/visa_session.h"

#undef viGetDefaultRM  // visa.h defines the old name as the new one
extern "C" ViStatus _VI_FUNC viGetDefaultRM(ViPSession vi);

namespace visa::abi {
namespace {

class ManagerCalls : public test::VisaSession {
 protected:
  ManagerCalls() {
    bench().on_find(model::Interface::usb, [](auto&, Call&, spi::DescriptorSink& sink) {
      sink.found({*model::parse_resource_name("USB::1::2::A"), {}});
      sink.found({*model::parse_resource_name("USB::1::2::B"), {}});
    });
    std::memset(text_, '#', sizeof text_);
  }
  /// What is left of a text buffer beyond the 256 bytes that a caller provides.
  bool intact() const { return std::string(text_ + 256, 4) == "####"; }

  ViChar text_[260];
};

TEST_F(ManagerCalls, TheOldNameOpensTheSame) {
  ViSession manager = VI_NULL;
  EXPECT_EQ(viGetDefaultRM(&manager), VI_SUCCESS);
  EXPECT_NE(manager, static_cast<ViSession>(VI_NULL));
  EXPECT_EQ(viClose(manager), VI_SUCCESS);
  EXPECT_EQ(viGetDefaultRM(nullptr), VI_ERROR_INV_PARAMETER);
}

TEST_F(ManagerCalls, FindWritesItsResultsAndNoMore) {
  ViFindList list = VI_NULL;
  ViUInt32 count[2] = {9, 9};
  ASSERT_EQ(viFindRsrc(rm_, "?*", &list, count, text_), VI_SUCCESS);
  EXPECT_EQ(count[0], 2u);
  EXPECT_EQ(count[1], 9u);
  EXPECT_EQ(std::string(text_).rfind("USB", 0), 0u) << text_;
  EXPECT_TRUE(intact());
  EXPECT_EQ(viFindNext(list, text_), VI_SUCCESS);
  EXPECT_EQ(viFindNext(list, text_), VI_ERROR_RSRC_NFOUND);
  EXPECT_STREQ(text_, "") << "no name of before";
  EXPECT_EQ(viClose(list), VI_SUCCESS);
  EXPECT_EQ(viFindRsrc(rm_, "?*", nullptr, nullptr, text_), VI_SUCCESS) << "all but the first name";
  EXPECT_EQ(viFindRsrc(rm_, "?*", nullptr, nullptr, nullptr), VI_SUCCESS);
}

TEST_F(ManagerCalls, AFailedFindLeavesNothingOfBefore) {
  for (const char* expression : {"GPIB?*", "?*[", static_cast<const char*>(nullptr)}) {
    ViFindList list = 77;
    ViUInt32 count = 77;
    std::memset(text_, '#', sizeof text_);
    EXPECT_LT(viFindRsrc(rm_, expression, &list, &count, text_), 0);
    EXPECT_EQ(list, static_cast<ViFindList>(VI_NULL));
    EXPECT_EQ(count, 0u);
    EXPECT_STREQ(text_, "");
  }
}

TEST_F(ManagerCalls, ParseWritesSixteenBitsEach) {
  ViUInt16 type[2] = {9, 9};
  ViUInt16 number[2] = {9, 9};
  EXPECT_EQ(viParseRsrc(rm_, "TCPIP3::host::5025::SOCKET", type, number), VI_SUCCESS);
  EXPECT_EQ(type[0], VI_INTF_TCPIP);
  EXPECT_EQ(number[0], 3);
  EXPECT_EQ(type[1] + number[1], 18);
  EXPECT_EQ(viParseRsrc(rm_, "TCPIP3::host::5025::SOCKET", nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(viParseRsrc(rm_, "no name", type, number), VI_ERROR_INV_RSRC_NAME);
  EXPECT_EQ(type[0] + number[0], 0);
  EXPECT_EQ(viParseRsrc(rm_, nullptr, type, number), VI_ERROR_INV_RSRC_NAME);
}

TEST_F(ManagerCalls, ParseExWritesTheTextsThatAreWanted) {
  ViChar kind[256] = "#";
  EXPECT_EQ(viParseRsrcEx(rm_, "tcpip::host::5025::socket", nullptr, nullptr, kind, text_, nullptr),
            VI_SUCCESS);
  EXPECT_STREQ(kind, "SOCKET");
  EXPECT_STREQ(text_, "TCPIP0::host::5025::SOCKET");
  EXPECT_TRUE(intact());
  EXPECT_EQ(viParseRsrcEx(rm_, "no name", nullptr, nullptr, kind, text_, nullptr),
            VI_ERROR_INV_RSRC_NAME);
  EXPECT_STREQ(kind, "");
  EXPECT_STREQ(text_, "");
}

}  // namespace
}  // namespace visa::abi
