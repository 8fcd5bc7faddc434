#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pictures/fit.h"
#include "train/data_file.h"

namespace easel::train_cli {

/// A picture of a folder, and what is said of it.
struct PictureFile {
    std::filesystem::path path;
    std::vector<std::string> captions;
};

/// The captioned pictures of a folder: as its `metadata.jsonl` lists them ({"file_name": "a.png", "text": "a cat"}, a
/// line for each caption), or else each .png, .jpg, .jpeg and .webp with a .txt of its name, a line for each caption;
/// in the order of their names. Throws Error on a picture without a caption, a caption without a picture, and a folder
/// with neither.
std::vector<PictureFile> captioned_pictures(const std::filesystem::path& folder);

/// Reads them at one size. `skip` is called with a sentence for each that cannot be read, which is left out.
std::vector<train::CaptionedPicture> read_pictures(const std::vector<PictureFile>& files, int width, int height,
                                                   Fit fit, const std::function<void(const std::string&)>& skip);

}  // namespace easel::train_cli
