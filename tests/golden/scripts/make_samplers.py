"""Runs diffusers' schedulers over a made-up network and writes what comes out: samplers.json.

    python make_samplers.py ../samplers.json

Made with Python 3.11, torch 2.15.0, diffusers 0.42.1, numpy 2.4.6 on a CPU, float32. Each case has the scheduler's
configuration, the number of steps, the schedule it gives, and 16 latents after the last step; with `strength`, sampling
begins in the schedule's midst as the image-to-image pipeline does it.
"""
import itertools
import json
import sys
import warnings

import diffusers
import torch

warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()

COUNT = 16
K = torch.arange(COUNT, dtype=torch.float64)
NOISE = torch.sin(1.7 * K + 0.3).float().reshape(1, 4, 2, 2)
CLEAN = torch.cos(0.9 * K).float().reshape(1, 4, 2, 2)
SD1 = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
           clip_sample=False, set_alpha_to_one=False, skip_prk_steps=True, prediction_type="epsilon")
CLASSES = dict(ddim="DDIM", pndm="PNDM", lms="LMSDiscrete", euler="EulerDiscrete", euler_a="EulerAncestralDiscrete",
               heun="HeunDiscrete", dpmpp_2m="DPMSolverMultistep", ddpm="DDPM", unipc="UniPCMultistep", lcm="LCM")
WITH_SIGMAS = ("lms", "euler", "heun", "dpmpp_2m", "unipc")
SPACINGS = ("leading", "trailing", "linspace")


def network(x, t):
    """Stands for a trained one: bounded, and different at each timestep."""
    return torch.tanh(0.8 * x) * (0.5 + float(t) / 2000) + 0.1 * torch.cos(3 * x)


def run(sampler, changes, steps, eta=0.0, strength=None, seed=7, base=SD1):
    cls = getattr(diffusers, CLASSES[sampler] + "Scheduler")
    config = {"_class_name": cls.__name__, **{**base, **changes}}
    s = cls.from_config({k: v for k, v in config.items() if k != "_class_name"})
    s.set_timesteps(steps)
    schedule = s.timesteps
    case = dict(config=config, steps=steps, eta=eta, timesteps=[float(t) for t in schedule])
    if hasattr(s, "sigmas"):
        case["sigmas"] = [float(x) for x in s.sigmas]
    case["initial_noise_scale"] = float(s.init_noise_sigma)
    first = 0
    x = NOISE * s.init_noise_sigma
    if strength is not None:
        first = (steps - min(int(steps * strength), steps)) * s.order
        case |= dict(strength=strength, first=first)
        if hasattr(s, "set_begin_index"):
            s.set_begin_index(first)
        x = s.add_noise(CLEAN, NOISE, schedule[first : first + 1])
        case["begun"] = x.flatten().tolist()
    generator = torch.Generator().manual_seed(seed)
    extra = dict(eta=eta) if sampler == "ddim" else {}
    if sampler in ("ddim", "ddpm", "lcm", "euler_a", "dpmpp_2m"):
        extra["generator"] = generator
    for i, t in enumerate(schedule[first:]):
        x = s.step(network(s.scale_model_input(x, t), t), t, x, **extra, return_dict=False)[0]
        if i == 0 and first + 1 < len(schedule) and strength is not None:
            case["known"] = s.add_noise(CLEAN, NOISE, schedule[first + 1 : first + 2]).flatten().tolist()
    case["latents"] = x.flatten().tolist()
    case["draw_after"] = torch.randn(COUNT, generator=generator)[:2].tolist()  # shows how many were drawn before
    assert torch.isfinite(x).all(), case
    return case


