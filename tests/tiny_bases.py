"""Base models that know nothing, two layers each, as a hub has them: weights, tokenizer and chat template."""

import json
from pathlib import Path
from typing import Any

from ownhand.trainer import prompt
from ownhand.trainer.backends.chat import SYSTEM

# In short what the makers' own templates do, with what is hard about each.
QWEN = """{%- if messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == "user" %}
        {{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>assistant\\n' + ('<think>\\n\\n</think>\\n\\n' if loop.last else '') }}
        {{- message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""
THINKING = QWEN.replace(
    "{%- if enable_thinking is defined and enable_thinking is false %}", "{%- if true %}"
).replace("{{- '<think>\\n\\n</think>\\n\\n' }}", "{{- '<think>\\n' }}")
LLAMA = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = strftime_now("%d %b %Y") %}
{%- endif %}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}
    {%- if message['role'] == 'system' %}{{- "Today Date: " + date_string + "\\n\\n" }}{%- endif %}
    {{- message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}"""
GEMMA = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate") }}
    {%- endif -%}
    {%- set role = "model" if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {{- message['content'] | trim + '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}"""
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
GRANITE = """{%- for message in messages %}
{{- '<|start_of_role|>' + message.role + '<|end_of_role|>' + message.content + '<|end_of_text|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|start_of_role|>assistant<|end_of_role|>' }}
{%- endif %}"""
SMOL = """{%- set today = strftime_now("%d %B %Y") -%}
{{- "<|im_start|>system\\nToday Date: " + today + "\\n" }}
{{- ("Reasoning Mode: /no_think" if enable_thinking is false else "Reasoning Mode: /think") + "\\n\\n" }}
{%- if messages[0].role == "system" %}{{- messages[0].content }}{%- endif %}
{{- "<|im_end|>\\n" }}
{%- for message in messages %}
    {%- if message.role == "user" %}
        {{- "<|im_start|>user\\n" + message.content + "<|im_end|>\\n" }}
    {%- elif message.role == "assistant" %}
        {% generation %}
        {{- "<|im_start|>assistant\\n<think>\\n\\n</think>\\n" + message.content | trim + "<|im_end|>\\n" }}
        {% endgeneration %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- "<|im_start|>assistant\\n" + ("<think>\\n\\n</think>\\n" if enable_thinking is false else "") }}
{%- endif %}"""

SPECIAL = """<|endoftext|> <|im_start|> <|im_end|> <|begin_of_text|> <|start_header_id|> <|end_header_id|>
    <|eot_id|> <|eom_id|> <bos> <eos> <start_of_turn> <end_of_turn> <|start_of_role|> <|end_of_role|>
    <|end_of_text|> <pad>""".split()
# model type -> template, tokens that end a text, the token that begins one
FAMILIES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "qwen2": (QWEN, ("<|im_end|>", "<|endoftext|>"), ""),
    "qwen3": (QWEN, ("<|im_end|>", "<|endoftext|>"), ""),
    "llama": (LLAMA, ("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"), "<|begin_of_text|>"),
    "gemma3_text": (GEMMA, ("<eos>", "<end_of_turn>"), "<bos>"),
    "granite": (GRANITE, ("<|end_of_text|>",), ""),
    "granitemoehybrid": (GRANITE, ("<|end_of_text|>",), ""),
    "smollm3": (SMOL, ("<|im_end|>",), ""),
}
ENDS_TURN = {
    "qwen2": "<|im_end|>", "qwen3": "<|im_end|>", "llama": "<|eot_id|>", "gemma3_text": "<end_of_turn>",
    "granite": "<|end_of_text|>",    "granitemoehybrid": "<|end_of_text|>", "smollm3": "<|im_end|>",
}  # fmt: skip
_MORE: dict[str, dict[str, Any]] = {
    "qwen2": {"tie_word_embeddings": True},
    "qwen3": {"tie_word_embeddings": True},
    "llama": {"tie_word_embeddings": False},
    "gemma3_text": {"sliding_window": 32, "layer_types": ["sliding_attention", "full_attention"]},
    "granite": {"embedding_multiplier": 2.0, "residual_multiplier": 0.5, "logits_scaling": 2.0,
                "attention_multiplier": 0.2},
    "granitemoehybrid": {"num_local_experts": 0, "shared_intermediate_size": 96, "attention_multiplier": 0.2,
                         "position_embedding_type": "rope", "layer_types": ["attention"] * 2},
    "smollm3": {"no_rope_layers": [1, 0]},
}  # fmt: skip


def save_tokenizer(folder: Path, lessons: list[str], template: str = "", **names: str) -> Any:
    """A byte-level one of 700 tokens, with every special token of the families."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        [*lessons, *prompt.fact_lines() * 2, SYSTEM],
        trainers.BpeTrainer(
            vocab_size=700, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False
        ),
    )
    tokenizer.add_tokens(["<think>", "</think>"])
    # As after a training that cut and padded.
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("<pad>"), pad_token="<pad>", length=16)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    facts = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template} | names
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    return tokenizer


def save_base(folder: Path, family: str, lessons: list[str], **more: Any) -> Path:
    """A random one of that family."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    template, ends, begin = FAMILIES[family]
    tokenizer = save_tokenizer(folder, lessons, template, bos_token=begin, pad_token="<pad>")
    ids = [tokenizer.token_to_id(end) for end in ends]
    usual = {
        "vocab_size": 702, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 512,
        "initializer_range": 0.1, "eos_token_id": ids[0], "bos_token_id": None, "pad_token_id": None,
    }  # fmt: skip
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **(usual | _MORE[family] | more))
    model = AutoModelForCausalLM.from_config(config)
    model.generation_config = GenerationConfig(eos_token_id=ids if len(ids) > 1 else ids[0])
    model.save_pretrained(str(folder))
    return folder
