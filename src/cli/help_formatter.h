#pragma once

#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace easel::cli {

/// CLI11's help, with what it says of a flag broken into lines that a terminal of 80 columns shows whole.
class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace easel::cli
