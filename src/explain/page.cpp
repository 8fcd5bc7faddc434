#include "explain/page.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "explain/training_algorithm.h"
#include "html/elements.h"
#include "html/plot.h"

namespace easel {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string number(double value) { return fmt::format("{:.4f}", value); }

/// The difference of a measured value, and how many standard errors that is.
std::string difference(double measured, double theory, double standard_error) {
    const double gap = measured - theory;
    return standard_error > 0.0 ? fmt::format("{:+.4f} ({:+.1f} s.e.)", gap, gap / standard_error)
                                : fmt::format("{:+.4f}", gap);
}

std::string at_timestep(double t) { return fmt::format("t = {:g}", std::round(t)); }

std::string section(std::string_view id, std::string_view title, const std::string& content) {
    return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, content);
}

std::string picture_section(const Explanation& e) {
    std::string out =
        R"(<p>Diffusion happens in numbers from about −1 to 1. The <b>pixels</b> of a picture are such numbers
once 0..255 is stretched to −1..1. Stable Diffusion does not work on them. Its VAE first makes <b>latents</b> of the
picture: far fewer numbers, scaled so that their variance is about 1. At the end it turns latents back into pixels.</p>
)";
    out += figure_row("", {{e.picture, "the picture, x₀ in pixels"},
                           {e.latents_picture, "its latents, three channels as colours"},
                           {e.round_trip, "decoded from the latents again"}});
    const std::size_t pixels = e.picture.pixels.size();
    const int latents = e.latent_channels * e.latent_height * e.latent_width;
    out += fmt::format("<p>Pixels: 3 × {} × {} = {} numbers. Latents: {} × {} × {} = {}.</p>\n", e.picture.height,
                       e.picture.width, pixels, e.latent_channels, e.latent_height, e.latent_width, latents);
    return section("picture", "1. The picture, in pixels and in latents", out);
}

std::string notation_section() {
    std::string out =
        R"(<p>Two notations are in use for the same process. In the lecture's, α and β are the factors of x and of the noise,
so α² + β² = 1. In that of DDPM (Ho, Jain and Abbeel 2020), used by most code, they are the squares of those: what
is called <code>betas</code> and <code>alphas_cumprod</code>. Below, α and β are the lecture's; DDPM's are marked
<sup>D</sup>.</p>
<div class="words">)";
    out += table(
        {"", "lecture", "DDPM"},
        {{"what links them", "α<sub>t</sub>² + β<sub>t</sub>² = 1",
          "α<sup>D</sup><sub>t</sub> = 1 − β<sup>D</sup><sub>t</sub> = α<sub>t</sub>², "
          "β<sup>D</sup><sub>t</sub> = β<sub>t</sub>²"},
         {"one step", "x<sub>t</sub> = α<sub>t</sub> x<sub>t−1</sub> + β<sub>t</sub> ε",
          "x<sub>t</sub> = √(1 − β<sup>D</sup><sub>t</sub>) x<sub>t−1</sub> + √β<sup>D</sup><sub>t</sub> ε"},
         {"product", "ᾱ<sub>t</sub> = α<sub>1</sub>…α<sub>t</sub>, β̄<sub>t</sub> = √(1 − ᾱ<sub>t</sub>²)",
          "ᾱ<sup>D</sup><sub>t</sub> = ᾱ<sub>t</sub>² (<code>alphas_cumprod</code>)"},
         {"one jump", "x<sub>t</sub> = ᾱ<sub>t</sub> x<sub>0</sub> + β̄<sub>t</sub> ε",
          "x<sub>t</sub> = √ᾱ<sup>D</sup><sub>t</sub> x<sub>0</sub> + √(1 − ᾱ<sup>D</sup><sub>t</sub>) ε"},
         {"x<sub>0</sub> from the noise", "x̂<sub>0</sub> = (x<sub>t</sub> − β̄<sub>t</sub> ε) / ᾱ<sub>t</sub>",
          "x̂<sub>0</sub> = (x<sub>t</sub> − √(1 − ᾱ<sup>D</sup><sub>t</sub>) ε) / √ᾱ<sup>D</sup><sub>t</sub>"},
         {"one step back, in the lecture", "(x<sub>t</sub> − <b>β<sub>t</sub></b> ε) / α<sub>t</sub> + σ<sub>t</sub> z",
          "(x<sub>t</sub> − √β<sup>D</sup><sub>t</sub> ε) / √α<sup>D</sup><sub>t</sub> + σ<sub>t</sub> z"},
         {"one step back, in DDPM and easel",
          "(x<sub>t</sub> − <b>(β<sub>t</sub>²/β̄<sub>t</sub>)</b> ε) / α<sub>t</sub> + σ<sub>t</sub> z",
          "(x<sub>t</sub> − (β<sup>D</sup><sub>t</sub> / √(1 − ᾱ<sup>D</sup><sub>t</sub>)) ε) / "
          "√α<sup>D</sup><sub>t</sub> + σ<sub>t</sub> z"},
         {"variance of the step back", "σ<sub>t</sub>² = β<sub>t</sub>² β̄<sub>t−1</sub>² / β̄<sub>t</sub>²",
          "σ<sub>t</sub>² = β<sup>D</sup><sub>t</sub> (1 − ᾱ<sup>D</sup><sub>t−1</sub>) / "
          "(1 − ᾱ<sup>D</sup><sub>t</sub>)"}});
    out += R"(</div>
