#!/usr/bin/env python3
# Inquadra - writes a single-file checkpoint as a diffusers folder: make-diffusers.py MODEL.safetensors sd1|sd2|sdxl FOLDER
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Only the standard library: names are taken apart here with patterns of their own, apart from the table that the engine
# has, so that a mistake in one is no mistake in both. Layouts as diffusers and transformers save them: tower q, k, v
# apart, the unused last layer of SD 2 left out, attention of the autoencoder as matrices, the UNet in two shards with an
# index, f16 in the name of the autoencoder's file (with a broken file beside it that must not be read).
import json
import os
import re
import struct
import sys


def read(path):
    with open(path, "rb") as f:
        n = struct.unpack("<Q", f.read(8))[0]
        header = json.loads(f.read(n))
        data = f.read()
    header.pop("__metadata__", None)
    return {k: (v["dtype"], v["shape"], data[v["data_offsets"][0]:v["data_offsets"][1]]) for k, v in header.items()}


def write(path, tensors):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    header, data, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def dump(folder, name, value):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w") as f:
        json.dump(value, f)


def group(tensors, prefix):
    return {k[len(prefix):]: v for k, v in tensors.items() if k.startswith(prefix)}


# ---- UNet: blocks are put into levels by walking the lists, a level ends where the size changes

RES = [(r"^in_layers\.0\.", "norm1."), (r"^in_layers\.2\.", "conv1."), (r"^emb_layers\.1\.", "time_emb_proj."),
       (r"^out_layers\.0\.", "norm2."), (r"^out_layers\.3\.", "conv2."), (r"^skip_connection\.", "conv_shortcut.")]


def res(name):
    for pattern, to in RES:
        name = re.sub(pattern, to, name)
    return name


def unet(old):
    new = {}
    top = {"time_embed.0": "time_embedding.linear_1", "time_embed.2": "time_embedding.linear_2",
           "label_emb.0.0": "add_embedding.linear_1", "label_emb.0.2": "add_embedding.linear_2",
           "input_blocks.0.0": "conv_in", "out.0": "conv_norm_out", "out.2": "conv_out"}
    for a, b in top.items():
        for k, v in group(old, a + ".").items():
            new[b + "." + k] = v
    for k, v in group(old, "middle_block.").items():
        i, rest = k.split(".", 1)
        new["mid_block." + {"0": "resnets.0.", "1": "attentions.0.", "2": "resnets.1."}[i] + (rest if i == "1" else res(rest))] = v
    for side, blocks in (("down", "input_blocks"), ("up", "output_blocks")):
        level, layer = 0, 0
        i = 1 if side == "down" else 0
        while group(old, f"{blocks}.{i}."):
            block = group(old, f"{blocks}.{i}.")
            if any(k.startswith("0.op.") for k in block):
                for k, v in group(block, "0.op.").items():
                    new[f"down_blocks.{level}.downsamplers.0.conv.{k}"] = v
                level, layer = level + 1, 0
            else:
                ends = False
                for j in sorted({k.split(".")[0] for k in block}):
                    part = group(block, j + ".")
                    if "in_layers.0.weight" in part:
                        for k, v in part.items():
                            new[f"{side}_blocks.{level}.resnets.{layer}.{res(k)}"] = v
                    elif "proj_in.weight" in part:
                        for k, v in part.items():
                            new[f"{side}_blocks.{level}.attentions.{layer}.{k}"] = v
                    else:
                        ends = True
                        for k, v in group(part, "conv.").items():
                            new[f"up_blocks.{level}.upsamplers.0.conv.{k}"] = v
                layer += 1
                if ends:
                    level, layer = level + 1, 0
            i += 1
    return new


# ---- autoencoder

def vae(old, old_names):
    new = {}
    levels = 1 + max(int(k.split(".")[2]) for k in old if k.startswith("decoder.up."))
    for k, v in old.items():
        m = re.match(r"(encoder|decoder)\.(down|up)\.(\d+)\.(block\.(\d+)|downsample|upsample)\.(.*)", k)
        if m:
            side, way, i, what, j, rest = m.groups()
            i = int(i) if way == "down" else levels - 1 - int(i)
            rest = rest.replace("nin_shortcut", "conv_shortcut")
            what = f"resnets.{j}" if j else f"{way}samplers.0"
            k = f"{side}.{way}_blocks.{i}.{what}.{rest}"
        k = re.sub(r"\.mid\.block_(\d)\.", lambda m: f".mid_block.resnets.{int(m[1]) - 1}.", k)
        if ".mid.attn_1." in k:
            names = {"norm": "group_norm", "q": "query" if old_names else "to_q", "k": "key" if old_names else "to_k",
                     "v": "value" if old_names else "to_v", "proj_out": "proj_attn" if old_names else "to_out.0"}
            head, tail = k.split(".mid.attn_1.")
            name, rest = tail.split(".", 1)
            k = f"{head}.mid_block.attentions.0.{names[name]}.{rest}"
            if len(v[1]) == 4:
                v = (v[0], v[1][:2], v[2])
        k = k.replace(".norm_out.", ".conv_norm_out.")
        new[k] = v
    return new


# ---- towers

