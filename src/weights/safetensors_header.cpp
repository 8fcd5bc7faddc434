#include "weights/safetensors_header.h"

#include <set>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/quoted.h"

namespace easel {
namespace {

/// More dimensions than any tensor has; keeps a hostile shape from growing.
constexpr std::size_t most_dimensions = 64;
/// Many times what a checkpoint has: Stable Diffusion 1.5 with its averaged weights 1,820 tensors, and trainers write
/// some hundred keys into the metadata.
constexpr std::size_t most_keys = 50'000;

/// Takes the events of nlohmann's parser and expects
///     {"__metadata__": {string: string, ...}, name: {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit HeaderReader(std::string_view where) : where_(where) {}

    SafetensorsHeader result() && { return std::move(header_); }

    bool start_object(std::size_t) override {
        if (place_ == Place::start)
            place_ = Place::header;
        else if (place_ == Place::header && name_ == "__metadata__")
            place_ = Place::metadata;
        else if (place_ == Place::header)
            begin_entry();
        else
            unexpected("an object");
        return true;
    }

    bool end_object() override {
        if (place_ == Place::entry) finish_entry();
        place_ = place_ == Place::header ? Place::end : Place::header;
        return true;
    }

    bool key(std::string& key) override {
        switch (place_) {
            case Place::header:
                if (names_.size() == most_keys)
                    fail(ErrorKind::damaged, "{}: its header has more than {} tensors", where_, most_keys);
                if (!names_.insert(key).second)
                    fail(ErrorKind::damaged, "{}: its header has the key {} twice", where_, in_quotes(key));
                name_ = std::move(key);
                break;
            case Place::metadata:
                if (header_.metadata.size() == most_keys)
                    fail(ErrorKind::damaged, "{}: its metadata has more than {} keys", where_, most_keys);
                if (header_.metadata.contains(key))
                    fail(ErrorKind::damaged, "{}: its metadata has the key {} twice", where_, in_quotes(key));
                field_ = std::move(key);
                break;
            default:
                if (key != "dtype" && key != "shape" && key != "data_offsets")
                    fail(ErrorKind::damaged, "{}: its header says {} of the tensor {}, which the format does not know",
                         where_, in_quotes(key), in_quotes(name_));
                if (!fields_.insert(key).second)
                    fail(ErrorKind::damaged, "{}: its header has the key {} twice for the tensor {}", where_,
                         in_quotes(key), in_quotes(name_));
                field_ = std::move(key);
        }
        return true;
    }

    bool start_array(std::size_t) override {
        if (place_ != Place::entry || field_ == "dtype") unexpected("a list");
        place_ = Place::list;
        return true;
    }

    bool end_array() override {
        place_ = Place::entry;
        return true;
    }

    bool string(std::string& text) override {
        if (place_ == Place::metadata) {
            header_.metadata.emplace(field_, std::move(text));
        } else if (place_ == Place::entry && field_ == "dtype") {
            const auto dtype = dtype_of_name(text);
            if (!dtype)
                fail(ErrorKind::damaged, "{}: the tensor {} has the unknown type {}", where_, in_quotes(name_),
                     in_quotes(text));
            header_.entries.back().dtype = *dtype;
        } else {
            unexpected("a text");
        }
        return true;
    }

    bool number_unsigned(std::uint64_t value) override {
        if (place_ != Place::list) unexpected("a number");
        TensorEntry& entry = header_.entries.back();
        std::vector<std::uint64_t>& list = field_ == "shape" ? entry.shape : offsets_;
        if (list.size() == (field_ == "shape" ? most_dimensions : 2))
            fail(ErrorKind::damaged, "{}: the {} of the tensor {} has too many numbers", where_, field_,
                 in_quotes(name_));
        list.push_back(value);
        return true;
    }

    bool number_integer(std::int64_t) override { unexpected("a negative number"); }
    bool number_float(double, const std::string&) override { unexpected("a number that is not whole"); }
    bool null() override { unexpected("null"); }
    bool boolean(bool) override { unexpected("true or false"); }
    bool binary(nlohmann::json::binary_t&) override { unexpected("binary data"); }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) override {
        // nlohmann tells a wrong byte of a text by its words only.
        if (std::string_view(e.what()).find("UTF-8") != std::string_view::npos)
            fail(ErrorKind::damaged, "{}: its header is not UTF-8 (at byte {} of it)", where_, position);
        fail(ErrorKind::damaged, "{}: its header is not valid JSON (at byte {} of it)", where_, position);
    }

  private:
    enum class Place { start, header, metadata, entry, list, end };

    [[noreturn]] void unexpected(std::string_view what) const {
        if (place_ == Place::header || place_ == Place::start)
            fail(ErrorKind::damaged, "{}: its header has {} where the description of {} should be", where_, what,
                 name_.empty() ? "its tensors" : "the tensor " + in_quotes(name_));
        if (place_ == Place::metadata)
            fail(ErrorKind::damaged, "{}: its metadata has {} under {}; only texts may be there", where_, what,
                 in_quotes(field_));
        fail(ErrorKind::damaged, "{}: the tensor {} has {} in its {}", where_, in_quotes(name_), what, field_);
    }

    void begin_entry() {
        place_ = Place::entry;
        header_.entries.push_back({.name = name_});
        offsets_.clear();
        fields_.clear();
    }

    void finish_entry() {
        for (const char* field : {"dtype", "shape", "data_offsets"})
            if (!fields_.contains(field))
                fail(ErrorKind::damaged, "{}: the tensor {} has no {}", where_, in_quotes(name_), field);
        if (offsets_.size() != 2)
            fail(ErrorKind::damaged, "{}: the data_offsets of the tensor {} are not two", where_, in_quotes(name_));
        header_.entries.back().begin = offsets_[0];
        header_.entries.back().end = offsets_[1];
    }

    std::string where_;
    SafetensorsHeader header_;
    Place place_ = Place::start;
    /// The last key of the header, and the last one inside its value.
    std::string name_, field_;
    std::unordered_set<std::string> names_;
    std::set<std::string, std::less<>> fields_;
    std::vector<std::uint64_t> offsets_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::string_view where) {
    HeaderReader reader(where);
    nlohmann::json::sax_parse(json, &reader);
    return std::move(reader).result();
}

}  // namespace easel
