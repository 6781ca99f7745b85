"""A tiny LoRA file in the safetensors format: one 2 x 2 tensor."""

import json
import struct


def weights(digest: bytes) -> bytes:
    """The first four bytes of `digest` are the tensor's values."""
    data = struct.pack("<4f", *digest[:4])
    header = json.dumps(
        {
            "__metadata__": {"generator": "WaveSpeed sandbox", "sandbox": digest.hex()},
            "sandbox.lora_up.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, len(data)]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data
