#include "jobs/run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "jobs/inputs.h"
#include "jobs/outputs.h"
#include "jobs/sheet.h"
#include "jobs/temporaries.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;

/// Of pictures that are drawn faster than that, so many are claimed at once: neighbours in the order, which one model
/// and one size draw, stay together.
constexpr std::chrono::seconds quick{1};
constexpr std::size_t most_claimed_at_once = 16;

/// Between looks at what others draw.
constexpr milliseconds first_pause{100}, longest_pause{5000};

constexpr std::string_view sheet_claim = "sheet";
constexpr std::size_t most_names = 3;

/// Pictures that follow each other in the order and that one opened model draws.
struct Group {
    std::vector<PlannedPicture*> pictures;
    std::string engine;
};

/// The order, begun at the fraction `begin` of the work that is left, and gone round.
std::vector<Group> groups_of(Plan& plan, double begin) {
    std::vector<PlannedPicture*> pictures;
    for (const std::size_t index : plan.order) pictures.push_back(&plan.pictures[index]);
    std::vector<std::uint64_t> weights;
    for (const PlannedPicture* picture : pictures)
        weights.push_back(picture->state == State::alike ? 0 : picture->work.weight);
    if (!pictures.empty())
        std::ranges::rotate(pictures, pictures.begin() + static_cast<std::ptrdiff_t>(place_in(weights, begin)));

    std::vector<Group> groups;
    for (PlannedPicture* picture : pictures) {
        if (groups.empty() || groups.back().engine != picture->work.engine)
            groups.push_back({.pictures = {}, .engine = picture->work.engine});
        groups.back().pictures.push_back(picture);
    }
    return groups;
}

/// "a.png, b.png, c.png and 4 more"
std::string some_of(const std::vector<std::string>& texts, std::string_view separator = ", ") {
    const std::span first(texts.begin(), std::min(texts.size(), most_names));
    const std::string more = texts.size() > most_names ? fmt::format(" and {} more", texts.size() - most_names) : "";
    return fmt::format("{}{}", fmt::join(first, separator), more);
}

std::uint64_t hash_of(std::uint64_t hash, std::string_view text) {
    // FNV-1a of 64 bits, http://www.isthe.com/chongo/tech/comp/fnv
    constexpr std::uint64_t prime = 0x100000001b3;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
    return (hash ^ 0xff) * prime;  // which is in no text
}

void write_sheet_of(const Plan& plan, const RunCallbacks& callbacks) {
    if (write_sheet(plan, callbacks.drawing.note) && callbacks.sheet_written) callbacks.sheet_written(*plan.sheet);
}

std::string what_is_wrong(const PlannedPicture& picture) {
    switch (picture.state) {
        case State::missing:
            return "is not there";
        case State::damaged:
            return "is damaged";
        default:
            return with_job_keys(picture.difference);
    }
}

/// Draws one plan.
class JobRun {
  public:
    JobRun(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop, const RunOptions& options)
        : plan_(plan),
          callbacks_(callbacks),
          options_(options),
          stop_(std::move(stop)),
          inputs_(callbacks.drawing.note, stop_),
          self_(this_process()) {
        if (!options_.with_claims || plan_.pictures.empty()) return;
        self_.job = options_.engine_job;
        ClaimRules rules = options_.claims;
        if (!options_.together) rules.most_attempts = 0;  // who calls again wants it tried again
        claims_.emplace(claims_folder(plan_), rules, self_, stop_);
    }

