#pragma once

#include <stop_token>

namespace CLI {
class App;
}

namespace easel::train_cli {

/// Each adds a sub-command to `app`, which runs when `app` parses it, until `stop` is requested.
void add_data_command(CLI::App& app, std::stop_token stop);
void add_vae_command(CLI::App& app, std::stop_token stop);
void add_diffusion_command(CLI::App& app, std::stop_token stop);
void add_finetune_command(CLI::App& app, std::stop_token stop);
void add_sample_command(CLI::App& app, std::stop_token stop);
void add_evaluate_command(CLI::App& app, std::stop_token stop);

}  // namespace easel::train_cli
