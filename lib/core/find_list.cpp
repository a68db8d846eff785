// SPDX-License-Identifier: MIT
#include "lib/core/find_list.h"

namespace visa::core {

Result<std::string> FindList::next() {
  const MutexLock lock(mutex_);
  if (at_ == names_.size()) return Status::error_rsrc_nfound;
  return names_[at_++];
}

}  // namespace visa::core
