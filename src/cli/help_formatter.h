#pragma once

#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace easel::cli {

/// What the help says of an option, with its default in parentheses.
std::string description_of(const CLI::Option& option);

/// CLI11's help with a name for each value (`--output FILE`), its descriptions broken into lines that a terminal of 80
/// columns shows whole.
class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_option_opts(const CLI::Option* option) const override;
    std::string make_option_desc(const CLI::Option* option) const override;
    std::string make_subcommand(const CLI::App* command) const override;

  private:
    std::string wrapped(const std::string& text) const;
};

}  // namespace easel::cli
