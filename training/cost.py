# Inquadra - counts parameters and arithmetic of the house model's networks
# SPDX-License-Identifier: GPL-3.0-or-later
import torch
import torch.nn as nn

import nets


def flops(module, *args):
    """2 x multiply-adds of the convolutions, linears and attention products of one call."""
    total = [0]

    def conv_hook(m, i, o):
        total[0] += 2 * o.numel() * m.in_channels * m.kernel_size[0] * m.kernel_size[1] // m.groups

    def linear_hook(m, i, o):
        total[0] += 2 * o.numel() * m.in_features

    def attn_hook(m, i, o):
        context = i[1] if len(i) > 1 and i[1].dim() == 3 else i[0]
        total[0] += 4 * i[0].shape[0] * i[0].shape[1] * context.shape[1] * o.shape[-1]

    kinds = {nn.Conv2d: conv_hook, nn.Linear: linear_hook, nets.Attention: attn_hook, nets.SelfAttention: attn_hook}
    hooks = [m.register_forward_hook(h) for m in module.modules() for k, h in kinds.items() if isinstance(m, k)]
    with torch.no_grad():
        module(*args)
    for h in hooks:
        h.remove()
    return total[0]


def main():
    x, latents = torch.randn(1, 8, 36, 64), torch.randn(1, 16, 72, 128)
    unet, text, ae = nets.UNet(), nets.TextTower(3714), nets.Autoencoder()
    tokens = torch.zeros(1, nets.N_CTX, dtype=torch.long)
    for name, module, args in (
        ("UNet", unet, (x, torch.ones(1), torch.randn(1, nets.N_CTX, nets.UNET["context"]))),
        ("guide", nets.UNet(**nets.GUIDE), (x, torch.ones(1), torch.randn(1, nets.N_CTX, nets.UNET["context"]))),
        ("text tower", text, (tokens,)),
        ("decoder", ae.decoder, (x,)),
        ("encoder", ae.encoder, (latents,)),
    ):
        count = sum(p.numel() for p in module.parameters())
        print(f"{name}: {count / 1e6:.2f} M parameters, {flops(module, *args) / 1e9:.2f} GFLOP a 512x288 panel")


if __name__ == "__main__":
    main()