<p><b>The jump.</b> Put one step into the next: x<sub>t</sub> = α<sub>t</sub>α<sub>t−1</sub> x<sub>t−2</sub> +
α<sub>t</sub>β<sub>t−1</sub> ε′ + β<sub>t</sub> ε. The two noises are independent Gaussians, so their variances add:
α<sub>t</sub>²β<sub>t−1</sub>² + β<sub>t</sub>² = α<sub>t</sub>²(1 − α<sub>t−1</sub>²) + 1 − α<sub>t</sub>² =
1 − (α<sub>t</sub>α<sub>t−1</sub>)². So two steps are one step with the product of the α; and so on.</p>
<p><b>The step back.</b> Given x<sub>0</sub>, x<sub>t−1</sub> has mean ᾱ<sub>t−1</sub>x<sub>0</sub> and variance
β̄<sub>t−1</sub>², and x<sub>t</sub> is α<sub>t</sub>x<sub>t−1</sub> with β<sub>t</sub>² more. By Bayes' rule
the product of these two Gaussians, as a function of x<sub>t−1</sub>, says where x<sub>t</sub> came from. Precisions add,
1/σ<sub>t</sub>² = 1/β̄<sub>t−1</sub>² + α<sub>t</sub>²/β<sub>t</sub>², and since
β<sub>t</sub>² + α<sub>t</sub>²β̄<sub>t−1</sub>² = β̄<sub>t</sub>²:</p>
<p class="formula">σ<sub>t</sub>² = β<sub>t</sub>² β̄<sub>t−1</sub>² / β̄<sub>t</sub>²,&#160;&#160;
mean = (ᾱ<sub>t−1</sub>β<sub>t</sub>² x<sub>0</sub> + α<sub>t</sub>β̄<sub>t−1</sub>² x<sub>t</sub>) /
β̄<sub>t</sub>²</p>
<p>With x<sub>0</sub> = (x<sub>t</sub> − β̄<sub>t</sub> ε) / ᾱ<sub>t</sub> put in, x<sub>t</sub> has the factor
(β<sub>t</sub>² + α<sub>t</sub>²β̄<sub>t−1</sub>²) / (α<sub>t</sub>β̄<sub>t</sub>²) = 1/α<sub>t</sub>, and ε has
−β<sub>t</sub>² / (α<sub>t</sub>β̄<sub>t</sub>):</p>
<p class="formula">mean = (x<sub>t</sub> − (β<sub>t</sub>²/β̄<sub>t</sub>) ε) / α<sub>t</sub></p>
<p>Subtracting β<sub>t</sub> ε, as the lecture writes it, would undo the last step only if all of ε had come in that step.
But ε is the whole noise in x<sub>t</sub>, of which the last step added only the share β<sub>t</sub>/β̄<sub>t</sub>.
So too much would be removed, except at the first step, where β̄ = β. <a href="#backward">Section 6</a> measures which
rule is right.</p>
)";
    return section("notation", "2. Two notations, and the step back", out);
}