def cases():
    for sampler in CLASSES:
        types = ["epsilon", "v_prediction"] + (["sample"] if sampler not in ("pndm", "euler_a") else [])
        schedules = [{}] + ([dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True)] if sampler in WITH_SIGMAS else [])
        for spacing, kind, schedule in itertools.product(SPACINGS, types, schedules):
            yield run(sampler, dict(timestep_spacing=spacing, prediction_type=kind, **schedule), 5)
        for spacing, steps in itertools.product(SPACINGS, (1, 2, 3, 20, 48)):
            yield run(sampler, dict(timestep_spacing=spacing), steps)
        for strength, steps in ((0.3, 20), (0.72, 7), (1.0, 5)):
            yield run(sampler, {}, steps, strength=strength)
        yield run(sampler, dict(beta_schedule="linear", beta_start=0.0001, beta_end=0.02, steps_offset=0), 6)
        if sampler not in ("dpmpp_2m", "unipc"):  # they end in NaN
            # with linspace heun would begin at a sigma of 20000, where float32 has no digits to spare
            spacing = dict(timestep_spacing="leading") if sampler == "heun" else {}
            yield run(sampler, dict(beta_schedule="squaredcos_cap_v2", **spacing), 6)
        yield run(sampler, dict(trained_betas=[0.001 + 0.0001 * i for i in range(100)], num_train_timesteps=100),
                  6, base={k: v for k, v in SD1.items()} | (dict(original_inference_steps=20) if sampler == "lcm" else {}))
        yield run(sampler, {}, 5, base={})  # the class's own defaults
        if sampler in ("ddim", "ddpm", "euler", "euler_a", "dpmpp_2m", "unipc", "lcm"):
            for spacing in SPACINGS:
                yield run(sampler, dict(rescale_betas_zero_snr=True, prediction_type="v_prediction",
                                        timestep_spacing=spacing), 5)
        if sampler in ("ddim", "ddpm", "dpmpp_2m", "unipc", "lcm"):
            yield run(sampler, dict(thresholding=True, sample_max_value=1.5, dynamic_thresholding_ratio=0.8), 5)
        if sampler in ("ddim", "ddpm", "heun", "lcm"):
            yield run(sampler, dict(clip_sample=True, clip_sample_range=0.8), 5)
    for eta in (0.5, 1.0):
        yield run("ddim", {}, 5, eta=eta)
        yield run("ddim", dict(set_alpha_to_one=True, steps_offset=0), 5, eta=eta)
    yield run("ddim", dict(steps_offset=0), 1000)
    for spacing, steps in itertools.product(("leading",), (4, 5, 20)):
        yield run("pndm", dict(skip_prk_steps=False, timestep_spacing=spacing), steps)
        yield run("pndm", dict(skip_prk_steps=False, timestep_spacing=spacing, prediction_type="v_prediction"), steps)
    yield run("pndm", dict(skip_prk_steps=False, set_alpha_to_one=True), 8)
    for variance in ("fixed_small_log", "fixed_large"):
        yield run("ddpm", dict(variance_type=variance), 5)
    for changes in (dict(sigma_min=0.1, sigma_max=10.0, use_karras_sigmas=True), dict(final_sigmas_type="sigma_min"),
                    dict(interpolation_type="log_linear"),
                    dict(timestep_type="continuous", prediction_type="v_prediction"),
                    dict(timestep_type="continuous", prediction_type="v_prediction", use_karras_sigmas=True)):
        yield run("euler", changes, 5)
    for order, solver, final, lower, steps in itertools.product((1, 2, 3), ("midpoint", "heun"), ("zero", "sigma_min"),
                                                                (True, False), (5, 16)):
        yield run("dpmpp_2m", dict(solver_order=order, solver_type=solver, final_sigmas_type=final,
                                   lower_order_final=lower), steps)
    for order, solver in itertools.product((1, 2), ("midpoint", "heun")):
        yield run("dpmpp_2m", dict(solver_order=order, solver_type=solver, algorithm_type="sde-dpmsolver++"), 5)
    yield run("dpmpp_2m", dict(euler_at_final=True, final_sigmas_type="sigma_min"), 20)
    yield run("dpmpp_2m", dict(use_lu_lambdas=True), 5)
    yield run("dpmpp_2m", dict(use_karras_sigmas=True, final_sigmas_type="sigma_min"), 6)
    for spacing in SPACINGS:
        yield run("dpmpp_2m", dict(lambda_min_clipped=-2.0, timestep_spacing=spacing), 5)
    for order, solver, steps in itertools.product((1, 2, 3), ("bh1", "bh2"), (5, 16)):
        for more in (dict(), dict(lower_order_final=False), dict(predict_x0=False)):
            yield run("unipc", dict(solver_order=order, solver_type=solver, final_sigmas_type="sigma_min", **more), steps)
    yield run("unipc", dict(solver_order=3), 8)
    yield run("unipc", dict(disable_corrector=[0, 2]), 8)
    yield run("unipc", dict(sigma_min=0.1, sigma_max=10.0, use_karras_sigmas=True), 6)
    yield run("lcm", dict(original_inference_steps=20, timestep_scaling=2.0), 7)
    yield run("lcm", {}, 8)
    for sampler in WITH_SIGMAS:
        yield run(sampler, dict(use_beta_sigmas=True), 7)
    yield run("unipc", dict(use_beta_sigmas=True, final_sigmas_type="sigma_min", sigma_min=0.1, sigma_max=10.0), 4)
    for algorithm, solver in itertools.product(("dpmsolver", "sde-dpmsolver"), ("midpoint", "heun")):
        yield run("dpmpp_2m", dict(algorithm_type=algorithm, solver_type=solver, final_sigmas_type="sigma_min"), 6)
    for more in (dict(solver_order=3), dict(prediction_type="v_prediction"), dict(prediction_type="sample"),
                 dict(thresholding=True, sample_max_value=1.5, dynamic_thresholding_ratio=0.8)):
        yield run("dpmpp_2m", dict(algorithm_type="dpmsolver", final_sigmas_type="sigma_min", **more), 6)
    yield run("dpmpp_2m", dict(algorithm_type="sde-dpmsolver++", solver_order=3), 6)
    yield run("dpmpp_2m", dict(solver_order=4), 6)
    yield run("unipc", dict(solver_order=4), 8)
    yield run("dpmpp_2m", dict(use_lu_lambdas=True, rescale_betas_zero_snr=True), 12)
    yield run("euler", dict(interpolation_type="log_linear", timestep_type="continuous", prediction_type="v_prediction"), 5)
    yield run("euler", dict(use_karras_sigmas=True, sigma_min=0.002, final_sigmas_type="sigma_min"), 5)
    for sampler in ("euler", "dpmpp_2m"):
        yield run(sampler, dict(timestep_spacing="trailing", num_train_timesteps=100), 29)  # makes 30 of them
    yield run("pndm", {}, 11, strength=0.05)


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return value


rows = [json.dumps({k: rounded(v) for k, v in c.items()}) for c in cases()]
with open(sys.argv[1], "w") as file:
    file.write("[\n" + ",\n".join(rows) + "\n]\n")
print(len(rows), "cases")
