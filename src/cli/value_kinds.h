#pragma once

#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace easel::cli {

/// What an option's value is: for its name in the help and its completion.
enum class ValueKind {
    /// The option takes no value.
    none,
    text,
    number,
    /// One of ValueName::choices.
    choice,
    /// A device that OpenVINO finds on this machine.
    device,
    picture,
    folder,
    /// A file or a folder.
    path,
};

struct ValueName {
    ValueKind kind = ValueKind::none;
    /// "FILE", "N", ...
    std::string name;
    std::vector<std::string> choices;
};

/// What the value of an option of the command line is.
ValueName value_of(const CLI::Option& option);

}  // namespace easel::cli
