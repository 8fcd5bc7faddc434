#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel::server {

/// A model that may be drawn with.
struct NamedModel {
    /// What clients call it. Where Models is given none, it is the file's or folder's name.
    std::string title;
    std::filesystem::path path;

    /// Without the ending of a file.
    std::string short_name() const;
};

/// The models that may be drawn with, by their titles. May be used by several threads.
class Models {
  public:
    /// `first` is chosen; `find` gives the others, and is called again by refresh().
    Models(std::filesystem::path first, std::function<std::vector<NamedModel>()> find);

    void refresh();
    std::vector<NamedModel> list() const;
    /// The model of that title, file or short name; the chosen one for an empty name. Throws Refusal (404) when there
    /// is none.
    NamedModel find(std::string_view name) const;

    /// The title of the model that is drawn with where none is named.
    std::string chosen() const;
    void choose(const std::string& title);

    /// What is known of the model that was opened last.
    ModelInfo opened() const;
    /// Its title; empty when none is open.
    std::string opened_title() const;
    void set_opened(const std::string& title, ModelInfo info);
    void set_unloaded();

  private:
    const std::filesystem::path first_;
    const std::function<std::vector<NamedModel>()> find_;
    mutable std::mutex mutex_;
    std::vector<NamedModel> models_;
    std::string chosen_, opened_;
    ModelInfo info_;
};

}  // namespace easel::server
