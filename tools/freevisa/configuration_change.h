// SPDX-License-Identifier: MIT
// Changes a configuration file as a whole: the new text is read by the library first, and one that
// it would have more to say against than against the old one does not replace it. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

/// What the library says of the configuration: a line each, as FREEVISA_TRACE has them. With `only`
/// that file alone, else all that a program reads. Sets environment variables of this process.
std::vector<std::string> configuration_problems(const std::string& only = {});

/// Replaces `path` by `text`, and makes its folder if there is none. Throws VisaFailure if the file
/// is no longer what it was (`before`), or if `text` has a mistake that `before` had not.
void change_configuration(const std::string& path, const std::string& before,
                          const std::string& text);

}  // namespace visa::tool
