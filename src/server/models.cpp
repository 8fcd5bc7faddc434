#include "server/models.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quoted.h"
#include "server/refusal.h"

namespace easel::server {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_names_listed = 20;

std::string title_of(const fs::path& path) {
    const fs::path whole = fs::absolute(path).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

/// The models with titles that differ: a second "sd15" is "sd15 (2)".
std::vector<NamedModel> named(const std::vector<NamedModel>& found) {
    std::vector<NamedModel> models;
    for (const NamedModel& one : found) {
        std::error_code ignored;
        if (std::ranges::any_of(models,
                                [&](const NamedModel& model) { return fs::equivalent(model.path, one.path, ignored); }))
            continue;
        const std::string title = one.title.empty() ? title_of(one.path) : one.title;
        std::string unique = title;
        for (int number = 2; std::ranges::find(models, unique, &NamedModel::title) != models.end(); ++number)
            unique = fmt::format("{} ({})", title, number);
        models.push_back({unique, one.path});
    }
    return models;
}

}  // namespace

std::string NamedModel::short_name() const {
    constexpr std::string_view ending = ".safetensors";
    return title.ends_with(ending) ? title.substr(0, title.size() - ending.size()) : title;
}

Models::Models(fs::path first, std::function<std::vector<NamedModel>()> find)
    : first_(std::move(first)), find_(std::move(find)) {
    refresh();
    chosen_ = models_.front().title;
}

void Models::refresh() {
    std::vector<NamedModel> found = find_ ? find_() : std::vector<NamedModel>();
    found.insert(found.begin(), {.title = "", .path = first_});
    auto models = named(found);
    const std::lock_guard lock(mutex_);
    models_ = std::move(models);
}

std::vector<NamedModel> Models::list() const {
    const std::lock_guard lock(mutex_);
    return models_;
}

NamedModel Models::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    if (name.empty()) name = chosen_;
    for (const NamedModel& model : models_)
        if (model.title == name) return model;
    for (const NamedModel& model : models_)
        if (model.short_name() == name || title_of(model.path) == name) return model;
    std::vector<std::string> titles;
    for (std::size_t i = 0; i < std::min(models_.size(), most_names_listed); ++i) titles.push_back(models_[i].title);
    throw Refusal(404, fmt::format("there is no model {}; there is {}", in_quotes(name), fmt::join(titles, ", ")),
                  "model");
}

std::string Models::chosen() const {
    const std::lock_guard lock(mutex_);
    return chosen_;
}

void Models::choose(const std::string& title) {
    const std::lock_guard lock(mutex_);
    chosen_ = title;
}

ModelInfo Models::opened() const {
    const std::lock_guard lock(mutex_);
    return info_;
}

std::string Models::opened_title() const {
    const std::lock_guard lock(mutex_);
    return opened_;
}

void Models::set_opened(const std::string& title, ModelInfo info) {
    const std::lock_guard lock(mutex_);
    opened_ = title;
    info_ = std::move(info);
}

void Models::set_unloaded() {
    const std::lock_guard lock(mutex_);
    opened_.clear();
}

}  // namespace easel::server
