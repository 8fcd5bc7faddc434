#include "jobs/job_file.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "base/error.h"
#include "base/files.h"
#include "base/nearest_name.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_file = 1u << 20;
/// toml++ follows dotted keys to any depth, and frees tables by recursion.
constexpr std::ptrdiff_t most_dots_a_line = 100;

/// A key of a table and the values to try.
struct JobSetting {
    const Key* key;
    std::vector<std::string> values;
    /// Of the key in the file.
    std::uint32_t line;
};
using JobSettings = std::vector<JobSetting>;

/// One file while it is read.
class JobReader {
  public:
    JobReader(const fs::path& path, std::span<const Key> keys) : path_(path), keys_(keys) {}

    std::vector<JobPicture> read(std::string_view text) const {
        check_dots(text);
        return pictures(parse(text));
    }

  private:
    std::string at(const toml::node& node) const { return at(node.source().begin.line); }
    std::string at(std::uint32_t line) const { return fmt::format("{}:{}", path_.string(), line); }

    void check_dots(std::string_view text) const {
        std::uint32_t line = 1;
        for (std::size_t begin = 0; begin < text.size(); ++line) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            if (std::ranges::count(text.substr(begin, end - begin), '.') > most_dots_a_line)
                fail("{}: has more than {} dots; break the line up", at(line), most_dots_a_line);
            begin = end + 1;
        }
    }

    toml::table parse(std::string_view text) const {
        try {
            return toml::parse(text, path_.string());
        } catch (const toml::parse_error& error) {
            fail("{}: is not valid TOML ({:.200})", at(error.source().begin.line), error.description());
        }
    }

    std::vector<JobPicture> pictures(const toml::table& file) const {
        JobSettings defaults;
        std::vector<const toml::table*> tables;
        for (const auto& [key, node] : file) {
            if (key == "defaults") {
                if (!node.is_table()) fail_usage("{}: defaults must be a table: write [defaults]", at(node));
                for (const auto& [name, value] : *node.as_table()) add(defaults, std::string(name.str()), value);
            } else if (key == "picture" && node.is_table()) {
                tables.push_back(node.as_table());
            } else if (key == "picture" && node.is_array() && node.as_array()->is_homogeneous<toml::table>()) {
                for (const toml::node& table : *node.as_array()) tables.push_back(table.as_table());
            } else {
                add(defaults, std::string(key.str()), node);
            }
        }
        const toml::table none;
        if (tables.empty()) tables.push_back(&none);
        std::vector<JobPicture> all;
        for (const toml::table* table : tables) {
            const std::uint32_t line = table == &none ? 1 : table->source().begin.line;
            expand(combined(defaults, *table), at(line), all);
        }
        return all;
    }

    const Key* find(const std::string& name) const {
        const auto found =
            std::ranges::find_if(keys_, [&](const Key& key) { return std::ranges::count(key.names, name) > 0; });
        return found == keys_.end() ? nullptr : &*found;
    }

    std::string nearest(const std::string& name) const {
        std::vector<std::string> names;
        for (const Key& key : keys_)
            for (const std::string& known : key.names) names.push_back("--" + known);
        const std::string found = nearest_name(names, "--" + name);
        return found.empty() ? found : found.substr(2);
    }

    void add(JobSettings& settings, const std::string& name, const toml::node& node) const {
        const Key* key = find(name);
        if (!key) {
            if (node.is_table() || node.is_array_of_tables())
                fail_usage("{}: there is no table \"{:.60}\"; those of a job are [defaults] and [[picture]]", at(node),
                           name);
            const std::string meant = nearest(name);
            fail_usage("{}: there is no setting \"{:.60}\"{}", at(node), name,
                       meant.empty() ? "; the long flags of easel generate are settings, except show, quiet and json"
                                     : fmt::format("; did you mean {}?", meant));
        }
        for (const JobSetting& other : settings)
            if (other.key == key) fail_usage("{}: {} is given in line {} already", at(node), name, other.line);
        JobSetting setting{key, {}, node.source().begin.line};
        if (const toml::array* list = node.as_array()) {
            if (list->empty()) fail_usage("{}: {} is an empty list", at(node), name);
            for (const toml::node& value : *list) setting.values.push_back(text_of(*key, name, value));
        } else {
            setting.values.push_back(text_of(*key, name, node));
        }
        settings.push_back(std::move(setting));
    }

    std::string text_of(const Key& key, const std::string& name, const toml::node& value) const {
        if (const toml::array* together = value.as_array(); together && key.is_list) {
            std::vector<std::string> lines;
            for (const toml::node& line : *together) lines.push_back(text_of({.names = key.names}, name, line));
            return fmt::format("{}", fmt::join(lines, "\n"));
        }
        if (key.is_truth != value.is_boolean())
            fail_usage("{}: {} must be {}", at(value), name, key.is_truth ? "true or false" : "a text or a number");
        if (const auto* truth = value.as_boolean()) return truth->get() ? "true" : "false";
        if (const auto* text = value.as_string()) return text->get();
        if (const auto* whole = value.as_integer()) return fmt::format("{}", whole->get());
        if (const auto* number = value.as_floating_point()) return fmt::format("{}", number->get());
        fail_usage("{}: {} must be a text or a number, or a list of these", at(value), name);
    }

    /// The table's settings, and the defaults that it does not replace, in the order of the file.
    JobSettings combined(const JobSettings& defaults, const toml::table& table) const {
        JobSettings own;
        for (const auto& [key, node] : table) add(own, std::string(key.str()), node);
        JobSettings all;
        for (const JobSetting& setting : defaults)
            if (std::ranges::none_of(own, [&](const JobSetting& other) { return other.key == setting.key; }))
                all.push_back(setting);
        all.insert(all.end(), own.begin(), own.end());
        // toml++ sorts keys by name.
        std::ranges::stable_sort(all, {}, &JobSetting::line);
        return all;
    }

    void expand(const JobSettings& settings, const std::string& where, std::vector<JobPicture>& all) const {
        std::size_t count = 1, row = 1;
        for (const JobSetting& setting : settings) {
            count *= setting.values.size();
            if (setting.values.size() > 1) row = setting.values.size();
            if (all.size() + count > largest_batch)
                fail_usage("{}: the lists mean more than {} pictures", where, largest_batch);
        }
        for (std::size_t index = 0; index < count; ++index) {
            JobPicture picture{.settings = {}, .where = where, .row = row};
            std::size_t block = count;
            for (const JobSetting& setting : settings) {
                block /= setting.values.size();
                picture.settings.emplace_back(setting.key->names.front(),
                                              setting.values[index / block % setting.values.size()]);
            }
            all.push_back(std::move(picture));
        }
    }

    const fs::path& path_;
    std::span<const Key> keys_;
};

}  // namespace

std::vector<JobPicture> parse_job(std::string_view text, const fs::path& path, std::span<const Key> keys) {
    return JobReader(path, keys).read(text);
}

std::vector<JobPicture> read_job(const fs::path& path, std::span<const Key> keys) {
    return parse_job(read_text_file(path, longest_file), path, keys);
}

}  // namespace easel::jobs
