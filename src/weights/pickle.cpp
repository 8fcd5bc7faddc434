#include "weights/pickle.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file_kind.h"
#include "weights/byte_reader.h"
#include "weights/zip.h"

namespace easel {
namespace {

using namespace pickled;

constexpr std::size_t most_values = 2'000'000;
constexpr std::size_t longest_pickle = 64u << 20;
constexpr std::size_t most_sides = 8;

/// What may be named, and what it stands for.
enum class Meaning { storage, tensor, parameter, dictionary, set };
struct Allowed {
    std::string_view name;
    Meaning meaning;
    DType dtype = DType::F32;
};
constexpr Allowed allowed[] = {
    {"torch FloatStorage", Meaning::storage, DType::F32},
    {"torch HalfStorage", Meaning::storage, DType::F16},
    {"torch BFloat16Storage", Meaning::storage, DType::BF16},
    {"torch DoubleStorage", Meaning::storage, DType::F64},
    {"torch LongStorage", Meaning::storage, DType::I64},
    {"torch IntStorage", Meaning::storage, DType::I32},
    {"torch BoolStorage", Meaning::storage, DType::BOOL},
    {"torch._utils _rebuild_tensor_v2", Meaning::tensor},
    {"torch._utils _rebuild_parameter", Meaning::parameter},
    {"collections OrderedDict", Meaning::dictionary},
    {"torch.nn.modules.container ParameterDict", Meaning::dictionary},
    {"__builtin__ set", Meaning::set},
    {"builtins set", Meaning::set},
};

const Allowed* find_allowed(std::string_view name) {
    const auto found = std::ranges::find(allowed, name, &Allowed::name);
    return found == std::end(allowed) ? nullptr : found;
}

/// The machine that a pickle is a program for.
class Machine {
  public:
    Machine(std::span<const std::byte> program, std::string_view where, std::deque<PickleValue>& values)
        : program_(program, where), values_(values) {}

    /// The value that the program leaves.
    PickleValue* run() {
        while (!done_) step(take<std::uint8_t>());
        return pop();
    }

    /// How many bytes it took.
    std::uint64_t size() const { return at_; }

  private:
    /// Of the protocols 0 to 4, those that torch uses. Source: Python's Lib/pickletools.py.
    void step(std::uint8_t instruction) {
        switch (instruction) {
            case 0x80:  // PROTO
                take<std::uint8_t>();
                return;
            case '.':  // STOP
                done_ = true;
                return;
            case '}':  // EMPTY_DICT
                return push(Dictionary());
            case ']':  // EMPTY_LIST
            case ')':  // EMPTY_TUPLE
                return push(Sequence());
            case '(':  // MARK
                return mark();
            case 'q':  // BINPUT
                return put(take<std::uint8_t>());
            case 'r':  // LONG_BINPUT
                return put(take<std::uint32_t>());
            case 'h':  // BINGET
                return get(take<std::uint8_t>());
            case 'j':  // LONG_BINGET
                return get(take<std::uint32_t>());
            case 'X':  // BINUNICODE
                return push(take_text(take<std::uint32_t>()));
            case 0x8c:  // SHORT_BINUNICODE
                return push(take_text(take<std::uint8_t>()));
            case 'J':  // BININT
                return push(std::int64_t{take<std::int32_t>()});
            case 'K':  // BININT1
                return push(std::int64_t{take<std::uint8_t>()});
            case 'M':  // BININT2
                return push(std::int64_t{take<std::uint16_t>()});
            case 0x8a:  // LONG1
                return push_long(take_text(take<std::uint8_t>()));
            case 'G':  // BINFLOAT
                return push_float();
            case 'N':  // NONE
                return push(None());
            case 0x88:  // NEWTRUE
                return push(true);
            case 0x89:  // NEWFALSE
                return push(false);
            case 't':  // TUPLE
                return push(Sequence{above_mark()});
            case 0x85:  // TUPLE1
                return push(Sequence{top(1)});
            case 0x86:  // TUPLE2
                return push(Sequence{top(2)});
            case 0x87:  // TUPLE3
                return push(Sequence{top(3)});
            case 'Q':  // BINPERSID
                return push_storage();
            case 'c':  // GLOBAL
                return push_global();
            case 'R':   // REDUCE
            case 0x81:  // NEWOBJ
                return reduce();
            case 's':  // SETITEM
                return set_items(top(2));
            case 'u':  // SETITEMS
                return set_items(above_mark());
            case 'a':  // APPEND
                return append(top(1));
            case 'e':  // APPENDS
                return append(above_mark());
            case 'b':  // BUILD
                return build();
            default:
                fail(ErrorKind::unsupported, "{}: has the pickle instruction {:#04x}, which tensors do not need",
                     program_.where(), instruction);
        }
    }