Plot schedule_plot(const Explanation& e, std::string title, bool logarithmic,
                   std::vector<double> ScheduleCurves::*values) {
    Plot plot{.title = std::move(title), .x_label = "t", .logarithmic = logarithmic};
    for (const ScheduleCurves& schedule : e.schedules) {
        Curve curve{.name = schedule.name};
        const std::vector<double>& y = schedule.*values;
        const std::size_t stride = std::max<std::size_t>(1, y.size() / 250);
        for (std::size_t t = 0; t < y.size(); t += stride) {
            curve.x.push_back(static_cast<double>(t));
            curve.y.push_back(y[t]);
        }
        plot.curves.push_back(std::move(curve));
    }
    return plot;
}

std::string schedules_section(const Explanation& e) {
    std::string out =
        R"(<p>How fast the picture disappears in noise is a choice: one β<sup>D</sup> for each timestep. Stable Diffusion was
trained with <code>scaled_linear</code> (√β<sup>D</sup> grows evenly); <code>linear</code> is DDPM's,
<code>squaredcos_cap_v2</code> that of Nichol and Dhariwal 2021. <code>karras</code> is not for training: it places a
sampler's steps so that many of them are where there is little noise (Karras et al. 2022). Here it has as many steps as
the training, between the ends of scaled_linear. SNR = ᾱ<sup>D</sup>/(1 − ᾱ<sup>D</sup>) says how strong the picture still
is, and σ = 1/√SNR how strong the noise is next to it.</p>
<div class="plots">)";
    out += svg(schedule_plot(e, "betas, β of DDPM (log)", true, &ScheduleCurves::beta));
    out += svg(schedule_plot(e, "alphas_cumprod, ᾱ of DDPM", false, &ScheduleCurves::alpha_bar));
    out += svg(schedule_plot(e, "SNR (log)", true, &ScheduleCurves::snr));
    out += svg(schedule_plot(e, "σ (log)", true, &ScheduleCurves::sigma));
    return section("schedules", "3. Noise schedules", out + "</div>\n");
}

std::vector<Figure> figures_over_time(const std::vector<int>& timesteps, const std::vector<Picture>& pictures) {
    std::vector<Figure> figures;
    figures.reserve(pictures.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) figures.push_back({pictures[i], at_timestep(timesteps[i])});
    return figures;
}

std::string forward_rows(const ForwardView& view) {
    return figure_row("step by step", figures_over_time(view.timesteps, view.stepped)) +
           figure_row("in one jump", figures_over_time(view.timesteps, view.jumped));
}

std::string forward_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>The model knows {} timesteps, counted from 0, so x at timestep t has taken t + 1 steps. The first row takes
each of them, x<sub>t</sub> = α<sub>t</sub>x<sub>t−1</sub> + β<sub>t</sub>ε with fresh noise every time; the
second goes from x<sub>0</sub> at once, x<sub>t</sub> = ᾱ<sub>t</sub>x<sub>0</sub> + β̄<sub>t</sub>ε. The noise
differs; its amount does not.</p>
<h3>In pixels</h3>
)",
        e.training_timesteps);
    out += forward_rows(e.pixels);
    out += "<h3>In latents, decoded</h3>\n" + forward_rows(e.latents);
    out +=
        R"(<p>Training needs the jump: it trains the network at any t, and could not take hundreds of steps for each
example.</p>
)";
    return section("forward", "4. Forward: the picture becomes noise", out);
}

