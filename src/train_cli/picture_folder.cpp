#include "train_cli/picture_folder.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/json_field.h"
#include "pictures/read.h"

namespace easel::train_cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t largest_metadata = 256u << 20;

bool is_picture(const fs::path& path) {
    constexpr std::array endings = {".png", ".jpg", ".jpeg", ".webp"};
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return std::ranges::find(endings, ending) != endings.end();
}

/// The lines that say something.
std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (line.find_first_not_of(" \t") != std::string::npos) lines.push_back(line);
    }
    return lines;
}

std::vector<PictureFile> listed(const fs::path& folder, const fs::path& metadata) {
    std::map<fs::path, std::vector<std::string>> captions;
    int number = 0;
    for (const std::string& line : lines_of(read_text_file(metadata, largest_metadata))) {
        const std::string where = fmt::format("{}:{}", metadata.string(), ++number);
        const nlohmann::json entry = parse_json(line, where);
        require_object(entry, where);
        const fs::path path = folder / required_field(entry, "file_name", "a file", where).text();
        if (!path_exists(path)) fail("{}: there is no picture {}", where, path.string());
        captions[path].push_back(required_field(entry, "text", "a caption", where).text());
    }
    std::vector<PictureFile> files;
    for (auto& [path, own] : captions) files.push_back({path, std::move(own)});
    return files;
}

std::vector<PictureFile> with_captions_beside(const fs::path& folder) {
    std::vector<fs::path> pictures, texts;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (is_picture(entry.path())) pictures.push_back(entry.path());
        if (entry.path().extension() == ".txt") texts.push_back(entry.path());
    }
    std::ranges::sort(pictures);
    std::vector<PictureFile> files;
    for (const fs::path& path : pictures) {
        const fs::path text = fs::path(path).replace_extension(".txt");
        if (!path_exists(text)) fail("{}: has no caption; write one into {}", path.string(), text.string());
        files.push_back({path, lines_of(read_text_file(text))});
        if (files.back().captions.empty()) fail("{}: is empty; write a caption into it", text.string());
        std::erase(texts, text);
    }
    if (!texts.empty()) fail("{}: is a caption without a picture", std::ranges::min(texts).string());
    return files;
}

}  // namespace

std::vector<PictureFile> captioned_pictures(const fs::path& folder) {
    try {
        const fs::path metadata = folder / "metadata.jsonl";
        std::vector<PictureFile> files =
            path_exists(metadata) ? listed(folder, metadata) : with_captions_beside(folder);
        if (files.empty())
            fail("{}: has no pictures; put .png, .jpg or .webp files there, each with its caption in a .txt beside it",
                 folder.string());
        return files;
    } catch (const fs::filesystem_error& error) {
        fail_with_system_error(folder, "cannot be read", error.code().value());
    }
}

std::vector<train::CaptionedPicture> read_pictures(const std::vector<PictureFile>& files, int width, int height,
                                                   Fit fit, const std::function<void(const std::string&)>& skip) {
    std::vector<train::CaptionedPicture> pictures;
    for (const PictureFile& file : files) {
        try {
            pictures.push_back({fitted(read_picture(file.path), width, height, fit).pixels, file.captions});
        } catch (const Error& error) {
            skip(error.what());
        }
    }
    if (pictures.empty()) fail("none of the {} pictures can be read", files.size());
    return pictures;
}

}  // namespace easel::train_cli
