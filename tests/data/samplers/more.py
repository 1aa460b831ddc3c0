#!/usr/bin/env python3
"""Writes more.json: what k-diffusion and diffusers compute for the toy network of traces.json.

Needs torch, numpy, diffusers 0.27.2 and k-diffusion 0.1.1's sampling.py (its folder as the only argument; nothing else
of it is imported). Noise is injected: draw d is noise(d) below, so that the numbers are exact. The Brownian path of the
stochastic DPM-Solvers is inq-brownian.h's, written here a second time.
"""
import importlib.util, json, math, os, sys, types
import numpy as np, torch
import diffusers
from diffusers.schedulers import scheduling_lcm, scheduling_tcd

HERE = os.path.dirname(os.path.abspath(__file__))
for name in ("torchdiffeq", "torchsde", "scipy"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules["torchdiffeq"].odeint = sys.modules["scipy"].integrate = None
package, utils = types.ModuleType("kd"), types.ModuleType("kd.utils")
package.__path__ = []
package.utils = utils
utils.append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
sys.modules.update({"kd": package, "kd.utils": utils})
spec = importlib.util.spec_from_file_location("kd.sampling", os.path.join(sys.argv[1], "sampling.py"))
K = importlib.util.module_from_spec(spec)
spec.loader.exec_module(K)

old = json.load(open(os.path.join(HERE, "traces.json")))
NOISE, X0 = (torch.tensor(old[k], dtype=torch.float64) for k in ("noise", "x0"))
N = len(NOISE)
BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)


def noise(draw):
    return torch.tensor([1.3 * math.sin(2.1 * draw + 0.9 * i + 0.4) for i in range(N)], dtype=torch.float64)


def network(x, t):
    return 0.6 * torch.sin(1.7 * x + 0.003 * float(t)) + 0.1 * x


def ratios():
    bars = diffusers.EulerDiscreteScheduler(**BETAS).alphas_cumprod
    return ((1 - bars) / bars).sqrt().double().numpy()


RATIOS = ratios()


def t_of(sigma):
    return float(np.interp(math.log(sigma), np.log(RATIOS), np.arange(1000)))


def sigma_of(t):
    return float(np.exp(np.interp(t, np.arange(1000), np.log(RATIOS))))


AYS = {False: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
       True: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029]}


def schedule(name, n, xl):
    """sigmas with the 0 at the end, and timesteps"""
    least, most = RATIOS[0], RATIOS[-1]
    if name == "karras":
        # k-diffusion's own in f64: a path is so rough that its f32 rounding shows
        ramp = np.linspace(0, 1, n) if n > 1 else np.zeros(1)
        sigmas = (most ** (1 / 7) + ramp * (least ** (1 / 7) - most ** (1 / 7))) ** 7
        assert np.allclose(sigmas, K.get_sigmas_karras(n, least, most).numpy()[:-1], rtol=1e-5)
    elif name == "exponential":
        sigmas = np.exp(np.linspace(math.log(most), math.log(least), n))
        assert np.allclose(sigmas, K.get_sigmas_exponential(n, least, most).numpy()[:-1], rtol=1e-5)
    elif name == "sgm_uniform":
        ts = np.linspace(999, 0, n + 1)[:-1]
        sigmas = np.array([sigma_of(t) for t in ts])
    elif name == "ays":
        table = AYS[xl]
        at = np.interp(np.linspace(0, 1, n + 1), np.linspace(0, 1, len(table)), np.log(table[::-1]))
        sigmas = np.exp(at)[::-1][:-1]
    else:
        euler = diffusers.EulerDiscreteScheduler(**BETAS, timestep_spacing=name, steps_offset=1)
        euler.set_timesteps(n)
        return list(euler.sigmas.double().numpy()), [float(t) for t in euler.timesteps]
    ts = ts if name == "sgm_uniform" else [t_of(s) for s in sigmas]
    return list(sigmas) + [0.0], [float(t) for t in ts]


def path_value(at):
    lo, hi, a, node = float(RATIOS[0]), float(RATIOS[-1]), torch.zeros(N, dtype=torch.float64), 1
    b = math.sqrt(hi - lo) * noise(1)
    for _ in range(12):
        m = math.sqrt(lo * hi)
        w = a + (m - lo) / (hi - lo) * (b - a) + math.sqrt((m - lo) * (hi - m) / (hi - lo)) * noise(node + 1)
        above = at >= m
        if above:
            lo, a = m, w
        else:
            hi, b = m, w
        node = 2 * node + above
    return a + (at - lo) / (hi - lo) * (b - a) + math.sqrt(max(0, (at - lo) * (hi - at) / (hi - lo))) * noise(node + 1)


def path(sigma, sigma_next):
    hi, lo = (min(max(float(s), RATIOS[0]), RATIOS[-1]) for s in (sigma, sigma_next))
    return (path_value(hi) - path_value(lo)) / math.sqrt(hi - lo)


