"""Runs diffusers' schedulers over a made-up network and writes what comes out: samplers.json.

    python make_samplers.py ../samplers.json

Made with Python 3.11, torch 2.15.0, diffusers 0.42.1, numpy 2.4.6, scipy 1.17.1, torchsde 0.2.6 on a CPU, float32. Each case has the scheduler's
configuration, the number of steps, the schedule it gives, and 16 latents after the last step; with `strength`, sampling
begins in the schedule's midst as the image-to-image pipeline does it. Cases with `each` have the latents after each call
too. `sampler` is easel's name where the class does not tell it.

DPMSolverSDEScheduler draws from torchsde's Brownian tree, whose seed no pipeline passes on. Here a plain Brownian motion
takes the tree's place (`BrownianMotion`): the same distribution, drawn from the generator in the order of the calls.
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
               heun="HeunDiscrete", dpmpp_2m="DPMSolverMultistep", ddpm="DDPM", unipc="UniPCMultistep", lcm="LCM",
               dpmpp_2m_sde="DPMSolverMultistep", dpmpp_3m_sde="DPMSolverMultistep", dpmpp_sde="DPMSolverSDE",
               dpmpp_2s="DPMSolverSinglestep", deis="DEISMultistep", tcd="TCD")
SDE = dict(algorithm_type="sde-dpmsolver++")
LATER = ("dpmpp_2m_sde", "dpmpp_3m_sde", "dpmpp_2s", "dpmpp_sde", "deis", "tcd")
ORDERS = dict(dpmpp_2m_sde=dict(SDE, solver_order=2), dpmpp_3m_sde=dict(SDE, solver_order=3))
WITH_SIGMAS = ("lms", "euler", "heun", "dpmpp_2m", "unipc")
SPACINGS = ("leading", "trailing", "linspace")


def network(x, t):
    """Stands for a trained one: bounded, and different at each timestep."""
    return torch.tanh(0.8 * x) * (0.5 + float(t) / 2000) + 0.1 * torch.cos(3 * x)


class BrownianMotion:
    """In place of BrownianTreeNoiseSampler: a number for each latent and call; the second call of a step, which begins
    where the first one did, goes on from where that one ended."""

    def __init__(self, generator):
        self.generator, self.begin, self.end, self.motion = generator, None, None, None

    def __call__(self, sigma, sigma_next):
        if self.begin is None or sigma != self.begin:
            self.begin, self.end, self.motion = sigma, sigma, torch.zeros(NOISE.shape)
        self.motion = self.motion + (self.end - sigma_next).sqrt() * torch.randn(NOISE.shape, generator=self.generator)
        self.end = sigma_next
        return self.motion / (self.begin - sigma_next).sqrt()


def sigmas_of_calls(s):
    """DPMSolverSDEScheduler repeats the sigmas in the place of those in the middle of its steps."""
    sigmas = s.sigmas.double().clone()
    sigmas[1:-1:2] = (s.sigmas[:-2:2].double() * s.sigmas[1:-1:2].double()).sqrt()
    return sigmas


def run(sampler, changes, steps, eta=0.0, strength=None, seed=7, base=SD1, each=False):
    cls = getattr(diffusers, CLASSES[sampler] + "Scheduler")
    config = {"_class_name": cls.__name__, **{**base, **changes}}
    s = cls.from_config({k: v for k, v in config.items() if k != "_class_name"})
    s.set_timesteps(steps)
    schedule = s.timesteps
    case = dict(config=config, steps=steps, eta=eta, timesteps=[float(t) for t in schedule])
    if sampler.endswith("m_sde"):
        case["sampler"] = sampler
    if hasattr(s, "sigmas"):
        case["sigmas"] = [float(x) for x in (sigmas_of_calls(s) if sampler == "dpmpp_sde" else s.sigmas)]
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
    extra = dict(eta=eta) if sampler in ("ddim", "tcd") else {}
    if sampler in ("ddim", "ddpm", "lcm", "tcd", "euler_a", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_3m_sde", "dpmpp_2s"):
        extra["generator"] = generator
    if sampler == "dpmpp_sde":
        s.noise_sampler = BrownianMotion(generator)
    for i, t in enumerate(schedule[first:]):
        x = s.step(network(s.scale_model_input(x, t), t), t, x, **extra, return_dict=False)[0]
        if each:
            case.setdefault("each", []).append(x.flatten().tolist())
        # diffusers adds the noise of the step's end to what is known in the middle of a step of dpmpp_sde
        if i == 0 and first + 1 < len(schedule) and strength is not None and sampler != "dpmpp_sde":
            case["known"] = s.add_noise(CLEAN, NOISE, schedule[first + 1 : first + 2]).flatten().tolist()
    case["latents"] = x.flatten().tolist()
    case["draw_after"] = torch.randn(COUNT, generator=generator)[:2].tolist()  # shows how many were drawn before
    assert torch.isfinite(x).all(), case
    return case


def cases():
    for sampler in (name for name in CLASSES if name not in LATER):
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
    yield from later_cases()


def later_cases():
    for sampler in LATER:
        own = ORDERS.get(sampler, {})
        eta = 0.3 if sampler == "tcd" else 0.0

        def case(changes, steps, eta=eta, **how):
            return run(sampler, own | changes, steps, eta=eta, **how)

        schedules = [{}] + ([] if sampler == "tcd" else [dict(use_karras_sigmas=True)])
        spacings = SPACINGS[:1] if sampler in ("tcd", "dpmpp_2s") else SPACINGS
        for spacing, kind, schedule, steps in itertools.product(spacings, ("epsilon", "v_prediction"), schedules,
                                                               (1, 2, 4, 10, 25)):
            if kind == "v_prediction" and steps not in (4, 10):
                continue
            yield case(dict(timestep_spacing=spacing, prediction_type=kind, **schedule), steps,
                       each=steps == 4 and kind == "epsilon")
        if sampler != "dpmpp_sde":
            yield case(dict(prediction_type="sample"), 5)
        if sampler != "tcd":
            yield case(dict(use_exponential_sigmas=True), 5)
            yield case(dict(use_beta_sigmas=True), 7)
        for strength, steps in ((0.3, 20), (0.72, 7), (1.0, 5)):
            yield case({}, steps, strength=strength)
        yield case({}, 5, base={})  # the class's own defaults
        if sampler not in ("dpmpp_sde", "dpmpp_2s", "deis"):
            for spacing in spacings:
                yield case(dict(rescale_betas_zero_snr=True, prediction_type="v_prediction", timestep_spacing=spacing), 5)
        if sampler not in ("dpmpp_sde", "tcd"):
            yield case(dict(thresholding=True, sample_max_value=1.5, dynamic_thresholding_ratio=0.8), 5)
            yield case(dict(lower_order_final=False, final_sigmas_type="sigma_min"), 6)
            yield case({}, 16)
    for solver, final, more in itertools.product(("midpoint", "heun"), ("zero", "sigma_min"),
                                                 (dict(), dict(euler_at_final=True))):
        for sampler in ORDERS:
            yield run(sampler, ORDERS[sampler] | dict(solver_type=solver, final_sigmas_type=final, **more), 8)
    for sampler in ORDERS:
        yield run(sampler, ORDERS[sampler] | dict(use_lu_lambdas=True, lambda_min_clipped=-2.0), 5)
    for order, solver, final, steps in itertools.product((2, 3), ("midpoint", "heun"), ("zero", "sigma_min"), (6, 7)):
        yield run("dpmpp_2s", dict(solver_order=order, solver_type=solver, final_sigmas_type=final,
                                   lower_order_final=False), steps)
    for algorithm, order, solver in itertools.product(("dpmsolver", "sde-dpmsolver++"), (2, 3), ("midpoint", "heun")):
        yield run("dpmpp_2s", dict(algorithm_type=algorithm, solver_order=order, solver_type=solver,
                                   final_sigmas_type="sigma_min"), 6)
    yield run("dpmpp_2s", dict(solver_order=1, lambda_min_clipped=-2.0), 5)
    yield run("dpmpp_2s", dict(solver_order=3), 9, strength=0.7)
    for order, steps, schedule in itertools.product((1, 3), (5, 16), ({}, dict(use_karras_sigmas=True))):
        yield run("deis", dict(solver_order=order, **schedule), steps)
    yield run("deis", dict(solver_order=3, prediction_type="v_prediction", lower_order_final=False), 8)
    for eta, steps in itertools.product((0.0, 0.5, 0.7, 1.0), (1, 4, 7)):
        yield run("tcd", {}, steps, eta=eta)
    yield run("tcd", dict(original_inference_steps=20, timestep_scaling=2.0, clip_sample=True, thresholding=True), 7, eta=0.4)
    yield run("tcd", dict(set_alpha_to_one=True), 8, eta=0.3, strength=0.4)
    for steps in (1, 2, 4, 8):  # as Hyper-SD, Lightning and Turbo are published
        yield run("ddim", dict(timestep_spacing="trailing"), steps, each=steps < 8)
        yield run("euler", dict(timestep_spacing="trailing"), steps, each=steps < 8)
        yield run("euler_a", dict(timestep_spacing="trailing"), steps, each=steps < 8)


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
