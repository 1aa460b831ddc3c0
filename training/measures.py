# Inquadra - what the evaluation measures beside obedience: variety, line quality, copying
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import torch
import torch.nn.functional as F


def thumbnails(pictures, size=(36, 64)):
    """uint8 pictures of any frames -> f32 [N,h*w] in 0..1, area averaged."""
    return torch.stack([F.interpolate(torch.from_numpy(np.ascontiguousarray(p)).float()[None, None] / 255, size, mode="area")[0, 0].flatten() for p in pictures])


def pair_distances(groups):
    """Root mean square differences of thumbnails between the pictures of each group (a group: variations of one prompt)."""
    out = []
    for pictures in groups:
        d = torch.pdist(thumbnails(pictures)) / (36 * 64) ** 0.5
        out += d.tolist()
    return np.array(out)


def variety(groups, drawn_groups):
    """Variations of one prompt against drawings of one Spec with different seeds.

    -> mean distance of each, and the share of variation pairs that lie closer than all but a hundredth of the drawn pairs."""
    got, want = pair_distances(groups), pair_distances(drawn_groups)
    near = np.quantile(want, 0.01)
    return {"variations": round(float(got.mean()), 4), "drawn": round(float(want.mean()), 4), "near_duplicates": round(float((got < near).mean()), 4)}


def mush(picture):
    """Share of pixels in the middle greys about which the picture changes, but nowhere sharply: neither line nor wash.

    What a drawn edge changes, soft or strong, it changes from one pixel to the next: against averages of 3x3 pixels a third of its
    height shows, against 9x9 a half. Smudged over seven pixels it is a twentieth and a third."""
    x = torch.from_numpy(np.ascontiguousarray(picture)).float()[None, None]
    fine, coarse = ((x - F.avg_pool2d(x, k, 1, k // 2, count_include_pad=False)).abs() for k in (3, 9))
    sharp, change = F.max_pool2d(fine, 9, 1, 4), F.max_pool2d(coarse, 9, 1, 4)
    return float(((x > 40) & (x < 215) & (change > 8) & (sharp < 0.35 * change)).float().mean())


def line_quality(pictures, drawn):
    """Mush of generated panels, of drawn ones, and their ratio (1: as clean as drawn)."""
    a, b = np.mean([mush(p) for p in pictures]), np.mean([mush(p) for p in drawn])
    return {"generated": round(float(a), 4), "drawn": round(float(b), 4), "ratio": round(float(a / max(b, 1e-6)), 3)}


def sketch(picture):
    """uint8 [h,w] -> what somebody would have put down first: the lines alone, thick and a little out of place, no wash."""
    x = torch.from_numpy(np.ascontiguousarray(picture)).float()[None, None]
    darker = F.avg_pool2d(x, 9, 1, 4, count_include_pad=False) - x
    line = (darker > 40).float()
    thick = F.max_pool2d(line, 3, 1, 1)
    h, w = picture.shape
    y, x = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
    moved = torch.stack([x + 0.006 * torch.sin(9 * y), y + 0.01 * torch.sin(7 * x)], -1)[None]
    return (255 - 200 * F.grid_sample(thick, moved, align_corners=True)[0, 0]).round().byte().numpy()


def seam(pictures, column):
    """Mean step of brightness from the column before to this one, against those 8 to 24 columns away."""
    step = np.abs(np.diff(np.stack(pictures).astype(np.float32), axis=2)).mean((0, 1))
    beside = np.concatenate([step[column - 25 : column - 9], step[column + 7 : column + 23]])
    return round(float(step[column - 1] / max(beside.mean(), 1e-6)), 3)


def nearest(pictures, bank):
    """Distance of each picture's thumbnail to the nearest of a bank [M,36*64], flips included."""
    t = thumbnails(pictures)
    flipped = t.view(-1, 36, 64).flip(2).flatten(1)
    d = torch.minimum(torch.cdist(t, bank).amin(1), torch.cdist(flipped, bank).amin(1))
    return (d / (36 * 64) ** 0.5).numpy()


def copying(pictures, fresh, bank):
    """Are generated panels nearer to training panels than fresh drawings of unseen combinations are? A ratio well under 1, or
    generated panels nearer than the nearest fresh one, would mean that training panels are repeated
    (or that there is little in the pictures: flat grey is near to everything; see mush)."""
    a, b = nearest(pictures, bank), nearest(fresh, bank)
    return {"generated_median": round(float(np.median(a)), 4), "fresh_median": round(float(np.median(b)), 4), "ratio": round(float(np.median(a) / np.median(b)), 3),
            "generated_nearest": round(float(a.min()), 4), "fresh_nearest": round(float(b.min()), 4), "training_panels": len(bank)}
