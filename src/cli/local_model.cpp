#include <filesystem>
#include <system_error>

#include "cli/download_progress.h"
#include "cli/model_options.h"
#include "hub/pull.h"

namespace easel::cli {
namespace fs = std::filesystem;

fs::path local_model(const std::string& text, std::stop_token stop, Reporting reporting) {
    std::error_code ignored;
    const auto name = hub::parse_model_name(text);
    if (!name || fs::exists(text, ignored)) return text;
    return hub::find_model(*name, hub::options_from_environment(), report_downloads(reporting), std::move(stop));
}

}  // namespace easel::cli
