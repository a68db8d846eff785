// SPDX-License-Identifier: MIT
// Pieces one after the other, for streams that cannot pass several to the system at once.
#include "drivers/common/byte_stream.h"

namespace visa::drivers {

StreamResult ByteStream::receive_scattered(std::span<const iovec> pieces, Call& call) {
  for (const iovec& piece : pieces) {
    if (piece.iov_len == 0) continue;
    return receive({static_cast<std::byte*>(piece.iov_base), piece.iov_len}, call);
  }
  return {};
}

StreamResult ByteStream::send_gathered(std::span<iovec> pieces, Call& call) {
  StreamResult result;
  for (iovec& piece : pieces) {
    if (piece.iov_len == 0) continue;
    const auto sent = send({static_cast<const std::byte*>(piece.iov_base), piece.iov_len}, call);
    result.count += sent.count;
    result.status = sent.status;
    if (failed(result.status)) break;
    piece.iov_len = 0;
  }
  return result;
}

}  // namespace visa::drivers
