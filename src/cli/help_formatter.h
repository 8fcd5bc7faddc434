#pragma once

#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace easel::cli {

/// An option's description in the help, with its default in parentheses.
std::string description_of(const CLI::Option& option);

/// CLI11's help with a name for each value (`--output FILE`) and descriptions wrapped at 80 columns.
class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_option_opts(const CLI::Option* option) const override;
    std::string make_option_desc(const CLI::Option* option) const override;
    std::string make_subcommand(const CLI::App* command) const override;

  private:
    std::string wrapped(const std::string& text) const;
};

}  // namespace easel::cli
