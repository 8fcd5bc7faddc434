#include <memory>
#include <string>
#include <vector>

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
#include "text/prompt_chunks.h"
#include "text/prompt_weights.h"
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
    const Tokenizer tokenizer = tokenizer_for(options.model.engine_options(stop));
    const std::vector<WeightedText> texts = weighted_texts(options.prompt);
    const std::vector<PromptChunk> chunks = PromptChunker(tokenizer).chunks(texts);
    const TokenizedPrompt plain = tokenizer.encode(options.prompt);
    if (options.json) {
        nlohmann::json json = {{"ids", plain.ids}, {"cut", plain.cut}, {"pieces", nlohmann::json::array()}};
        for (const auto& [text, weight] : texts) json["pieces"].push_back({text, weight});
        for (const PromptChunk& chunk : chunks)
            json["chunks"].push_back({{"ids", chunk.ids}, {"weights", chunk.weights}});
        print_out("{}\n", json.dump());
        return;
    }
    std::size_t count = 0;
    for (const PromptChunk& chunk : chunks) {
        print_out("{}\n", fmt::join(chunk.ids, " "));
        count += chunk.token_count;
    }
    print_out("{} of {} tokens\n", count, chunks.size() * Tokenizer::most_tokens);
    if (has_webui_syntax(options.prompt))
        for (const auto& [text, weight] : texts) print_out("{:.4g}: {}\n", weight, text);
    if (plain.cut_tokens > 0) print_out("cut, if it is plain text: {}\n", fmt::join(plain.cut, " "));
}

}  // namespace

void add_tokenize(CLI::App& app, std::stop_token stop) {
    CLI::App* command =
        app.add_subcommand("tokenize", "Print a prompt's token ids, 77 for each chunk, and the weights of its words");
    const auto options = std::make_shared<TokenizeOptions>();
    command->add_option("prompt", options->prompt, "The prompt; @FILE reads it from a file, - from standard input")
        ->required()
        ->transform([&options = *options](
                        const std::string& given) { return prompt_text(given, options.standard_input_is_read); },
                    "");
    options->model.add_model_to(*command);
    command->add_flag("--json", options->json,
                      "Print {\"pieces\": [[text, weight]], \"chunks\": [{\"ids\", \"weights\"}]}, and of it as plain "
                      "text \"ids\" and \"cut\"");
    command->callback([options, stop] { tokenize(*options, stop); });
}

}  // namespace easel::cli