def kdiffusion(sampler, spacing, prediction, steps, strength=1, xl=False):
    sigmas, timesteps = schedule(spacing, steps, xl)
    first = steps - max(1, int(steps * strength))
    sigmas, timesteps = sigmas[first:], timesteps[first:]
    known, called, calls = dict(zip(sigmas, timesteps)), [], [0]

    def model(x, sigma):
        sigma = float(sigma[0])
        t = next((known[s] for s in known if abs(s - sigma) < 1e-9 * s), None)
        t = t_of(sigma) if t is None else t
        called.append(t)
        out = network(x / math.sqrt(sigma ** 2 + 1), t)
        if prediction == "epsilon":
            return x - sigma * out
        return x / (sigma ** 2 + 1) - sigma / math.sqrt(sigma ** 2 + 1) * out

    def draws(sigma, sigma_next):
        calls[0] += 1
        return noise(calls[0])

    start = sigmas[0] * NOISE + (X0 if strength < 1 else 0)
    after, arguments = [], dict(disable=True)
    if sampler == "euler_a":
        function, arguments["noise_sampler"] = K.sample_euler_ancestral, draws
    elif sampler == "heun":
        function = K.sample_heun
    else:
        function = K.sample_dpmpp_sde if sampler == "dpmpp_sde" else K.sample_dpmpp_2m_sde
        arguments["noise_sampler"] = path
    x = function(model, start[None], torch.tensor(sigmas, dtype=torch.float64),
                 callback=lambda d: after.append(d["x"]), **arguments)
    row = dict(sampler=sampler, schedule=spacing, prediction=prediction, steps=steps, timesteps=called,
               start=start.tolist(), after=[x[0].tolist()])
    if strength < 1:
        row["strength"] = strength
    if xl:
        row["xl"] = True
    return row


def scheduler_run(sampler, spacing, prediction, steps, scheduler, zero_snr=False, **arguments):
    calls = [0]

    def randn_tensor(shape, **rest):
        calls[0] += 1
        return noise(calls[0]).float().reshape(shape)

    scheduling_lcm.randn_tensor = scheduling_tcd.randn_tensor = randn_tensor
    scheduler.set_timesteps(steps)
    x = (NOISE.float() * (scheduler.sigmas.max() if sampler == "euler" else 1)).float().reshape(1, N, 1, 1)
    row = dict(sampler=sampler, schedule=spacing, prediction=prediction, steps=steps,
               timesteps=[float(t) for t in scheduler.timesteps], start=x.flatten().tolist(), after=[])
    if zero_snr:
        row["zero_snr"] = True
    row.update(arguments)
    for t in scheduler.timesteps:
        out = network(scheduler.scale_model_input(x, t).double(), t).float()
        x = scheduler.step(out, t, x, **arguments).prev_sample
        row["after"].append(x.flatten().tolist())
    return row


runs = []
for prediction in ("epsilon", "v"):
    for spacing in ("linspace", "leading", "trailing", "karras", "exponential", "sgm_uniform", "ays"):
        runs.append(kdiffusion("euler_a", spacing, prediction, 7))
    for sampler, spacing in (("heun", "linspace"), ("heun", "karras"), ("dpmpp_sde", "karras"), ("dpmpp_sde", "sgm_uniform"),
                             ("dpmpp_2m_sde", "exponential"), ("dpmpp_2m_sde", "karras")):
        # Its code fails for a single step; an even spacing puts a single one at the wrong end.
        for steps in ((2, 9) if sampler == "dpmpp_2m_sde" or spacing == "linspace" else (1, 2, 9)):
            runs.append(kdiffusion(sampler, spacing, prediction, steps))
        runs.append(kdiffusion(sampler, spacing, prediction, 10, 0.6))
    name = dict(epsilon="epsilon", v="v_prediction")[prediction]
    for steps in (1, 2, 4, 8):
        for sampler, kind in (("lcm", diffusers.LCMScheduler), ("tcd", diffusers.TCDScheduler)):
            runs.append(scheduler_run(sampler, "lcm", prediction, steps, kind(**BETAS, prediction_type=name)))
    for eta in (0.0, 0.7, 1.0):
        runs.append(scheduler_run("tcd", "lcm", prediction, 4, diffusers.TCDScheduler(**BETAS, prediction_type=name), eta=eta))
    for sampler, kind in (("dpmpp_2m", diffusers.DPMSolverMultistepScheduler), ("unipc", diffusers.UniPCMultistepScheduler)):
        extra = dict(final_sigmas_type="sigma_min") if sampler == "dpmpp_2m" else {}
        for spacing, theirs in (("trailing", "trailing"), ("sgm_uniform", "linspace")):
            for steps in (3, 16):
                runs.append(scheduler_run(sampler, spacing, prediction, steps, kind(
                    **BETAS, prediction_type=name, timestep_spacing=theirs, steps_offset=1, **extra)))
for steps in (10, 17):
    for xl in (False, True):
        runs.append(kdiffusion("euler_a", "ays", "epsilon", steps, xl=xl))
for steps in (1, 2, 4, 10):  # divisors of 1000: its DDIM steps by 1000 // steps whatever the spacing
    zero = dict(prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing")
    runs.append(scheduler_run("ddim", "trailing", "v", steps, diffusers.DDIMScheduler(
        **BETAS, **zero, clip_sample=False, set_alpha_to_one=False), True))
    runs.append(scheduler_run("euler", "trailing", "v", steps, diffusers.EulerDiscreteScheduler(**BETAS, **zero), True))


def short(value):
    if isinstance(value, float):
        return float(f"{value:.8g}")
    return [short(v) for v in value] if isinstance(value, list) else value


with open(os.path.join(HERE, "more.json"), "w") as f:
    f.write('{"about": "made by more.py",\n"runs": [\n')
    f.write(",\n".join(json.dumps({k: short(v) for k, v in run.items()}, separators=(",", ":")) for run in runs))
    f.write("\n]}\n")