std::string measured_table(const Explanation& e, const ForwardView& view) {
    const double n = e.draws;
    Rows means, variances;
    for (const ForwardMoments& at : view.measured) {
        const double mean_error = std::sqrt(at.theory.variance / n);
        const double variance_error = at.theory.variance * std::sqrt(2.0 / (n - 1.0));
        const auto row = [&](double stepped, double jumped, double theory, double error) {
            return std::vector<std::string>{std::to_string(at.timestep),
                                            fmt::format("{}", e.draws),
                                            number(theory),
                                            number(stepped),
                                            difference(stepped, theory, error),
                                            number(jumped),
                                            difference(jumped, theory, error)};
        };
        means.push_back(row(at.stepped.mean, at.jumped.mean, at.theory.mean, mean_error));
        variances.push_back(row(at.stepped.variance, at.jumped.variance, at.theory.variance, variance_error));
    }
    const auto head = [](std::string what) {
        return std::vector<std::string>{"t", "draws", what, "step by step", "difference", "in one jump", "difference"};
    };
    return table(head("mean, theory"), means) + table(head("variance, theory"), variances);
}

std::string measured_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>Theory says that x<sub>t</sub> has mean ᾱ<sub>t</sub>x<sub>0</sub> and variance β̄<sub>t</sub>² = 1 −
ᾱ<sub>t</sub>², in whichever way it was made. So one value goes through both ways {} times. A measured number differs
by chance: by one standard error (s.e.) or less in two cases of three, by more than three hardly ever.</p>
)",
        e.draws);
    out += fmt::format("<h3>A pixel: x<sub>0</sub> = {:.4f}</h3>\n", e.pixels.measured_value);
    out += measured_table(e, e.pixels);
    out += fmt::format("<h3>A latent: x<sub>0</sub> = {:.4f}</h3>\n", e.latents.measured_value);
    out += measured_table(e, e.latents);
    return section("measured", "5. Mean and variance, measured", out);
}

std::string backward_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>What is the step back, really? Make {} pairs (x<sub>t−1</sub>, x<sub>t</sub>) by the forward process from one
x<sub>0</sub> = {:.4f} and fit a line: the mean of x<sub>t−1</sub> for each x<sub>t</sub> is slope · x<sub>t</sub>
+ intercept, and the variance around the line is σ<sub>t</sub>². Both rules give such a line too, with ε
= (x<sub>t</sub> − ᾱ<sub>t</sub>x<sub>0</sub>)/β̄<sub>t</sub>. The measured line is DDPM's.</p>
)",
        e.draws, e.pixels.measured_value);
    Rows rows;
    for (const BackwardComparison& at : e.backward_lines)
        rows.push_back({std::to_string(at.timestep), number(at.measured.slope), number(at.ddpm.slope),
                        number(at.beta_epsilon.slope), number(at.measured.intercept), number(at.ddpm.intercept),
                        number(at.beta_epsilon.intercept), fmt::format("{:.6f}", at.measured.variance),
                        fmt::format("{:.6f}", at.ddpm.variance)});
    out += table({"t", "slope, measured", "(β²/β̄) ε, DDPM", "β ε, lecture", "intercept, measured", "(β²/β̄) ε, DDPM",
                  "β ε, lecture", "variance, measured", "σ², DDPM"},
                 rows);
    return section("backward", "6. One step back, measured", out);
}

std::string estimates_section(const Explanation& e) {
    std::string out =
        R"(<p>Going back needs ε, which is unknown. The network predicts it from x<sub>t</sub>, t and the prompt. A prediction
of the noise is also a prediction of the picture, x̂<sub>0</sub> = (x<sub>t</sub> − β̄<sub>t</sub> ε̂) / ᾱ<sub>t</sub>. The
same noise is mixed in at each t. With little noise the noise is hard to see, but the picture is clear. With much
noise it is the other way round, and x̂<sub>0</sub> becomes what the network expects from the prompt alone.</p>
)";
    std::vector<Figure> samples, noise, predicted_noise, clean, predicted_clean;
    Rows errors;
    for (const EstimateView& at : e.estimates) {
        const std::string caption = at_timestep(at.timestep);
        samples.push_back({at.sample, caption});
        noise.push_back({at.noise, caption});
        predicted_noise.push_back({at.predicted_noise, caption});
        predicted_clean.push_back({at.predicted_x0, caption});
        clean.push_back({e.round_trip, caption});
        errors.push_back({std::to_string(at.timestep), number(at.noise_error), number(at.x0_error)});
    }
    out += figure_row("xₜ, decoded", samples) + figure_row("the true ε", noise) +
           figure_row("the network's ε̂", predicted_noise) + figure_row("x̂₀ that it implies", predicted_clean) +
           figure_row("the true x₀", clean);
    out += table({"t", "ε̂ − ε, root mean square (ε itself: 1)", "x̂<sub>0</sub> − x<sub>0</sub>, root mean square"},
                 errors);
    return section("estimate", "7. What the network sees", out);
}