    template <typename Number>
    Number take() {
        const auto number = program_.number<Number>(at_);
        at_ += sizeof(Number);
        return number;
    }

    std::string take_text(std::uint64_t size) {
        std::string text(program_.part(at_, size));
        at_ += size;
        return text;
    }

    std::string take_line() {
        const std::string_view rest = program_.text().substr(at_);
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) program_.fail_damaged("ends too early");
        at_ += end + 1;
        return std::string(rest.substr(0, end));
    }

    /// Counts what is kept, which a short program could otherwise double again and again.
    void spend(std::size_t count) {
        spent_ += count;
        if (spent_ > most_values) program_.fail_damaged("has too many values");
    }

    void mark() {
        spend(1);
        marks_.push_back(stack_.size());
    }

    void push(PickleValue::Kind kind) {
        spend(1);
        stack_.push_back(&values_.emplace_back(PickleValue{std::move(kind)}));
    }

    PickleValue* pop() {
        if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back()))
            program_.fail_damaged("is no sound pickle");
        PickleValue* const value = stack_.back();
        stack_.pop_back();
        return value;
    }

    std::vector<const PickleValue*> top(std::size_t count) {
        std::vector<const PickleValue*> values(count);
        for (std::size_t i = count; i-- > 0;) values[i] = pop();
        return values;
    }

    std::vector<const PickleValue*> above_mark() {
        if (marks_.empty()) program_.fail_damaged("is no sound pickle");
        const std::size_t count = stack_.size() - marks_.back();
        std::vector<const PickleValue*> values = top(count);
        marks_.pop_back();
        return values;
    }

    /// The value on top, which stays there.
    template <typename Kind>
    Kind& top_as() {
        PickleValue* const value = pop();
        stack_.push_back(value);
        Kind* const found = std::get_if<Kind>(&value->kind);
        if (!found) program_.fail_damaged("is no sound pickle");
        return *found;
    }

    template <typename Kind>
    const Kind& as(const PickleValue* value) const {
        const Kind* const found = std::get_if<Kind>(&value->kind);
        if (!found) program_.fail_damaged("is no sound pickle");
        return *found;
    }

    std::uint64_t size_of(const PickleValue* value) const {
        const auto number = as<std::int64_t>(value);
        if (number < 0) program_.fail_damaged("has a tensor of a negative size");
        return static_cast<std::uint64_t>(number);
    }

    void put(std::uint32_t place) {
        PickleValue* const value = pop();
        stack_.push_back(value);
        if (memo_.insert_or_assign(place, value).second) spend(1);
    }

    void get(std::uint32_t place) {
        const auto found = memo_.find(place);
        if (found == memo_.end()) program_.fail_damaged("is no sound pickle");
        spend(1);
        stack_.push_back(found->second);
    }

    void push_long(const std::string& bytes) {
        if (bytes.size() > sizeof(std::int64_t)) return push(LongNumber{bytes});
        std::uint64_t number = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
        for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
        push(static_cast<std::int64_t>(number));
    }

    /// The one number that is big-endian.
    void push_float() {
        std::string bytes = take_text(sizeof(double));
        std::ranges::reverse(bytes);
        double number = 0.0;
        std::memcpy(&number, bytes.data(), sizeof number);
        push(number);
    }

    void push_global() {
        const std::string module = take_line();
        std::string name = module + " " + take_line();
        if (!find_allowed(name))
            fail(ErrorKind::unsupported,
                 "{}: asks for {:.100}, which has nothing to do with tensors; such a file can run code when another "
                 "program opens it",
                 program_.where(), name);
        push(Global{std::move(name)});
    }

    /// ("storage", its type, its key, the device, its number of values).
    void push_storage() {
        const PickleValue* const id = pop();
        const auto& items = as<Sequence>(id).items;
        if (items.size() < 5 || as<std::string>(items[0]) != "storage") program_.fail_damaged("is no sound pickle");
        const Allowed& type = *find_allowed(as<Global>(items[1]).name);
        if (type.meaning != Meaning::storage) program_.fail_damaged("is no sound pickle");
        push(Storage{.dtype = type.dtype, .key = as<std::string>(items[2]), .count = size_of(items[4])});
    }

    /// What calling `callable` with these arguments would give, made here.
    void reduce() {
        const auto call = top(2);
        const auto& arguments = as<Sequence>(call[1]).items;
        const auto argument = [&](std::size_t i) {
            if (i >= arguments.size()) program_.fail_damaged("is no sound pickle");
            return arguments[i];
        };
        switch (find_allowed(as<Global>(call[0]).name)->meaning) {
            case Meaning::tensor:
                return push(tensor_of(argument(0), argument(1), argument(2), argument(3)));
            case Meaning::parameter:
                return push(as<Tensor>(argument(0)));
            case Meaning::dictionary:
                push(Dictionary());
                for (const PickleValue* list : arguments)
                    for (const PickleValue* pair : as<Sequence>(list).items) set_items(as<Sequence>(pair).items);
                return;
            case Meaning::set:
                return push(arguments.empty() ? Sequence() : copy_of(as<Sequence>(argument(0))));
            case Meaning::storage:
                break;
        }
        program_.fail_damaged("is no sound pickle");
    }

    Sequence copy_of(const Sequence& sequence) {
        spend(sequence.items.size());
        return sequence;
    }

    Tensor tensor_of(const PickleValue* storage, const PickleValue* offset, const PickleValue* sizes,
                     const PickleValue* strides) const {
        const auto& of = as<Storage>(storage);
        Tensor tensor{.storage = storage, .offset = size_of(offset), .view = {.dtype = of.dtype}};
        const auto &shape = as<Sequence>(sizes).items, &steps = as<Sequence>(strides).items;
        if (shape.size() != steps.size() || shape.size() > most_sides)
            program_.fail_damaged("has a tensor of no sound shape");
        std::uint64_t count = 1;
        for (std::size_t i = shape.size(); i-- > 0;) {
            const std::uint64_t side = size_of(shape[i]);
            if (side != 1 && size_of(steps[i]) != count)
                fail(ErrorKind::unsupported, "{}: has a tensor that is not contiguous", program_.where());
            if (side == 0 || count > of.count / side) program_.fail_damaged("has a tensor outside of its storage");
            count *= side;
            tensor.view.shape.insert(tensor.view.shape.begin(), static_cast<std::int64_t>(side));
        }
        if (count > of.count || tensor.offset > of.count - count)
            program_.fail_damaged("has a tensor outside of its storage");
        return tensor;
    }

    void set_items(const std::vector<const PickleValue*>& items) {
        auto& entries = top_as<Dictionary>().entries;
        if (items.size() % 2 != 0) program_.fail_damaged("is no sound pickle");
        spend(items.size());
        for (std::size_t i = 0; i < items.size(); i += 2) entries.emplace_back(items[i], items[i + 1]);
    }

    void append(const std::vector<const PickleValue*>& more) {
        auto& items = top_as<Sequence>().items;
        items.insert(items.end(), more.begin(), more.end());
    }

    /// An object's attributes become its entries.
    void build() {
        const PickleValue* const state = pop();
        auto& entries = top_as<Dictionary>().entries;
        spend(as<Dictionary>(state).entries.size());
        const auto more = as<Dictionary>(state).entries;  // may be the same one
        entries.insert(entries.end(), more.begin(), more.end());
    }

    ByteReader program_;
    std::deque<PickleValue>& values_;
    std::uint64_t at_ = 0;
    bool done_ = false;
    std::size_t spent_ = 0;
    std::vector<PickleValue*> stack_;
    /// How many values were on the stack.
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint32_t, PickleValue*> memo_;
};

