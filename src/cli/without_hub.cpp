#include <utility>

#include "cli/commands.h"
#include "cli/model_options.h"

// For a build without EASEL_HUB, which downloads no models: models are files and folders, and the sub-commands for
// downloaded models do not exist.
namespace easel::cli {

std::filesystem::path local_model(const std::string& text, std::stop_token, Reporting) { return text; }
std::vector<DownloadedModel> downloaded_models() { return {}; }

void add_pull(CLI::App&, std::stop_token) {}
void add_models(CLI::App&) {}

}  // namespace easel::cli
