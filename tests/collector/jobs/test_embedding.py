"""The optional sentence embedding: a folder on disk, told apart from everything that is no model."""

from pathlib import Path

import numpy as np
import pytest
from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError
from planwhy_collector.facts import Context
from planwhy_collector.jobs import embedding
from planwhy_collector.jobs.embedding import FILES, embedding_of, told
from planwhy_collector.suggest.examples import Example
from planwhy_collector.suggest.features import Look
from planwhy_collector.suggest.model import train

WORDS = {"cat": (1.0, 0.0), "kitten": (1.0, 0.1), "truck": (0.0, 1.0), "lorry": (0.1, 1.0)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that knows four words, two by two alike."""
    model2vec, tokenizers = pytest.importorskip("model2vec"), pytest.importorskip("tokenizers")
    vocabulary = {"[UNK]": 0} | {word: number for number, word in enumerate(WORDS, 1)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    vectors = np.array([(0.0, 0.0), *WORDS.values()], dtype=np.float32)
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def settings(folder: Path | str) -> Settings:
    return Settings(secret_key="tests", embedding_model=str(folder))


def test_a_model_knows_words_that_share_no_letters(folder: Path) -> None:
    examples = [
        Example(Context(title=word), category, "title", f"{word}{n}")
        for n in range(3)
        for word, category in (("cat", "pets"), ("truck", "cars"))
    ]
    embed = embedding_of(settings(folder))
    model = train(examples, embed)
    assert embed is not None
    assert model is not None
    rows = model.probabilities([Look(Context(title=one)) for one in ("kitten", "lorry", "\ud800", "", "x" * 1024)])
    assert [model.categories[at] for at in rows[:2].argmax(axis=1)] == ["pets", "cars"]
    assert rows.sum(axis=1) == pytest.approx(np.ones(5))


def test_without_a_folder_there_is_none_and_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedding_of(settings("")) is None
    assert told(settings("/models/tiny")) == "tiny"
    monkeypatch.setattr(embedding, "find_spec", lambda _name: None)
    assert told(settings("")) == "not installed"


@pytest.mark.parametrize("gone", [*FILES, None])
def test_a_folder_that_is_no_model_is_refused_by_the_name_of_the_setting(folder: Path, gone: str | None) -> None:
    if gone:
        (folder / gone).unlink()
    else:
        (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match=r"PLANWHY_EMBEDDING_MODEL: .*tiny is not a model"):
        embedding_of(settings(folder))


def test_a_name_that_is_no_folder_is_never_looked_up_elsewhere() -> None:
    with pytest.raises(ConfigError, match="PLANWHY_EMBEDDING_MODEL"):
        embedding_of(settings("someone/some-model"))


def test_a_folder_without_the_library_is_said_loudly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"planwhy-collector\[embedding\]"):
        embedding_of(settings(folder))
