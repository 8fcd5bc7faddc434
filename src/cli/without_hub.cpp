#include <utility>

#include "cli/commands.h"
#include "cli/model_options.h"

// In place of what downloads models, in a build without EASEL_HUB: models are files and folders, and the sub-commands
// for downloaded ones are not there.
namespace easel::cli {

std::filesystem::path local_model(const std::string& text, std::stop_token, Reporting) { return text; }

void add_pull(CLI::App&, std::stop_token) {}
void add_models(CLI::App&) {}

}  // namespace easel::cli
