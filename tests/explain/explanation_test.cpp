// The whole page, with the small model of the tests.

#include "explain/explanation.h"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "explain/page.h"
#include "pictures/read.h"
#include "support/families.h"
#include "support/files.h"

namespace easel {
namespace {

/// Small, since the size is not what is tested here.
Picture small_picture() {
    const Picture whole = read_picture("golden/inputs/init_64x64.png");
    Picture part{.width = 32, .height = 32};
    for (std::size_t row = 0; row < 32; ++row) {
        const auto begin = whole.pixels.begin() + static_cast<std::ptrdiff_t>(row * 64 * 3);
        part.pixels.insert(part.pixels.end(), begin, begin + 32 * 3);
    }
    return part;
}

ExplainRequest request() { return {.picture = small_picture(), .name = "a<b>.png", .prompt = "a \"cat\" & dog"}; }

Explanation explained(const Callbacks& callbacks = {}, std::stop_token stop = {},
                      const std::filesystem::path& path = "golden/tiny/diffusers") {
    Model model({.model = path, .precision = "f32"});
    return explain(request(), model, callbacks, std::move(stop));
}

const Explanation& explanation() {
    static const Explanation once = explained();
    return once;
}

// All tests that look at explanation() are of one suite, which is one process: it is computed once.
TEST(Explanation, MeasuresWhatTheorySays) {
    for (const ForwardView* view : {&explanation().pixels, &explanation().latents}) {
        EXPECT_EQ(view->stepped.size(), view->timesteps.size());
        EXPECT_EQ(view->jumped.size(), view->timesteps.size());
        EXPECT_EQ(view->timesteps.back(), 999);
        for (const ForwardMoments& at : view->measured)
            for (const Moments& moments : {at.stepped, at.jumped}) {
                const double error = std::sqrt(at.theory.variance / explanation().draws);
                EXPECT_NEAR(moments.mean, at.theory.mean, 5 * error) << at.timestep;
            }
    }
}

TEST(Explanation, MeasuresTheLossOverAllTimesteps) {
    const Explanation& e = explanation();
    ASSERT_EQ(e.losses.size(), e.loss_timesteps.size());
    EXPECT_LT(e.loss_timesteps.front(), 50);
    EXPECT_GT(e.loss_timesteps.back(), 950);
    for (const double loss : e.losses) EXPECT_GT(loss, 0.0);
}

TEST(Explanation, ShowsThePathOfEverySampler) {
    std::set<std::string> names;
    for (const PathView& path : explanation().paths) {
        names.insert(path.name);
        EXPECT_EQ(path.refusal, "");
        EXPECT_EQ(path.timesteps.size(), path.norms.size());
        EXPECT_GE(path.timesteps.size(), 11U) << path.name;
        EXPECT_EQ(path.pictures.size(), 6U);
    }
    const auto known = sampler_names();
    EXPECT_EQ(names, std::set<std::string>(known.begin(), known.end()));
}

TEST(Explanation, ShowsWhatNoiseOnTheWayChanges) {
    const auto& ways = explanation().reconstructions;
    ASSERT_EQ(ways.size(), 2U);
    EXPECT_EQ(ways[0].norms.front(), ways[1].norms.front()) << "both begin at the same place";
    EXPECT_NE(ways[0].pictures.back().pixels, ways[1].pictures.back().pixels);
}

TEST(Explanation, ShowsWhatGuidanceChanges) {
    const auto& guided = explanation().guided;
    ASSERT_EQ(guided.size(), 6U);
    for (std::size_t i = 1; i < guided.size(); ++i)
        EXPECT_NE(guided[i].picture.pixels, guided[i - 1].picture.pixels) << guided[i].guidance_scale;
}

TEST(Explanation, AgainIsTheSamePageAndReportsItsProgressToTheEnd) {
    int step = 0, steps = 0;
    const Explanation again = explained({.progress = [&](const Progress& progress) {
        if (progress.stage != Stage::denoise) return;
        step = progress.step;
        steps = progress.steps;
    }});
    EXPECT_GT(steps, 200);
    EXPECT_EQ(step, steps);
    EXPECT_EQ(html_page(again), html_page(explanation()));
}

TEST(Explanation, RefusesAModelThatNeedsAMask) {
    const testing::TemporaryFolder folder;
    const auto model = testing::whole_model("sd15_inpaint", folder);
    const std::string sentence = testing::sentence_of([&] { explained({}, {}, model); });
    EXPECT_NE(sentence.find("inpainting model"), std::string::npos) << sentence;
}

TEST(Explanation, StopsWhenAsked) {
    std::stop_source stop;
    const Callbacks callbacks{.progress = [&](const Progress& progress) {
        if (progress.stage == Stage::denoise && progress.step == 3) stop.request_stop();
    }};
    EXPECT_THROW(explained(callbacks, stop.get_token()), Cancelled);
}

// At the default strength, none of one step would run.
TEST(Explanation, LooksAtAModelThatDrawsInOneStep) {
    const testing::TemporaryFolder folder;
    std::filesystem::copy("golden/tiny/diffusers", folder / "one", std::filesystem::copy_options::recursive);
    std::ofstream(folder / "one" / "easel.json") << R"({"steps": 1, "sampler": "ddim"})";
    std::stop_source stop;
    const Callbacks callbacks{.progress = [&](const Progress& progress) {
        if (progress.stage == Stage::denoise && progress.step == 1) stop.request_stop();
    }};
    EXPECT_THROW(explained(callbacks, stop.get_token(), folder / "one"), Cancelled);
}

TEST(Explanation, PageIsWellFormedHasAllSectionsAndNeedsNoOtherFile) {
    const std::string page = html_page(explanation());
    pugi::xml_document document;
    const auto result = document.load_string(page.c_str(), pugi::parse_default | pugi::parse_doctype);
    ASSERT_TRUE(result) << result.description() << " at " << result.offset;
    std::string sections;
    for (const auto& section : document.child("html").child("body").children("section"))
        sections += std::string(section.attribute("id").value()) + " ";
    EXPECT_EQ(
        sections,
        "picture notation schedules forward measured backward estimate training reconstruction guidance samplers ");
    EXPECT_EQ(document.select_nodes("//svg").size(), 7U);
    EXPECT_STREQ(document.child("html").child("head").child("title").text().get(), "Diffusion explained: a<b>.png");

    for (const char* foreign : {"http:", "https:", "<script", "<link", "@import", "url(", ">nan"})
        EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
    EXPECT_GT(document.select_nodes("//img").size(), 100U);
    for (const auto& image : document.select_nodes("//img"))
        EXPECT_TRUE(std::string(image.node().attribute("src").value()).starts_with("data:image/png;base64,iVBOR"));
}

}  // namespace
}  // namespace easel
