"""The engine's process: loads one model and serves it on loopback until its parent is gone.

Started as `python -m everword.models.local.child` with a JSON line on standard input, which then stays open: its end
is the parent's end. Writes one line `READY <address>` to standard output.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
READY = "READY"


def main() -> None:
    """Serve until standard input ends."""
    _die_with_parent()
    config = json.loads(sys.stdin.readline())
    server = _serve(config)
    print(READY, server.listening_address, flush=True)  # noqa: T201 (this is the protocol with the parent)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # native code may print; nobody reads our output any more
    sys.stdin.read()
    os._exit(0)  # the parent is gone or wants us gone: no time for C++ destructors


def _die_with_parent() -> None:
    """On Linux also where the parent was killed and some other process still holds our standard input open."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == 1:
            os._exit(0)


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["path"]
    params.model_alias = {config["alias"]}
    params.api_keys = [config["api_key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    params.cors_origins = "null"
    params.n_ctx = config["context_tokens"]
    params.n_parallel = config["slots"]
    params.kv_unified = True  # one store for all slots: what an idle one had read can move to memory
    params.cache_ram_mib = config["cache_mib"]
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    params.n_threads_http = config["slots"] + 4
    params.n_batch = params.n_ubatch = config["batch_tokens"]
    if not _has_gpu(xllamacpp):  # on CPUs flash attention reads a long context two to three times slower
        params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.sampling.penalty_repeat = 1.1  # the smallest models go round in circles without
    params.sampling.penalty_last_n = 256
    params.sampling.temp = 0.3
    params.use_jinja = True
    params.warmup = True
    params.verbosity = config.get("verbosity", 1)
    return xllamacpp.Server(params)


def _has_gpu(xllamacpp: Any) -> bool:
    return any("GPU" in str(device.get("type")) for device in xllamacpp.get_device_info())


if __name__ == "__main__":
    main()