using Storages = std::map<std::string, std::span<const std::byte>, std::less<>>;

/// Gives the tensors their bytes.
void place_tensors(std::deque<PickleValue>& values, const Storages& storages, const ByteReader& file) {
    for (PickleValue& value : values) {
        auto* const tensor = std::get_if<Tensor>(&value.kind);
        if (!tensor) continue;
        const auto& of = std::get<Storage>(tensor->storage->kind);
        const auto found = storages.find(of.key);
        const std::uint64_t bytes = bit_size(of.dtype) / 8;
        std::uint64_t count = 1;
        for (const std::int64_t side : tensor->view.shape) count *= static_cast<std::uint64_t>(side);
        if (found == storages.end() || found->second.size() / bytes < tensor->offset + count)
            file.fail_damaged("has a tensor outside of its storage");
        tensor->view.bytes = found->second.subspan(tensor->offset * bytes, count * bytes);
    }
}

bool is_false(const PickleValue* value) {
    const bool* const truth = value ? std::get_if<bool>(&value->kind) : nullptr;
    return truth && !*truth;
}

bool is_zip(std::span<const std::byte> bytes) {
    return bytes.size() >= 4 && std::to_integer<char>(bytes[0]) == 'P' && std::to_integer<char>(bytes[1]) == 'K';
}

