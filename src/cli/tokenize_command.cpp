#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/prompt_source.h"
#include "pipeline/model.h"
#include "text/tokenizer.h"

namespace easel::cli {
namespace {

struct TokenizeOptions {
    ModelOptions model;
    std::string prompt;
    bool standard_input_is_read = false;
    bool json = false;
};

void tokenize(const TokenizeOptions& options, std::stop_token stop) {
    const TokenizedPrompt tokens = tokenizer_for(options.model.engine_options(stop)).encode(options.prompt);
    if (options.json) {
        print_out("{}\n", nlohmann::json{{"ids", tokens.ids}, {"cut", tokens.cut}}.dump());
        return;
    }
    print_out("{}\n{} of 75 tokens\n", fmt::join(tokens.ids, " "), tokens.token_count);
    if (tokens.cut_tokens > 0) print_out("cut: {}\n", fmt::join(tokens.cut, " "));
}

}  // namespace

void add_tokenize(CLI::App& app, std::stop_token stop) {
    CLI::App* command =
        app.add_subcommand("tokenize", "Print the 77 token ids of a prompt, and the words that are cut off");
    const auto options = std::make_shared<TokenizeOptions>();
    command->add_option("prompt", options->prompt, "The prompt; @FILE reads it from a file, - from standard input")
        ->required()
        ->transform([&options = *options](
                        const std::string& given) { return prompt_text(given, options.standard_input_is_read); },
                    "");
    options->model.add_model_to(*command);
    command->add_flag("--json", options->json, "Print {\"ids\": [...], \"cut\": [...]}");
    command->callback([options, stop] { tokenize(*options, stop); });
}

}  // namespace easel::cli
