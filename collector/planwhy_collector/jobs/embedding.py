"""The sentence embedding, where one is installed. In: settings. Out: what turns texts into vectors, or None.

A model is a folder on disk in the format of model2vec (`config.json`, `model.safetensors`, `tokenizer.json`). Never: a
download, also where the folder is wrong.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError
from planwhy_collector.suggest.features import Embed

SETTING = "PLANWHY_EMBEDDING_MODEL"
_SHORTEST = np.float32(1e-6)
FILES = ("config.json", "model.safetensors", "tokenizer.json")


def embedding_of(settings: Settings) -> Embed | None:
    """Load the model of the settings; None where none is named.

    Raises ConfigError, naming the setting, where the folder is no model or the library is not installed.
    """
    if not settings.embedding_model:
        return None
    if not is_installed():
        raise ConfigError(f"{SETTING}: the library is not installed: install planwhy-collector[embedding]")
    folder = Path(settings.embedding_model)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ConfigError(f"{SETTING}: {folder} is not a model: there is no {', '.join(missing)}")
    return _loaded(folder)


def is_installed() -> bool:
    """Whether the optional library is there."""
    return find_spec("model2vec") is not None


def told(settings: Settings) -> str:
    """Whether proposals rest on an embedding too, in words for the report."""
    if settings.embedding_model:
        return Path(settings.embedding_model).name
    return f"not used ({SETTING} names no folder)" if is_installed() else "not installed"


def _loaded(folder: Path) -> Embed:
    from model2vec import StaticModel  # noqa: PLC0415  optional, and heavy: when it is needed

    try:
        model = StaticModel.from_pretrained(folder)
    except Exception as error:  # noqa: BLE001  the library names no errors of its own: any of them means the folder
        raise ConfigError(f"{SETTING}: {folder} is not a model: {error}") from None

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.asarray(model.encode(list(texts), use_multiprocessing=False), dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, _SHORTEST), dtype=np.float32)

    return embed
