"""Trains the model that make.ts describes, on one core (Debian's python3-torch), and writes its weights."""
import json, math, random, sys, time
from pathlib import Path
import torch
from torch.nn.functional import cross_entropy, silu

BATCH_TOKENS = 2048
RATE = 3e-3
PROMPT_WEIGHT = 0.02

torch.set_num_threads(1)
torch.manual_seed(0)
random.seed(0)
folder, minutes = Path(sys.argv[1]), float(sys.argv[2])
config = json.loads((folder / "config.json").read_text())
layers, heads, dim = config["layers"], config["heads"], config["dim"]
per_head = dim // heads


def initial(tensor):
    shape = tensor["shape"]
    if len(shape) == 1:
        return torch.ones(shape)
    spread = 0.02 * math.sqrt(512 / dim)
    into_stream = "attn_output" in tensor["name"] or "ffn_down" in tensor["name"]
    return torch.randn(shape) * (spread / math.sqrt(2 * layers) if into_stream else spread)


weight = {t["name"]: torch.nn.Parameter(initial(t)) for t in config["tensors"]}


def rotations(length):
    frequency = 1.0 / (10000 ** (torch.arange(0, per_head, 2).float() / per_head))
    angle = torch.outer(torch.arange(length).float(), frequency)
    return angle.cos(), angle.sin()


COS, SIN = rotations(config["context"])


def normed(x, scale):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * scale


def rotated(x, cos, sin):
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


def logits(ids):
    size, length = ids.shape
    x = weight["token_embd.weight"][ids]
    cos, sin = COS[:length][None, None], SIN[:length][None, None]
    future = torch.full((length, length), float("-inf")).triu(1)
    for i in range(layers):
        w = lambda name: weight[f"blk.{i}.{name}.weight"]
        y = normed(x, w("attn_norm"))
        q, k, v = [(y @ w(f"attn_{part}").T).view(size, length, heads, per_head).transpose(1, 2) for part in "qkv"]
        q, k = rotated(q, cos, sin), rotated(k, cos, sin)
        seen = ((q @ k.transpose(-1, -2)) / math.sqrt(per_head) + future).softmax(-1)
        x = x + (seen @ v).transpose(1, 2).reshape(size, length, dim) @ w("attn_output").T
        y = normed(x, w("ffn_norm"))
        x = x + (silu(y @ w("ffn_gate").T) * (y @ w("ffn_up").T)) @ w("ffn_down").T
    return normed(x, weight["output_norm.weight"]) @ weight["output.weight"].T


def padded(talks):
    length = max(len(ids) for ids, _ in talks)
    ids, learnt = torch.zeros(len(talks), length, dtype=torch.long), torch.zeros(len(talks), length)
    for row, (tokens, flags) in enumerate(talks):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        learnt[row, : len(flags)] = torch.tensor(flags, dtype=torch.float) + PROMPT_WEIGHT
    return ids, learnt


def loss(ids, learnt):
    said, wanted, weights = logits(ids[:, :-1]), ids[:, 1:], learnt[:, 1:]
    each = cross_entropy(said.reshape(-1, said.shape[-1]), wanted.reshape(-1), reduction="none").view_as(weights)
    return (each * weights).sum() / weights.sum(), said.argmax(-1) == wanted, weights > 0.5


def read(name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def batches_of(talks):
    batch, longest = [], 0
    for talk in sorted(talks, key=lambda talk: len(talk[0])):
        longest = max(longest, len(talk[0]))
        if batch and longest * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch, longest = [], len(talk[0])
        batch.append(talk)
    yield batch


batches, held_out = list(batches_of(read("train.jsonl"))), read("held-out.jsonl")
matrices = [w for w in weight.values() if w.dim() > 1]
vectors = [w for w in weight.values() if w.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}], lr=RATE, betas=(0.9, 0.98)
)


def report(step, spent):
    with torch.no_grad():
        right = learnt = 0
        for i in range(0, len(held_out), 4):
            _, hits, counted = loss(*padded(held_out[i : i + 4]))
            right, learnt = right + (hits & counted).sum().item(), learnt + counted.sum().item()
    print(f"step {step}, {spent:.0f} s of CPU: {right / learnt:.4f} of the tokens of held-out answers", flush=True)


step, began, budget = 0, time.process_time(), minutes * 60
while time.process_time() - began < budget:
    random.shuffle(batches)
    for batch in batches:
        spent = time.process_time() - began
        if spent >= budget:
            break
        rate = RATE * min(1, step / 40) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * spent / budget)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        value, _, _ = loss(*padded(batch))
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(list(weight.values()), 1.0)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            report(step, spent)
report(step, budget)
with open(folder / "weights.f32", "wb") as out:
    for tensor in config["tensors"]:
        out.write(weight[tensor["name"]].detach().numpy().astype("<f4").tobytes())
