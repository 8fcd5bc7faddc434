#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "pictures/read.h"
#include "runtime/network_source.h"

namespace easel {

/// An opened ControlNet, and the picture that it follows; null: the one made of the init picture and the mask.
struct OpenControl {
    std::shared_ptr<const ControlNetNetworks> networks;
    std::shared_ptr<const Picture> picture;
};

/// The ControlNets of the last picture, kept open: the next one often has the same.
class OpenControls {
  public:
    /// Opens those that are not open yet, and their pictures, and closes those that are no longer in the list. `note`,
    /// which may be empty, gets what is found in them and not used. Throws Error if a file is missing, broken, or does
    /// not fit the model.
    std::vector<OpenControl> open(const std::vector<Control>& controls, const ModelNetworks& model, const Note& note);

    /// As of ModelNetworks, of all that are open.
    std::optional<std::string> weight_that_is_not_finite() const;

  private:
    /// A file that was written again is another one.
    struct FileState {
        std::filesystem::path path;
        std::filesystem::file_time_type written;
        std::uintmax_t size = 0;
        bool operator==(const FileState&) const = default;
    };
    template <typename T>
    struct Opened {
        std::filesystem::path path;
        std::vector<FileState> files;
        std::shared_ptr<const T> value;
    };
    template <typename T>
    using AllOpened = std::vector<Opened<T>>;

    static FileState state_of(const std::filesystem::path& path);
    /// What is open at that path, in `now` or else in `before`, where it is copied from; null if it is not open or was
    /// changed.
    template <typename T>
    static std::shared_ptr<const T> find(const std::filesystem::path& path, AllOpened<T>& now,
                                         const AllOpened<T>& before);

    AllOpened<ControlNetNetworks> networks_;
    AllOpened<Picture> pictures_;
};

}  // namespace easel
