#pragma once

#include <stop_token>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace easel::cli {

// One function for each sub-command: adds it and its flags to `app`, which runs it. main() turns what it throws into a
// sentence and an exit code.

void add_generate(CLI::App& app, std::stop_token stop);
void add_run(CLI::App& app, std::stop_token stop);
void add_mask(CLI::App& app, std::stop_token stop);
void add_annotate(CLI::App& app);
void add_explain(CLI::App& app, std::stop_token stop);
void add_pull(CLI::App& app, std::stop_token stop);
void add_models(CLI::App& app);
void add_tokenize(CLI::App& app, std::stop_token stop);
void add_inspect(CLI::App& app);
void add_devices(CLI::App& app);
/// Does nothing in a build without the server.
void add_serve(CLI::App& app, std::stop_token stop);
void add_bench(CLI::App& app, std::stop_token stop);
void add_upscale(CLI::App& app, std::stop_token stop);
void add_train(CLI::App& app);
void add_convert(CLI::App& app, std::stop_token stop);

/// Becomes easel-train, which lies beside this program. Returns only to throw Error when it is not there.
[[noreturn]] void run_trainer(std::vector<std::string> arguments);

}  // namespace easel::cli
