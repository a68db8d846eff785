// SPDX-License-Identifier: MIT
#include "drivers/common/tls_context.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/tls_wire.h"

namespace visa::test {
namespace {

TEST(TlsContexts, AFileThatIsWrongIsNamed) {
  const TempFolder folder;
  Authority authority;
  use_module_of_this_build();
  const std::string nothing = folder.file("missing.pem");
  const std::string noise = folder.make("noise.pem", "no certificate\n");
  const std::string own = folder.make("own.pem", authority.issue().certificate_pem());
  const TlsSettings kWrong[] = {
      {.host = "h", .ca_file = nothing},
      {.host = "h", .ca_file = noise},
      {.host = "h", .client_certificate = nothing},
      {.host = "h", .client_certificate = own},  // no key in it
      {.host = "h", .client_certificate = own, .client_key = noise},
  };
  for (const TlsSettings& settings : kWrong) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(TlsContext::make(settings, call).status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find(folder.path()), std::string::npos) << call.detail;
  }
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsContexts, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