    void run() {
        find_states(plan_);
        for (const std::size_t index : plan_.order) refuse_in_the_way(plan_.pictures[index]);
        find_models();
        const std::vector<Group> groups = groups_of(plan_, options_.begin);
        for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
            const std::size_t before = settled_;
            for (const Group& group : groups) draw(group);
            if (settled_ == plan_.order.size()) break;
            if (settled_ > before) pause = first_pause;
            say_who_is_waited_for();
            wait(pause);
            for (const std::size_t index : plan_.order) look(plan_.pictures[index]);
        }
        report_failures();
        finish();
    }

  private:
    template <typename Action>
    void at(const PlannedPicture& picture, Action action) const {
        jobs::at(plan_.asked[picture.asked], action);
    }

    void note(const std::string& sentence) const {
        if (callbacks_.drawing.note) callbacks_.drawing.note(sentence);
    }

    void wait(milliseconds pause) const {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, stop_, pause, [] { return false; });
        if (stop_.stop_requested()) throw Cancelled();
    }

    std::string claim_of(const PlannedPicture& picture) const {
        return fmt::format("{}", &picture - plan_.pictures.data());
    }

    /// Whether nothing more is to be done for it here.
    bool is_settled(const PlannedPicture& picture) const {
        return picture.state == State::done || failures_.contains(&picture);
    }

    void settle_as_done(PlannedPicture& picture) {
        picture.state = State::done;
        ++settled_;
    }

    void settle_as_failed(const PlannedPicture& picture, const std::string& sentence) {
        note(sentence);
        failures_[&picture] = sentence;
        ++settled_;
    }

    void find_models() {
        for (const std::size_t index : plan_.order) {
            const PlannedPicture& picture = plan_.pictures[index];
            const auto [found, is_new] = models_.try_emplace(picture.work.engine, picture.drawing.engine);
            if (is_new && callbacks_.find_model)
                at(picture, [&, &options = found->second] { options = callbacks_.find_model(options); });
        }
    }

    static bool is_in_the_way(const PlannedPicture& picture) {
        return picture.state == State::other && !picture.drawing.outputs.overwrite;
    }

    static void refuse_in_the_way(const PlannedPicture& picture) {
        if (is_in_the_way(picture))
            fail(ErrorKind::already_exists,
                 "{}: is in the way: it is not the picture that the job asks for ({}); move it, or use `overwrite`",
                 picture.files.picture.string(), with_job_keys(picture.difference));
    }

    /// Does `action` for a picture. Of many processes one fails for that picture alone, unless all would fail likewise.
    template <typename Action>
    void attempt(const PlannedPicture& picture, Action action) {
        try {
            action();
        } catch (const Error& error) {
            if (!options_.together || error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::no_space)
                throw;
            if (claims_) claims_->give_up_failed(claim_of(picture));
            settle_as_failed(picture, error.what());
        }
    }

    /// Whether another process has drawn it meanwhile.
    void look(PlannedPicture& picture) {
        if (is_settled(picture)) return;
        look_again(picture);
        attempt(picture, [&] { refuse_in_the_way(picture); });
        if (picture.state == State::done) ++settled_;
    }

    /// Whether the picture may be claimed, or was with `found`. Does what else follows.
    bool is_free(PlannedPicture& picture, const Found& found) {
        switch (found.standing) {
            case Standing::free:
            case Standing::ours:
                return true;
            case Standing::spent:
                look(picture);
                if (!is_settled(picture))
                    settle_as_failed(picture,
                                     fmt::format("{}: was claimed {} times and not drawn, the last time by {}",
                                                 picture.files.picture.string(), options_.claims.most_attempts,
                                                 found.holder ? describe(*found.holder) : "an unknown process"));
                return false;
            case Standing::anothers:
                if (found.holder) compare_with(*found.holder);
                waited_for_ = fmt::format("{} by {}", picture.files.picture.string(),
                                          found.holder ? describe(*found.holder) : "another process");
                return false;
            case Standing::over:
                break;
        }
        return false;
    }

    bool claim(PlannedPicture& picture) {
        if (is_settled(picture)) return false;
        return !claims_ || is_free(picture, claims_->take(claim_of(picture)));
    }

    void compare_with(const Claimant& other) {
        if (self_.precision.empty() || other.precision.empty() || warned_) return;
        if (other.precision == self_.precision && other.instructions == self_.instructions) return;
        warned_ = true;
        note(
            fmt::format("{} draws in {} with {}, and this process in {} with {}: their pictures may differ by rounding",
                        describe(other), other.precision, other.instructions, self_.precision, self_.instructions));
    }

    /// Whether a model has to be opened for the picture now.
    bool needs_model(PlannedPicture& picture) {
        if (is_settled(picture)) return false;
        if (!options_.together && !verified_.contains(&picture)) return true;
        return !claims_ || is_free(picture, claims_->look(claim_of(picture)));
    }

    void draw(const Group& group) {
        if (options_.together)
            for (PlannedPicture* picture : group.pictures)
                if (picture->state == State::alike) {
                    accept(*picture);
                    say_that_it_is_there(*picture);
                }
        if (std::ranges::none_of(group.pictures, [&](PlannedPicture* picture) { return needs_model(*picture); }))
            return;
        Engine& engine = open(group);
        for (PlannedPicture* picture : group.pictures) verify(*picture, engine);
        for (const PlannedPicture* picture : group.pictures)
            if (!is_settled(*picture)) refuse_in_the_way(*picture);
        for (std::size_t next = 0; next < group.pictures.size();) {
            std::vector<PlannedPicture*> claimed;
            while (next < group.pictures.size() && claimed.size() < at_once_)
                if (PlannedPicture* picture = group.pictures[next++]; claim(*picture)) claimed.push_back(picture);
            for (PlannedPicture* picture : claimed) attempt(*picture, [&] { draw(*picture, engine); });
        }
    }

    Engine& open(const Group& group) {
        if (engine_ && open_model_ == group.engine) return *engine_;
        engine_ = nullptr;
        at(*group.pictures.front(), [&] { engine_ = &callbacks_.open(models_.at(group.engine)); });
        open_model_ = group.engine;
        self_.precision = engine_->precision();
        if (claims_) claims_->set_precision(self_.precision);
        return *engine_;
    }

    /// Lets the model judge the request and the picture that is there.
    void verify(PlannedPicture& picture, const Engine& engine) {
        if (is_settled(picture) || !verified_.insert(&picture).second) return;
        at(picture, [&] { find_state(picture, inputs_.request_of(picture.drawing), engine); });
        if (picture.state == State::done) say_that_it_is_there(picture);
    }

    void say_that_it_is_there(PlannedPicture& picture) {
        note(fmt::format("{}: is there already", picture.files.picture.string()));
        settle_as_done(picture);
    }

    /// Draws a picture that this process has claimed.
    void draw(PlannedPicture& picture, Engine& engine) {
        const std::string name = picture.files.picture.string();
        look(picture);  // its last claimant may have drawn it
        if (is_settled(picture)) return finish_claim(picture);
        if (picture.state == State::damaged) note(fmt::format("{}: is damaged and is drawn again", name));
        OutputFiles files = picture.files;
        // Nothing was in the way when the job began; what has come since is another process's, or not the job's.
        if (picture.state == State::missing) files.if_exists = OutputFile::IfExists::keep;
        at(picture, [&] {
            const Request request = inputs_.request_of(picture.drawing);
            const auto begin = std::chrono::steady_clock::now();
            const Drawn drawn = jobs::draw(engine, request, files, callbacks_.drawing, stop_);
            at_once_ = std::chrono::steady_clock::now() - begin < quick ? most_claimed_at_once : 1;
            if (!drawn.is_written) return come_second(picture, drawn.result);
            picture.drawing.request.seed = drawn.result.seed;
            if (callbacks_.drawn) callbacks_.drawn(picture, drawn.result);
            settle_as_done(picture);
        });
        finish_claim(picture);
    }

    void finish_claim(const PlannedPicture& picture) {
        if (claims_) claims_->finish(claim_of(picture));
    }

    /// Another picture has come into being while this one was drawn.
    void come_second(PlannedPicture& picture, const Result& drawn) {
        const std::string name = picture.files.picture.string();
        look_again(picture);
        if (is_in_the_way(picture))
            fail(ErrorKind::already_exists,
                 "{}: came into being meanwhile, and is not the picture that the job asks for ({}); move it, or use "
                 "`overwrite`; {}",
                 name, with_job_keys(picture.difference), kept_elsewhere(drawn, picture.files));
        if (picture.state == State::done) {
            note(fmt::format("{}: another process was faster, and its picture counts", name));
            ++settled_;
        }
    }

    void say_who_is_waited_for() {
        if (waited_for_.empty() || said_who_) return;
        said_who_ = true;
        const std::size_t count = plan_.order.size() - settled_;
        note(count == 1 ? fmt::format("one picture is being drawn by another process: {}", waited_for_)
                        : fmt::format("{} pictures are being drawn by other processes: {}, ...", count, waited_for_));
    }

    /// Throws Error if pictures could not be drawn, neither here nor elsewhere.
    void report_failures() {
        std::vector<std::string> sentences;
        for (const std::size_t index : plan_.order) {
            PlannedPicture& picture = plan_.pictures[index];
            const auto failure = failures_.find(&picture);
            if (failure == failures_.end()) continue;
            look_again(picture);
            if (picture.state != State::done) sentences.push_back(failure->second);
        }
        if (sentences.empty()) return;
        throw Error(ErrorKind::failed, fmt::format("{} of {} pictures were not drawn: {}", sentences.size(),
                                                   plan_.order.size(), some_of(sentences, "; ")));
    }

    /// Once all pictures are there.
    void finish() {
        if (!claims_) return;
        if (!claims_->has_begun() && (claims_->was_seen() || !plan_.sheet || path_exists(*plan_.sheet))) return;
        if (!plan_.sheet) return clean_up();
        for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
            const Found found = claims_->take(std::string(sheet_claim), false);
            if (found.standing == Standing::over) return;
            if (found.standing == Standing::ours) break;
            if (found.standing == Standing::spent)
                fail("{}: could not be written; {} processes tried", plan_.sheet->string(),
                     options_.claims.most_attempts);
            wait(pause);
        }
        write_sheet_of(plan_, callbacks_);
        clean_up();
    }

    void clean_up() {
        std::vector<fs::path> outputs;
        for (const PlannedPicture& picture : plan_.pictures)
            for (const fs::path& path : {picture.files.picture, picture.files.latents, picture.files.mask})
                outputs.push_back(path);
        if (plan_.sheet) outputs.push_back(*plan_.sheet);
        if (const auto time = claims_->now()) remove_temporaries(outputs, *time - claims_->rules().lease);
        claims_->remove();
    }

    Plan& plan_;
    const RunCallbacks& callbacks_;
    const RunOptions& options_;
    std::stop_token stop_;
    InputReader inputs_;
    Claimant self_;
    std::optional<Claims> claims_;
    /// By Work::engine.
    std::map<std::string, EngineOptions> models_;
    Engine* engine_ = nullptr;
    std::string open_model_;
    std::set<const PlannedPicture*> verified_;
    std::map<const PlannedPicture*, std::string> failures_;
    std::size_t settled_ = 0;
    std::size_t at_once_ = 1;
    /// A picture that another process draws, and which.
    std::string waited_for_;
    bool said_who_ = false, warned_ = false;
};

}  // namespace

