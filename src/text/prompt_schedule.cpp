#include "text/prompt_schedule.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <variant>

#include "text/characters.h"

namespace easel {
namespace {

struct Node;
using Nodes = std::vector<Node>;

/// `[from:to:when]`: `options` are from and to.
struct Switch {
    double when = 0.0;
    bool is_part = false;
};
/// `[a|b]`
struct Alternation {};

struct Node {
    std::variant<std::string, Switch, Alternation> kind;
    std::vector<Nodes> options;
};

/// A prompt that cannot be scheduled.
struct Unreadable {};

constexpr int deepest_nesting = 200;

void add_text(Nodes& nodes, std::string_view text) {
    if (nodes.empty() || !std::holds_alternative<std::string>(nodes.back().kind)) nodes.push_back({std::string(), {}});
    std::get<std::string>(nodes.back().kind) += text;
}

void append(Nodes& nodes, Nodes more) {
    for (Node& node : more) {
        if (const auto* text = std::get_if<std::string>(&node.kind))
            add_text(nodes, *text);
        else
            nodes.push_back(std::move(node));
    }
}

/// Reads a prompt as a tree. Where a bracket does not fit the grammar the reading goes back and takes it as text.
class TreeReader {
  public:
    explicit TreeReader(std::string_view text) : text_(text) {}

    Nodes read() {
        Nodes nodes;
        std::size_t at = 0;
        for (;;) {
            append(nodes, sequence(at));
            if (at == text_.size()) return nodes;
            if (text_[at] == '|') throw Unreadable();
            add_text(nodes, text_.substr(at++, 1));  // a bracket or colon that means nothing
        }
    }

  private:
    bool is_at(std::size_t at, char c) const { return at < text_.size() && text_[at] == c; }

    /// All up to a character that the surroundings must explain, where `at` then is.
    Nodes sequence(std::size_t& at) {
        Nodes nodes;
        while (at < text_.size()) {
            const char c = text_[at];
            if (c == '\\') {
                if (at + 1 == text_.size() || text_[at + 1] == '\n') throw Unreadable();
                add_text(nodes, text_.substr(at, 2));
                at += 2;
            } else if (c == '(' || c == '[') {
                auto group = bracket(at);
                if (!group) break;
                append(nodes, std::move(*group));
            } else if (c == ']' || c == ')' || c == '|' || c == ':') {
                break;
            } else {
                const std::size_t end = std::min(text_.find_first_of("\\()[]|:", at), text_.size());
                add_text(nodes, text_.substr(at, end - at));
                at = end;
            }
        }
        return nodes;
    }

    /// A bracket with all that is in it; none, and `at` as it was, where it does not fit.
    std::optional<Nodes> bracket(std::size_t& at) {
        if (failed_.contains(at) || depth_ == deepest_nesting) return std::nullopt;
        const std::size_t begin = at;
        ++depth_;
        auto group = text_[at] == '(' ? round(at) : square(at);
        --depth_;
        if (!group) {
            failed_.insert(begin);
            at = begin;
        }
        return group;
    }

    std::optional<Nodes> round(std::size_t& at) {
        Nodes nodes;
        add_text(nodes, "(");
        append(nodes, sequence(++at));
        if (is_at(at, ':')) {
            add_text(nodes, ":");
            append(nodes, sequence(++at));
        }
        if (!is_at(at, ')')) return std::nullopt;
        add_text(nodes, ")");
        ++at;
        return nodes;
    }

    std::optional<Nodes> square(std::size_t& at) {
        Nodes first = sequence(++at);
        if (is_at(at, ']')) {
            Nodes nodes;
            add_text(nodes, "[");
            append(nodes, std::move(first));
            add_text(nodes, "]");
            ++at;
            return nodes;
        }
        std::vector<Nodes> options;
        options.push_back(std::move(first));
        if (is_at(at, '|')) {
            while (is_at(at, '|')) options.push_back(sequence(++at));
            if (!is_at(at, ']')) return std::nullopt;
            ++at;
            return one({Alternation(), std::move(options)});
        }
        if (!is_at(at, ':')) return std::nullopt;
        if (const auto when = when_and_bracket(at + 1)) {
            options.emplace(options.begin());
            at = when->second;
            return one({when->first, std::move(options)});
        }
        options.push_back(sequence(++at));
        if (!is_at(at, ':')) return std::nullopt;
        const auto when = when_and_bracket(at + 1);
        if (!when) return std::nullopt;
        at = when->second;
        return one({when->first, std::move(options)});
    }