def tower_hf(old):
    return {"text_model." + k: v for k, v in old.items()}


def tower_openclip(old, drop_last):
    new = {}
    old = {re.sub(r"^resblocks\.", "transformer.resblocks.", k): v for k, v in old.items()}
    layers = 1 + max(int(k.split(".")[2]) for k in old if k.startswith("transformer.resblocks."))
    names = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1",
             "mlp.c_proj": "mlp.fc2"}
    for k, (dtype, shape, raw) in old.items():
        m = re.match(r"transformer\.resblocks\.(\d+)\.(.*)", k)
        if m:
            if drop_last and int(m[1]) == layers - 1:
                continue
            head, rest = f"text_model.encoder.layers.{m[1]}.", m[2]
            if rest.startswith("attn.in_proj_"):
                third = len(raw) // 3
                for i, part in enumerate("qkv"):
                    new[f"{head}self_attn.{part}_proj.{rest[13:]}"] = (dtype, [shape[0] // 3] + shape[1:],
                                                                      raw[i * third:(i + 1) * third])
                continue
            for a, b in names.items():
                if rest.startswith(a + "."):
                    rest = b + rest[len(a):]
            new[head + rest] = (dtype, shape, raw)
        elif k.startswith("text_model."):  # half converted already
            new[k] = (dtype, shape, raw)
        elif k == "text_projection":  # [in, out] -> a linear layer's [out, in]
            size = len(raw) // (shape[0] * shape[1])
            cells = [raw[i * size:(i + 1) * size] for i in range(shape[0] * shape[1])]
            turned = b"".join(cells[r * shape[1] + c] for c in range(shape[1]) for r in range(shape[0]))
            new["text_projection.weight"] = (dtype, shape[::-1], turned)
        elif k == "token_embedding.weight":
            new["text_model.embeddings.token_embedding.weight"] = (dtype, shape, raw)
        elif k == "positional_embedding":
            new["text_model.embeddings.position_embedding.weight"] = (dtype, shape, raw)
        elif k.startswith("ln_final."):
            new["text_model.final_layer_norm" + k[8:]] = (dtype, shape, raw)
    return new


def tower_config(tensors, act):
    width = tensors["text_model.embeddings.token_embedding.weight"][1][1]
    return {"hidden_size": width, "num_attention_heads": width // 64, "hidden_act": act, "model_type": "clip_text_model"}


model, family, out = sys.argv[1:4]
old = read(model)
u = unet(group(old, "model.diffusion_model."))
names = list(u)
shards = [names[:len(names) // 2], names[len(names) // 2:]]
files = [f"diffusion_pytorch_model-0000{i + 1}-of-00002.safetensors" for i in range(2)]
for file, shard in zip(files, shards):
    write(os.path.join(out, "unet", file), {k: u[k] for k in shard})
dump(os.path.join(out, "unet"), "diffusion_pytorch_model.safetensors.index.json",
     {"metadata": {"total_size": 0}, "weight_map": {k: f for f, s in zip(files, shards) for k in s}})
widths = [u[f"down_blocks.{i}.resnets.0.conv1.weight"][1][0] for i in range(8) if f"down_blocks.{i}.resnets.0.conv1.weight" in u]
dump(os.path.join(out, "unet"), "config.json", {
    "block_out_channels": widths, "attention_head_dim": 8 if family == "sd1" else [max(w // 64, 1) for w in widths],
    "use_linear_projection": family != "sd1", "norm_num_groups": 32,
    "addition_embed_type": "text_time" if family == "sdxl" else None})
v = vae(group(old, "first_stage_model."), family == "sd1")
write(os.path.join(out, "vae", "diffusion_pytorch_model.fp16.safetensors"), v)
with open(os.path.join(out, "vae", "diffusion_pytorch_model.safetensors"), "wb") as f:
    f.write(b"not read: the f16 file is there")
levels = 1 + max(int(k.split(".")[2]) for k in v if k.startswith("decoder.up_blocks."))
dump(os.path.join(out, "vae"), "config.json", {"block_out_channels": [32] * levels,
                                               "scaling_factor": 0.13025 if family == "sdxl" else 0.18215})
if family == "sd2":
    towers = [(tower_openclip(group(old, "cond_stage_model.model."), True), "gelu")]
elif family == "sdxl":
    towers = [(tower_hf(group(old, "conditioner.embedders.0.transformer.text_model.")), "quick_gelu"),
              (tower_openclip(group(old, "conditioner.embedders.1.model."), False), "gelu")]
else:
    towers = [(tower_hf(group(old, "cond_stage_model.transformer.text_model.")), "quick_gelu")]
for i, (tensors, act) in enumerate(towers):
    folder = os.path.join(out, "text_encoder_2" if i else "text_encoder")
    write(os.path.join(folder, "model.safetensors"), tensors)
    dump(folder, "config.json", tower_config(tensors, act))
dump(os.path.join(out, "scheduler"), "scheduler_config.json", {
    "_class_name": "DDIMScheduler", "prediction_type": "v_prediction" if family == "sd2" else "epsilon"})
dump(out, "model_index.json", {"_class_name": "StableDiffusionXLPipeline" if family == "sdxl" else "StableDiffusionPipeline"})