void run_job(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop, const RunOptions& options) {
    JobRun(plan, callbacks, std::move(stop), options).run();
}

void write_sheet_only(Plan& plan, const RunCallbacks& callbacks) {
    if (!plan.sheet) fail_usage("the job has no contact sheet, as it asks for one picture");
    find_states(plan);
    std::vector<std::string> missing;
    for (PlannedPicture& picture : plan.pictures)
        if (picture.state == State::alike)
            accept(picture);
        else
            missing.push_back(fmt::format("{} ({})", picture.files.picture.string(), what_is_wrong(picture)));
    if (!missing.empty())
        fail("the contact sheet is not written, as {} of {} pictures are missing: {}", missing.size(),
             plan.pictures.size(), some_of(missing));
    write_sheet_of(plan, callbacks);
}

fs::path claims_folder(const Plan& plan) {
    constexpr std::uint64_t basis = 0xcbf29ce484222325;
    constexpr std::size_t longest_name = 200;
    std::uint64_t hash = basis;
    for (const JobPicture& asked : plan.asked) {
        for (const auto& [key, value] : asked.settings) hash = hash_of(hash_of(hash, key), value);
        hash = hash_of(hash, "");
    }
    return folder_of(plan.pictures.front().files.picture) /
           fmt::format(".easel-{}-{:016x}", plan.name.substr(0, longest_name), hash);
}

}  // namespace easel::jobs