/// The magic number that torch began its files with before version 1.6: 0x1950a86a20f9469cfc6c.
constexpr std::string_view magic_number = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

PickleValue* read_zip(const ByteReader& file, std::deque<PickleValue>& values, Storages& storages) {
    const auto files = files_of_zip(std::as_bytes(std::span(file.text())), file.where());
    constexpr std::string_view program_name = "/data.pkl", data = "/data/";
    const auto program =
        std::ranges::find_if(files, [&](const auto& entry) { return entry.first.ends_with(program_name); });
    if (program == files.end()) file.fail_damaged("has no data.pkl");
    const std::string folder = program->first.substr(0, program->first.size() - program_name.size());
    if (const auto order = files.find(folder + "/byteorder"); order != files.end()) {
        const std::string_view text(reinterpret_cast<const char*>(order->second.data()), order->second.size());
        if (text != "little") fail(ErrorKind::unsupported, "{}: its numbers are big-endian", file.where());
    }
    const std::string prefix = folder + std::string(data);
    for (const auto& [name, bytes] : files)
        if (name.starts_with(prefix)) storages.emplace(name.substr(prefix.size()), bytes);
    if (program->second.size() > longest_pickle) file.fail_damaged("has a pickle of more than 64 MB");
    return Machine(program->second, file.where(), values).run();
}

/// Five pickles: the magic number, a version, facts about the system, the object, and the keys of the storages, which
/// follow as a count and their values.
PickleValue* read_row(const ByteReader& file, std::deque<PickleValue>& values, Storages& storages) {
    std::uint64_t at = 0;
    const auto next = [&] {
        const std::uint64_t rest = file.text().size() - at;
        Machine machine(file.bytes(at, std::min<std::uint64_t>(rest, longest_pickle)), file.where(), values);
        PickleValue* const value = machine.run();
        at += machine.size();
        return value;
    };
    const auto* const magic = std::get_if<LongNumber>(&next()->kind);
    if (!magic || magic->bytes != magic_number)
        fail(ErrorKind::unsupported, "{}: is a pickle, but none that torch.save() wrote", file.where());
    next();
    const PickleValue* const little = next()->find("little_endian");
    if (is_false(little)) fail(ErrorKind::unsupported, "{}: its numbers are big-endian", file.where());
    PickleValue* const root = next();
    const auto* const keys = std::get_if<Sequence>(&next()->kind);
    if (!keys) file.fail_damaged("is no sound pickle");

    std::map<std::string, std::uint64_t, std::less<>> sizes;
    for (const PickleValue& value : values)
        if (const auto* storage = std::get_if<Storage>(&value.kind)) sizes[storage->key] = bit_size(storage->dtype) / 8;
    for (const PickleValue* key : keys->items) {
        const auto found = key->text() ? sizes.find(*key->text()) : sizes.end();
        if (found == sizes.end()) file.fail_damaged("has a storage that no tensor uses");
        const auto count = file.number<std::uint64_t>(at);
        at += sizeof count;
        if (count > file.text().size()) file.fail_damaged("ends too early");
        storages.emplace(*key->text(), file.bytes(at, count * found->second));
        at += count * found->second;
    }
    return root;
}

}  // namespace

const TensorView* PickleValue::tensor() const {
    const auto* const tensor = std::get_if<Tensor>(&kind);
    return tensor ? &tensor->view : nullptr;
}

const std::vector<std::pair<const PickleValue*, const PickleValue*>>* PickleValue::entries() const {
    const auto* const dictionary = std::get_if<Dictionary>(&kind);
    return dictionary ? &dictionary->entries : nullptr;
}

const PickleValue* PickleValue::find(std::string_view key) const {
    const auto* const all = entries();
    if (!all) return nullptr;
    const auto found = std::ranges::find_if(*all, [&](const auto& entry) {
        const std::string* const text = entry.first->text();
        return text && *text == key;
    });
    return found == all->end() ? nullptr : found->second;
}

bool is_pickle(std::span<const std::byte> bytes) { return kind_of_bytes(bytes) == FileKind::pickle; }

Pickle::Pickle(std::span<const std::byte> bytes, std::string_view where) {
    const ByteReader file(bytes, where);
    Storages storages;
    root_ = is_zip(bytes) ? read_zip(file, values_, storages) : read_row(file, values_, storages);
    place_tensors(values_, storages, file);
}

}  // namespace easel
