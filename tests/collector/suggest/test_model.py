"""What is proposed, how surely, and that nothing odd makes it fall over."""

import random
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.load import rule_set
from planwhy_collector.facts import Context
from planwhy_collector.suggest.examples import Example, SeenWindow, examples_of
from planwhy_collector.suggest.features import Look, latin
from planwhy_collector.suggest.model import Model, Trust, train
from suggest_rows import HEAD, small_rules


@pytest.fixture(scope="module")
def model() -> Model:
    made = train(examples_of(small_rules()))
    assert made is not None
    return made


def best(model: Model, *contexts: Context, weights: tuple[float, ...] = (1.0,)) -> str:
    question = [(Look(one), weight) for one, weight in zip(contexts, weights, strict=True)]
    return model.propose_all([question])[0][0].category


def test_a_name_is_taken_for_what_names_like_it_are(model: Model) -> None:
    assert best(model, Context(host="newbank.ru")) == "finance_gov"
    assert best(model, Context(app="TheGame")) == "games"


def test_a_russian_title_says_what_an_address_says_in_latin_letters(model: Model) -> None:
    assert latin("Игры Ёлка щи") == "igry elka schi"
    assert best(model, Context(host="x.test", title="Игры")) == "games"


def test_windows_count_by_their_time(model: Model) -> None:
    both = Context(host="z.test", title="банк bank"), Context(host="z.test", title="игры games")
    assert best(model, *both, weights=(9, 1)) == "finance_gov"
    assert best(model, *both, weights=(1, 9)) == "games"


def test_windows_without_time_count_alike(model: Model) -> None:
    assert best(model, Context(host="newbank.ru"), weights=(0.0,)) == "finance_gov"


def test_the_same_examples_give_the_same_model(model: Model) -> None:
    again = train(examples_of(small_rules()))
    look = [Look(Context(host="kreditbank.test"))]
    assert again is not None
    assert again.probabilities(look).tolist() == model.probabilities(look).tolist()


def test_what_an_organisation_decided_weighs_more() -> None:
    own = "[finance_gov neutral]\nhost super-igra.ru\n"
    made = train(examples_of(small_rules(own)))
    assert made is not None
    assert best(made, Context(host="super-igra.by")) == "finance_gov"


def odd_title() -> str:
    return "".join(map(chr, random.Random(7).sample(range(sys.maxunicode + 1), 1024)))


@pytest.mark.parametrize("title", [odd_title(), "\ud800" * 1024, "\x00\u202e\ufeff", "", " " * 1024])
def test_odd_titles_are_asked_and_learnt_from(title: str) -> None:
    context = Context("chrome", "odd.test", "/\udfff", title)
    window = SeenWindow(Context("odd", None, None, title), "default", 1, "games", "P-odd")
    made = train(examples_of(small_rules(), [window]))
    assert made is not None
    assert sum(one.confidence for one in made.propose_all([[(Look(context), 1.0)]])[0]) == pytest.approx(1)


def test_nothing_is_told_apart_where_there_is_one_category_or_none() -> None:
    one = rule_set({"own": HEAD + "[games non_work]\nhost a.test b.test\n"})
    assert train(examples_of(one)) is None
    assert train(()) is None


def test_two_examples_are_enough_to_learn_from() -> None:
    pair = [Example(Context(host=f"{name}.test"), name, "host", name) for name in ("games", "bank")]
    made = train(pair)
    assert made is not None
    assert best(made, Context(host="games.test")) == "games"


def test_no_question_has_no_answer(model: Model) -> None:
    assert model.propose_all([]) == []


@given(
    st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1), st.floats(0.01, 30), st.floats(-20, 20)
)
def test_probabilities_add_up_and_keep_the_order_of_scores(rows: list[list[float]], steep: float, shift: float) -> None:
    scores = np.array(rows)
    found = Trust(steep, shift).probabilities(scores)
    assert found.sum(axis=1) == pytest.approx(np.ones(len(rows)))
    assert all(found[at, row.argmax()] == found[at].max() for at, row in enumerate(scores))