/// Algorithm 1 of Ho et al. 2020, and the trainer's code of each line.
std::string algorithm_table() {
    Rows rows;
    for (const AlgorithmLine& line : training_algorithm())
        rows.push_back({std::string(line.text), fmt::format("<code>{}</code>", escaped(line.code)),
                        fmt::format("<code>src/train/{}</code>", line.file)});
    return table({"", "in easel", ""}, rows);
}

std::string training_section(const Explanation& e) {
    std::string out =
        R"(<p>How does a network learn to see the noise? Algorithm 1 of DDPM takes a picture, draws a time and a noise, mixes
them in one jump, and asks the network which noise it was. The gradient of its squared error moves the weights; that is
all. <code>easel-train</code> does it with batches of pictures, in latents, with their captions.</p>
<div class="words">)";
    out += algorithm_table() + "</div>\n";
    out += fmt::format(
        R"(<p>The squared error by time, measured with this model on this picture ({} noises at each t). Who says nothing,
ε̂ = 0, has 1. Late, when almost everything is noise, saying x<sub>t</sub> is nearly right, and the loss is
small; early, the little noise has to be told from the picture's own detail. The plain mean over t
(<code>--loss simple</code>) therefore learns mostly from the early times; the lecture's derivation weights with
β<sub>t</sub>²/α<sub>t</sub>² (<code>step</code>), the likelihood's bound with β<sup>D</sup><sub>t</sub>² /
(2σ<sub>t</sub>²α<sup>D</sup><sub>t</sub>(1 − ᾱ<sup>D</sup><sub>t</sub>)) (<code>vlb</code>).</p>
<div class="plots">)",
        e.loss_draws);
    Curve curve{.name = e.model_name};
    for (std::size_t i = 0; i < e.losses.size(); ++i) {
        curve.x.push_back(e.loss_timesteps[i]);
        curve.y.push_back(e.losses[i]);
    }
    out += svg({.title = "‖ε − ε̂‖² / n", .x_label = "t", .logarithmic = true, .curves = {std::move(curve)}});
    return section("training", "8. How it was learnt", out + "</div>\n");
}

std::vector<Figure> path_figures(const PathView& path) {
    std::vector<Figure> figures;
    figures.reserve(path.pictures.size());
    for (std::size_t i = 0; i < path.pictures.size(); ++i)
        figures.push_back(
            {path.pictures[i], i + 1 == path.pictures.size() ? "the end" : at_timestep(path.pictured_timesteps[i])});
    return figures;
}

/// The paths as rows of pictures, or why there are none.
std::string path_rows(const std::vector<PathView>& paths) {
    std::string out;
    for (const PathView& path : paths)
        out += path.refusal.empty() ? figure_row(path.name, path_figures(path))
                                    : fmt::format("<p><b>{}</b>: {}</p>\n", escaped(path.name), escaped(path.refusal));
    return out;
}

Plot norm_plot(std::string title, const std::vector<PathView>& paths) {
    Plot plot{.title = std::move(title), .x_label = "t (time runs from right to left)"};
    for (const PathView& path : paths)
        if (path.refusal.empty()) plot.curves.push_back({path.name, path.timesteps, path.norms});
    return plot;
}