    static Nodes one(Node node) {
        Nodes nodes;
        nodes.push_back(std::move(node));
        return nodes;
    }

    std::size_t after_spaces(std::size_t at) const {
        while (at < text_.size() && kind_of(code_point_at(text_, at)) == CharacterKind::space)
            at += utf8_length(code_point_at(text_, at));
        return at;
    }

    /// "0.5]", and where it ends.
    std::optional<std::pair<Switch, std::size_t>> when_and_bracket(std::size_t at) const {
        at = after_spaces(at);
        const std::size_t begin = is_at(at, '+') ? at + 1 : at;
        if (is_at(at, '+') && is_at(begin, '-')) return std::nullopt;
        const std::size_t first = is_at(begin, '-') ? begin + 1 : begin;
        if (first == text_.size() || std::string_view(".0123456789").find(text_[first]) == std::string_view::npos)
            return std::nullopt;
        double number = 0.0;
        const auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + text_.size(), number);
        if (error == std::errc::invalid_argument) return std::nullopt;
        const auto stop = static_cast<std::size_t>(end - text_.data());
        const std::size_t bracket = after_spaces(stop);
        if (!is_at(bracket, ']')) return std::nullopt;
        // What is out of range is beyond all steps, or none.
        if (error == std::errc::result_out_of_range) number = 0.0;
        const bool is_part = text_.substr(begin, stop - begin).find('.') != std::string_view::npos;
        return std::pair(Switch{number, is_part}, bracket + 1);
    }

    std::string_view text_;
    int depth_ = 0;
    /// Brackets that are known not to fit.
    std::unordered_set<std::size_t> failed_;
};

/// Turns a tree into texts.
class Schedule {
  public:
    Schedule(int steps, int first_steps, double first_part)
        : steps_(steps), first_steps_(first_steps), first_part_(first_part) {}

    std::vector<ScheduledText> of(const Nodes& tree) const {
        std::set<int> ends = {steps_};
        collect(tree, ends);
        std::vector<ScheduledText> texts;
        for (const int end : ends) {
            texts.push_back({.last_step = end, .text = {}});
            write(tree, end, texts.back().text);
        }
        return texts;
    }

  private:
    int last_step_of(const Switch& change) const {
        const double step = change.is_part ? (change.when - first_part_) * steps_ : change.when - first_steps_;
        return static_cast<int>(std::clamp(step, -1.0, static_cast<double>(steps_)));
    }

    void collect(const Nodes& nodes, std::set<int>& ends) const {
        for (const Node& node : nodes) {
            if (const auto* change = std::get_if<Switch>(&node.kind)) {
                if (last_step_of(*change) >= 1) ends.insert(last_step_of(*change));
            } else if (std::holds_alternative<Alternation>(node.kind)) {
                for (int step = 1; step <= steps_; ++step) ends.insert(step);
            }
            for (const Nodes& option : node.options) collect(option, ends);
        }
    }

    void write(const Nodes& nodes, int step, std::string& text) const {
        for (const Node& node : nodes) {
            if (const auto* own = std::get_if<std::string>(&node.kind))
                text += *own;
            else if (const auto* change = std::get_if<Switch>(&node.kind))
                write(node.options[step <= last_step_of(*change) ? 0 : 1], step, text);
            else
                write(node.options[static_cast<std::size_t>(step - 1) % node.options.size()], step, text);
        }
    }

    int steps_, first_steps_;
    double first_part_;
};

PromptSchedule schedule_of(std::string_view prompt, const Schedule& schedule, int steps) {
    try {
        return {.texts = schedule.of(TreeReader(prompt).read())};
    } catch (const Unreadable&) {
        return {.texts = {{.last_step = steps, .text = std::string(prompt)}}, .is_unreadable = true};
    }
}

}  // namespace

PromptSchedule prompt_schedule(std::string_view prompt, int steps) {
    return schedule_of(prompt, Schedule(steps, 0, 0.0), steps);
}

PromptSchedule prompt_schedule_of_second_pass(std::string_view prompt, int steps, int first_steps) {
    return schedule_of(prompt, Schedule(steps, first_steps, 1.0), steps);
}

std::size_t text_at(std::span<const int> last_steps, int step) {
    const auto found = std::ranges::lower_bound(last_steps, step);
    return found == last_steps.end() ? 0 : static_cast<std::size_t>(found - last_steps.begin());
}

}  // namespace easel
