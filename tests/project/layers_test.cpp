#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using Names = std::set<std::string>;

// What each folder of src/ may include beside itself; include/easel is open to all.
const std::map<std::string, Names> folders_below = {
    {"base", {}},
    {"text", {"base"}},
    {"diffusion", {"base"}},
    {"pictures", {"base"}},
    {"weights", {"base"}},
    {"adapters", {"base", "weights"}},
    {"settings", {"base", "text", "diffusion", "weights"}},
    {"networks", {"base", "weights"}},
    {"runtime", {"base", "weights", "adapters", "networks"}},
    {"ir", {"base", "weights", "networks", "runtime"}},
    {"train", {"base", "text", "diffusion", "weights", "adapters", "convert"}},
    {"train_cli", {"base", "pictures", "weights", "html", "train", "cli"}},
    {"annotators", {"base", "pictures", "settings"}},
    {"hub", {"base"}},
    {"html", {"base", "pictures"}},
    {"person", {"base", "pictures", "runtime"}},
    {"collection", {"base", "text", "pictures", "weights", "adapters", "settings"}},
    {"jobs", {"base", "pictures", "weights", "settings", "collection", "person"}},
    {"convert", {"base", "text", "weights", "adapters", "networks", "ir"}},
    {"pipeline",
     {"base", "text", "diffusion", "pictures", "weights", "adapters", "settings", "networks", "runtime", "ir"}},
    {"explain", {"base", "text", "diffusion", "pictures", "settings", "html", "pipeline"}},
    {"server",
     {"base", "text", "diffusion", "pictures", "weights", "adapters", "settings", "annotators", "collection", "person",
      "pipeline"}},
    {"cli",
     {"base", "text", "diffusion", "pictures", "weights", "adapters", "settings", "networks", "runtime", "ir", "hub",
      "annotators", "person", "collection", "jobs", "convert", "pipeline", "explain", "server"}},
};

// The only folders that may include a library's headers.
const std::map<std::string, Names> homes_of_library = {
    {"openvino", {"networks", "runtime", "ir", "person"}},
    {"pugixml", {"ir"}},
    {"vips", {"pictures"}},
    {"CLI", {"cli", "train_cli"}},
    {"toml++", {"cli", "jobs", "train_cli"}},
    {"boost", {"server"}},
    {"torch", {"train"}},
    {"ATen", {"train"}},
    {"c10", {"train"}},
    {"curl", {"hub"}},
    {"openssl", {"hub"}},
};

// What a file of the folder (a name under src/, or "include/easel") includes and should not.
std::vector<std::string> forbidden_includes(const std::string& folder, const std::string& source) {
    static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<std::string> found;
    std::istringstream lines(source);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (line.find('#') == std::string::npos || !std::regex_search(line, match, include)) continue;
        const bool ours = match[1] == "\"";
        const std::string path = match[2];
        const std::string first = path.substr(0, path.find_first_of("/."));
        bool allowed = true;
        if (const auto library = homes_of_library.find(first); library != homes_of_library.end() && !ours) {
            allowed = library->second.contains(folder);
        } else if (ours) {
            const auto below = folders_below.find(folder);
            allowed = first == folder || (below != folders_below.end() && below->second.contains(first));
        }
        if (!allowed) found.push_back(path);
    }
    return found;
}

std::string read(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::vector<std::filesystem::path> cpp_files(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const auto extension = entry.path().extension();
        if (extension == ".cpp" || extension == ".h") files.push_back(entry.path());
    }
    return files;
}

TEST(Layers, EveryFolderIsKnown) {
    for (const auto& entry : std::filesystem::directory_iterator("../src")) {
        if (!entry.is_directory()) continue;
        EXPECT_TRUE(folders_below.contains(entry.path().filename())) << entry.path();
    }
}

TEST(Layers, IncludesPointDown) {
    const auto files = cpp_files("../src");
    EXPECT_GT(files.size(), 3U);
    for (const auto& file : files) {
        const std::string folder = *std::next(file.begin(), 2);
        for (const auto& path : forbidden_includes(folder, read(file))) {
            ADD_FAILURE() << file << " includes " << path;
        }
    }
}

TEST(Layers, PublicHeadersNeedNoLibrary) {
    const auto files = cpp_files("../include/easel");
    EXPECT_GT(files.size(), 0U);
    for (const auto& file : files) {
        for (const auto& path : forbidden_includes("include/easel", read(file))) {
            ADD_FAILURE() << file << " includes " << path;
        }
    }
}

// So every header is compiled without anything before it; those without a source file are by cmake/EaselTargets.cmake.
TEST(Headers, AreIncludedFirstByTheirOwnSourceFiles) {
    std::size_t looked_at = 0;
    for (const auto& file : cpp_files("../src")) {
        auto header = file;
        header.replace_extension(".h");
        if (file.extension() != ".cpp" || !std::filesystem::exists(header)) continue;
        const std::string source = read(file);
        const std::string wanted = "#include \"" + header.lexically_relative("../src").string() + "\"\n";
        EXPECT_EQ(source.substr(source.find("#include"), wanted.size()), wanted) << file;
        ++looked_at;
    }
    EXPECT_GT(looked_at, 100U);
}

TEST(Layers, CheckFindsAnIncludeThatPointsUp) {
    EXPECT_EQ(forbidden_includes("base", "#include \"text/tokenizer.h\"\n"),
              std::vector<std::string>{"text/tokenizer.h"});
    EXPECT_EQ(forbidden_includes("runtime", "int i;\n  #  include \"pipeline/engine.h\""),
              std::vector<std::string>{"pipeline/engine.h"});
    EXPECT_EQ(forbidden_includes("runtime", "#include \"runtime/device.h\"\n#include \"networks/unet.h\"\n"),
              std::vector<std::string>{});
}

TEST(Layers, CheckFindsAnIncludeOfANeighbour) {
    EXPECT_EQ(forbidden_includes("diffusion", "#include \"weights/safetensors.h\"\n"),
              std::vector<std::string>{"weights/safetensors.h"});
}

TEST(Layers, CheckFindsALibraryOutsideItsHome) {
    EXPECT_EQ(forbidden_includes("pipeline", "#include <openvino/core/model.hpp>\n#include <vector>\n"),
              std::vector<std::string>{"openvino/core/model.hpp"});
    EXPECT_EQ(forbidden_includes("cli", "#include <vips/vips8>\n#include <CLI/CLI.hpp>\n"),
              std::vector<std::string>{"vips/vips8"});
    EXPECT_EQ(forbidden_includes("include/easel", "#include <openvino/openvino.hpp>\n"),
              std::vector<std::string>{"openvino/openvino.hpp"});
    EXPECT_EQ(forbidden_includes("networks", "#include <openvino/op/add.hpp>\n"), std::vector<std::string>{});
}

}  // namespace
