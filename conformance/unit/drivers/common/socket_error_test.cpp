// SPDX-License-Identifier: MIT
#include "drivers/common/socket_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace visa::test {
namespace {

using drivers::connect_error;
using drivers::transfer_error;

TEST(SocketError, OpeningNeverAnswersAStatusThatViOpenDoesNotHave) {
  for (int error = 0; error < 200; ++error) {
    const Status status = connect_error(error).status;
    EXPECT_TRUE(failed(status));
    EXPECT_NE(status, Status::error_conn_lost) << error;
    EXPECT_NE(status, Status::error_io) << error;
  }
}

TEST(SocketError, EachCauseOfAFailedOpenHasItsStatus) {
  EXPECT_EQ(connect_error(ECONNREFUSED).status, Status::error_rsrc_nfound);
  EXPECT_EQ(connect_error(EHOSTUNREACH).status, Status::error_rsrc_nfound);
  EXPECT_EQ(connect_error(ENETUNREACH).status, Status::error_rsrc_nfound);
  EXPECT_EQ(connect_error(ETIMEDOUT).status, Status::error_tmo);
  EXPECT_EQ(connect_error(EMFILE).status, Status::error_alloc);
  EXPECT_EQ(connect_error(ENFILE).status, Status::error_alloc);
  EXPECT_EQ(connect_error(ENOBUFS).status, Status::error_alloc);
  EXPECT_EQ(connect_error(EACCES).status, Status::error_npermission);
  EXPECT_EQ(connect_error(EPERM).status, Status::error_npermission);
}

TEST(SocketError, DeadConnectionsAreLostAndOddFaultsAreIo) {
  for (const int error : {ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETDOWN, ENOTCONN}) {
    EXPECT_EQ(transfer_error(error).status, Status::error_conn_lost) << error;
  }
  EXPECT_EQ(transfer_error(EFAULT).status, Status::error_user_buf);
  EXPECT_EQ(transfer_error(ENOMEM).status, Status::error_alloc);
  EXPECT_EQ(transfer_error(EBADF).status, Status::error_io);
}

TEST(SocketError, TextsAreAsciiAndShort) {
  for (int error = 0; error < 200; ++error) {
    for (const auto& text : {connect_error(error), transfer_error(error)}) {
      EXPECT_FALSE(text.cause.empty());
      EXPECT_LT(text.cause.size() + text.advice.size(), 140u);
      for (const char byte : text.cause) EXPECT_TRUE(byte >= ' ' && byte < 127);
      for (const char byte : text.advice) EXPECT_TRUE(byte >= ' ' && byte < 127);
    }
  }
}

}  // namespace
}  // namespace visa::test
