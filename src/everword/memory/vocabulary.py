"""Words by number, with what each means: passages are read by the hundred as arrays, and "vehicle" finds "car"."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everword.memory.languages.detect import Language, language_of, may_tell
from everword.memory.words import TOKEN, Term, term_of, terms
from everword.weights.embedders import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEPT = 65_536
_NO_WORD = -1  # of a token that folds to nothing
_UNLIKE, _ALIKE = (
    0.25,
    0.75,
)  # cosines of word vectors: a hundredth of all pairs is above the first, synonyms near the last


@dataclass(frozen=True, slots=True)
class Reading:
    """Passages as words: `words[place]` is in the passage `passages[place]`, in order, and stands for `terms[...]`."""

    terms: list[Term]
    words: "NDArray[np.int64]"
    passages: "NDArray[np.int64]"
    lengths: "NDArray[np.int64]"  # words of each passage
    likeness: "NDArray[np.float32]"  # of each term to each word asked; 0 where it says nothing


class Vocabulary:
    """The words met of late, numbered, with their vectors in eight bits: 16 MB of these at most. Safe to share."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._forget()

    def read(self, texts: Sequence[str], asked: Sequence[Term]) -> Reading:
        """Take `texts` apart; the likeness of a word to each of `asked` is 1 for synonyms and 0 for the unrelated."""
        import numpy as np

        with self._lock:
            if len(self._terms) >= _KEPT:
                self._forget()
            numbered = [self._numbered(text) for text in texts]
            wanted = [self._number(term) for term in asked]
            every = np.array([number for of_it in numbered for number in of_it], dtype=np.int64)
            passages = np.repeat(np.arange(len(texts)), [len(of_it) for of_it in numbered])
            every, passages = every[every != _NO_WORD], passages[every != _NO_WORD]
            known, words = np.unique(every, return_inverse=True)
            found = [self._terms[number] for number in known.tolist()]
            says = np.array([not term.is_stop for term in found], dtype=bool)
            given, sought = self._vectors_of(known[says]), self._vectors_of(np.array(wanted, dtype=np.int64))
        likeness = np.zeros((len(found), len(asked)), dtype=np.float32)
        cosines = np.einsum("ij,kj->ik", given, sought)  # not BLAS, whose threads would wait for each other's core
        likeness[says] = np.clip((cosines - _UNLIKE) / (_ALIKE - _UNLIKE), 0, 1)
        return Reading(found, words, passages, np.bincount(passages, minlength=len(texts)), likeness)

    def _forget(self) -> None:
        self._terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._tokens: dict[Language, _Tokens] = {}
        self._telling: set[int] = set()
        self._vectors: Any = None
        self._has_vector: Any = None

    def _numbered(self, text: str) -> list[int]:
        """The number of each word; most texts are English, which a look at their words' numbers tells."""
        if text.isascii():
            numbers = self._by_token(text, Language.ENGLISH)
            if self._telling.isdisjoint(numbers):
                return numbers
        language = language_of(text)
        return self._by_token(text, language) if language.has_spaces else [self._number(each) for each in terms(text)]

    def _by_token(self, text: str, language: Language) -> list[int]:
        tokens = self._tokens.get(language)
        if tokens is None:
            tokens = self._tokens[language] = _Tokens(self, language)
        return [tokens[token] for token in TOKEN.findall(text)]

    def _number(self, term: Term) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._terms)
            self._terms.append(term)
        return number

    def token(self, token: str, language: Language) -> int:
        """The number of a token that is met for the first time; -1 where nothing is left of it."""
        term = term_of(token, language)
        if not term.folded:
            return _NO_WORD
        number = self._number(term)
        if language is Language.ENGLISH and may_tell(token):
            self._telling.add(number)
        return number

    def _vectors_of(self, numbers: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """Unit vectors, embedded where they are not kept."""
        import numpy as np

        if self._vectors is None or len(self._terms) > len(self._vectors):
            size = max(_KEPT, 2 * len(self._terms))
            self._vectors = np.zeros((size, self._embedder.dimensions), dtype=np.int8)  # memory only once written
            self._has_vector = np.zeros(size, dtype=bool)
        new = np.unique(numbers[~self._has_vector[numbers]])
        if len(new):
            made = self._embedder.embed_words([self._terms[number].folded for number in new.tolist()])
            self._vectors[new] = np.rint(made * (127 / np.maximum(np.abs(made).max(axis=1, keepdims=True), 1e-9)))
            self._has_vector[new] = True
        vectors = self._vectors[numbers].astype(np.float32)
        unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return unit


class _Tokens(dict[str, int]):
    """The numbers of the tokens of one language, asked for once each."""

    def __init__(self, vocabulary: Vocabulary, language: Language) -> None:
        super().__init__()
        self._vocabulary, self._language = vocabulary, language

    def __missing__(self, token: str) -> int:
        number = self[token] = self._vocabulary.token(token, self._language)
        return number
