"""How one base model is asked: its chat template where it has one, else plain text; and what ends an answer.

Without torch or transformers: every backend asks in the same way, also one that has neither.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ownhand.trainer.errors import NotReady
from tokenizers import Tokenizer

SYSTEM = (
    "You know how one person writes mail. You are told of a mail that this person is about to write. Answer "
    "with the rules by which they would write it: one rule a line, each a whole sentence, and nothing else."
)
# Some templates print the day. An agent is asked on other days than it was trained on: it is always this one.
_DAY = {
    "%d": "26",
    "%b": "Jul",
    "%B": "July",
    "%Y": "2024",
    "%m": "07",
    "%y": "24",
    "%A": "Friday",
    "%a": "Fri",
}
_MARK, _ANSWER = "%%situation%%", "%%answer%%"
_SPECIALS = ("bos_token", "eos_token", "pad_token", "unk_token")


@dataclass(frozen=True, slots=True)
class Form:
    """What stands around a situation, in tokens, and the tokens that end an answer."""

    head: tuple[int, ...]  # the same for every mail
    tail: tuple[int, ...]
    end: int  # what an answer is taught to end with
    ends: frozenset[int]  # whatever may end it
    strip: bool = False  # templates take the ends of a message off

    def ask(self, tokenizer: Tokenizer, question: str, max_tokens: int) -> list[int]:
        """The whole prompt. A question that is too long loses its beginning."""
        # What a mail says must not end a turn, or begin one: in it, special tokens are read as text.
        tokenizer.encode_special_tokens = True
        try:
            asked = tokenizer.encode(
                question.strip() if self.strip else question, add_special_tokens=False
            ).ids
        finally:
            tokenizer.encode_special_tokens = False
        room = max(1, max_tokens - len(self.head) - len(self.tail))
        return [*self.head, *asked[-room:], *self.tail]


def load_tokenizer(folder: Path) -> Tokenizer:
    """That of a base model, as it reads: some are saved with the cutting and padding of their training."""
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as exc:  # tokenizers raises nothing more special
        raise NotReady(f"the base model's tokenizer.json cannot be read ({type(exc).__name__})") from exc
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def form_of(folder: Path, tokenizer: Tokenizer) -> Form:
    """How the base model in a folder is asked. Raises NotReady when its files do not tell."""
    ends = _ends(folder)
    facts = _json(folder / "tokenizer_config.json")
    template = _template(folder, facts)
    if not template:
        return plain(tokenizer, ends)
    names = _specials(_json(folder / "special_tokens_map.json")) | _specials(facts)
    head, tail, after = _laid_out(template, names)
    closing = tokenizer.encode(after, add_special_tokens=False).ids[:1]
    # Only a special token ends a turn: a template may end an answer with words, or with nothing.
    if closing and not tokenizer.decode(closing, skip_special_tokens=True):
        ends = [*closing, *ends]
    if not ends:
        raise NotReady("the base model does not say which token ends a text (eos_token_id)")
    before, behind = (tokenizer.encode(text, add_special_tokens=False).ids for text in (head, tail))
    return Form(tuple(before), tuple(behind), ends[0], frozenset(ends), strip=True)


def plain(tokenizer: Tokenizer, ends: Sequence[int]) -> Form:
    """Text alone, after the token that begins every text of this model, if one does."""
    if not ends:
        raise NotReady("the base model does not say which token ends a text (eos_token_id)")
    begin = [token for token in tokenizer.encode("").ids if token not in ends]
    return Form(tuple(begin), (), ends[0], frozenset(ends))


def _ends(folder: Path) -> list[int]:
    """The ids of the tokens that end a text, the first the most usual; there may be several."""
    found: list[int] = []
    for name in ("generation_config.json", "config.json"):
        said = _json(folder / name).get("eos_token_id")
        found += said if isinstance(said, list) else [] if said is None else [said]
    return list(dict.fromkeys(int(token) for token in found))


def _template(folder: Path, facts: Mapping[str, Any]) -> str:
    """The chat template, in whichever of four places it is kept; empty if there is none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text("utf-8")
    said = _json(folder / "chat_template.json").get("chat_template") or facts.get("chat_template") or ""
    if isinstance(said, list):  # several by name
        said = next((one.get("template", "") for one in said if one.get("name") == "default"), "")
    return str(said)


def _specials(facts: Mapping[str, Any]) -> dict[str, str]:
    """Special tokens by name: each is a text, or an object with one."""
    found = {name: facts.get(name) for name in _SPECIALS}
    texts = {name: said.get("content") if isinstance(said, dict) else said for name, said in found.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        facts = json.loads(path.read_text("utf-8"))
    except ValueError as exc:
        raise NotReady(f"the base model's {path.name} cannot be read ({type(exc).__name__})") from exc
    return facts if isinstance(facts, dict) else {}


# --- templates -----------------------------------------------------------------------------------


def _laid_out(template: str, names: Mapping[str, str]) -> tuple[str, str, str]:
    """The text before a situation, between it and the answer, and after the answer."""
    apart = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": _MARK}]
    together = [{"role": "user", "content": f"{SYSTEM}\n\n{_MARK}"}]
    for messages in (apart, together):  # some templates know no system prompt: they refuse it, or drop it
        asked = _rendered(template, names, messages, add_generation_prompt=True)
        if asked.count(_MARK) == 1 and SYSTEM in asked:
            break
    else:
        raise NotReady("the base model's chat template cannot be used: it does not show what it is given")
    answered = _rendered(template, names, [*messages, {"role": "assistant", "content": _ANSWER}])
    head, _, tail = asked.partition(_MARK)
    if tail.count("<think>") > tail.count("</think>"):
        tail = tail.rstrip() + "\n\n</think>\n\n"  # it thinks unasked: no thought, then
    return head, tail, answered.rpartition(_ANSWER)[2] if _ANSWER in answered else ""


def _rendered(template: str, names: Mapping[str, str], messages: list[dict[str, str]], **flags: bool) -> str:
    """Empty when the template refuses the messages."""
    from jinja2.exceptions import TemplateError, TemplateSyntaxError

    facts: dict[str, Any] = {"add_generation_prompt": False, "enable_thinking": False, "tools": None}
    try:
        text = _environment().from_string(template).render(messages=messages, **{**facts, **names, **flags})
    except TemplateSyntaxError as exc:
        raise NotReady("the base model's chat template cannot be read (TemplateSyntaxError)") from exc
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
        return ""
    return str(text)


def _environment() -> Any:
    """As transformers has it. A template comes from outside and is a program: it runs in a sandbox."""
    from jinja2 import nodes
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):  # type: ignore[misc]  # jinja2 is not followed
        """{% generation %} marks what a model says; it prints nothing itself."""

        tags = {"generation"}  # noqa: RUF012 (jinja2's own way)

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return nodes.Scope(body).set_lineno(line)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _today
    return environment


def _refuse(message: str) -> None:
    from jinja2.exceptions import TemplateError

    raise TemplateError(message)


def _today(form: str) -> str:
    return re.sub(r"%[a-zA-Z]", lambda found: _DAY.get(found[0], "00"), form)
