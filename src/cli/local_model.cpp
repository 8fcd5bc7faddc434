#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "cli/download_progress.h"
#include "cli/model_options.h"
#include "hub/cache.h"
#include "hub/pull.h"

namespace easel::cli {
namespace fs = std::filesystem;

fs::path local_model(const std::string& text, std::stop_token stop, Reporting reporting) {
    std::error_code ignored;
    const auto name = hub::parse_model_name(text);
    if (!name || fs::exists(text, ignored)) return text;
    return hub::find_model(*name, hub::options_from_environment(), report_downloads(reporting), std::move(stop));
}

std::vector<DownloadedModel> downloaded_models() {
    const hub::Options options = hub::options_from_environment();
    std::vector<DownloadedModel> models;
    for (const hub::CachedModel& cached : hub::cached_models(options.cache)) {
        try {
            models.push_back({cached.name.text(), hub::find_in_cache(cached.name, {}, options).path});
        } catch (const Error&) {  // incomplete, or no model to draw with
        }
    }
    return models;
}

}  // namespace easel::cli