std::string reconstruction_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>Noise is added to the picture up to t = {}, and DDPM removes it again; the whole way would take {} steps. Each step
goes to the mean of the step back and adds σ<sub>t</sub>z, with fresh noise z. It looks absurd to add noise while removing it. But
x<sub>t−1</sub> is not the mean; it scatters around it with variance σ<sub>t</sub>², and the network was trained
on samples that do. Without that term the samples have less noise than their t says (the plot shows how x shrinks), and
where more than one picture is possible, the end is closer to their mean: smooth, with little detail.</p>
)",
        e.reconstruction_from, e.reconstruction_steps);
    out += path_rows(e.reconstructions);
    Rows rows;
    for (const PathView& path : e.reconstructions)
        if (path.refusal.empty()) rows.push_back({path.name, number(path.distance), number(path.norms.back())});
    out += table({"", "distance of the end from x<sub>0</sub>, root mean square", "size of the end, root mean square"},
                 rows);
    out +=
        R"(<p>Which of the two ends closer to x<sub>0</sub> is not the same question as which looks like a picture: the mean of
all possible pictures is closer to each of them than they are to one another, and may look like none of them. A model that
has memorized its pictures shows little difference.</p>
<div class="plots">)";
    out += svg(norm_plot("size of x", e.reconstructions)) + "</div>\n";
    return section("reconstruction", "9. Back again, with and without σₜz", out);
}

std::string guidance_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>The network is called twice, with the prompt “{}” and without one, and what the prompt changes is exaggerated: ε
= ε<sub>uncond</sub> + w (ε<sub>cond</sub> − ε<sub>uncond</sub>) (Ho and Salimans 2022). The same noise (seed {}),
drawn by {}: from w = 0, which ignores the prompt, through w = 1, which follows it without exaggeration, to weights
at which everything is overdone.</p>
)",
        escaped(e.prompt), e.seed, escaped(e.guidance_sampler));
    std::vector<Figure> figures;
    figures.reserve(e.guided.size());
    for (const GuidedPicture& guided : e.guided)
        figures.push_back({guided.picture, fmt::format("w = {:g}", guided.guidance_scale)});
    out += figure_row("", figures);
    if (e.prompt.empty())
        out +=
            "<p>The prompt is empty, so all of these are the same picture; give one with <code>--prompt</code>.</p>\n";
    return section("guidance", "10. Guidance", out);
}

std::string samplers_section(const Explanation& e) {
    std::string out = fmt::format(
        R"(<p>All samplers from the same noise, {} steps each, w = {:g}. Shown is x<sub>t</sub> as the network sees it,
decoded, so samplers that work in σ (x = x<sub>0</sub> + σε) and those that keep the variance look alike. Some call
the network more than once a step (heun and dpmpp_sde nearly twice, pndm once more in all), and lcm and tcd are made
for models that were trained to need few steps.</p>
)",
        e.path_steps, e.path_guidance_scale);
    out += path_rows(e.paths);
    out +=
        R"(<p>The noise has size 1 and latents have their own, so the size of x shows the path between them: it is smooth for
deterministic samplers and jagged for those that add noise. Where one line hides another, the two samplers take the same
steps: euler_a is ddpm in terms of σ, and ddim is euler.</p>
<div class="plots">)";
    out += svg(norm_plot("size of x, as the network sees it", e.paths)) + "</div>\n";
    return section("samplers", "11. The samplers' paths", out);
}

}  // namespace

std::string html_page(const Explanation& e) {
    std::string out = fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Diffusion explained: {0}</title>
<style>{1}</style>
</head>
<body>
<h1>Diffusion explained</h1>
<p>With the picture {0}, the prompt “{2}”, the model {3} ({4}) and seed {5}. Everything on this page was computed for it, by
the functions that easel draws with.</p>
)",
                                  escaped(e.picture_name), page_style(), escaped(e.prompt), escaped(e.model_name),
                                  escaped(e.precision), e.seed);
    out += picture_section(e) + notation_section() + schedules_section(e) + forward_section(e) + measured_section(e) +
           backward_section(e) + estimates_section(e) + training_section(e) + reconstruction_section(e) +
           guidance_section(e) + samplers_section(e);
    return out + "</body>\n</html>\n";
}

}  // namespace easel
