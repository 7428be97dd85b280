"""What a manual page has and help does not: environment, files, examples."""

import shlex

_STORE = ("Ev NUTHATCH_HOME", "The store: the folder of models and of all that is kept beside them.")
_CACHE = ("Ev XDG_CACHE_HOME", "Where that is not set, the folder nuthatch in this one, if its path is absolute.")
_HOME = ("Ev HOME", "Where neither is set, the folder .cache/nuthatch in this one. It is also what a leading tilde "
         "stands for in names of files.")
_HUB = ("Ev HF_ENDPOINT", "The address of the hub that models are fetched from, of the form "
        "http(s)://host[:port][/path], instead of the Hugging Face Hub.")
_TOKEN = ("Ev HF_TOKEN", "A token sent with every request to the hub, for repositories that ask for one.")
_PROXY = ("Ev HTTPS_PROXY , HTTP_PROXY , NO_PROXY", "Read by libcurl, and by pip where it fetches.")
_COLOUR = ("Ev NO_COLOR", "Where it is set to anything but the empty string, there are no colours. There are none either "
           "where standard output is no terminal.")
_TERM = ("Ev TERM", "Where it is not set or dumb, chat reads lines as the terminal sends them, without an editor.")
_TEMPORARY = ("Ev TMPDIR", "Where explain puts the decoders of random weights that two of its scenarios make, while it "
              "works. Default: /tmp.")

# By command, "nuthatch" for the program.
ENVIRONMENT = {
    "nuthatch": [_STORE, _CACHE, _HOME, _HUB, _TOKEN, _PROXY, _COLOUR, _TERM, _TEMPORARY],
    "chat": [_COLOUR, _TERM],
    "explain": [_COLOUR, _TEMPORARY],
    "pull": [_STORE, _HUB, _TOKEN, _PROXY],
}

_CHOICES = ("Pa caches/FINGERPRINT.json", "The cache that cache-test chose for the model whose weights have this "
            "fingerprint.")
_PAGES = ("Pa kv/", "Pages of caches on the disk (--kv-placement disk). They have no names, and are gone when their "
          "process is, however it ends.")
_HISTORY = ("Pa chat_history", "What was typed into chats.")
_ROOT = ("Pa \\(ti/.cache/nuthatch/", "The store, unless NUTHATCH_HOME or XDG_CACHE_HOME names another folder. The names below are "
         "in it.")

FILES = {
    "nuthatch": [
        _ROOT,
        ("Pa models/NAME/", "A model of the list of known aliases. A file gets its name once its digest was found "
         "right; what has come of an unfinished one is in .nuthatch there."),
        ("Pa hub/OWNER/NAME/REVISION/", "A revision of a repository of the hub, laid out alike."),
        ("Pa locks/", "Held by whoever pulls, so that two pulls of one model fetch it once."),
        _CHOICES, _PAGES, _HISTORY],
    "run": [_ROOT, _CHOICES, _PAGES],
    "chat": [_ROOT, _CHOICES, _PAGES, _HISTORY],
    "cache-test": [_ROOT, _CHOICES],
}

# By command: what an example does, and its lines.
EXAMPLES = {
    "nuthatch": [
        ("Fetch a small model, and have it answer:",
         ["nuthatch pull smollm2", 'nuthatch run "Tell me a short story about a bird that hides seeds."']),
        ("Show how a KV cache works, then what one of 32,768 tokens takes:",
         ["nuthatch explain --scenario zhonghua", "nuthatch plan gemma3 --context 32768"])],
    "run": [
        ("Answer from standard input, with keys in 8 bits and values in 4, and show what the cache holds:",
         ["nuthatch run --kv-keys q8 --kv-values q4 --show-cache - < question.txt"]),
        ("The same answer every time, as JSON:",
         ['nuthatch run --temperature 0 --max-new-tokens 40 --json "Name three birds."'])],
    "chat": [
        ("A conversation without end: the first 4 tokens and the newest 1,024 are kept:",
         ["nuthatch chat --kv-retention sinks=4+1024"]),
        ("Two messages from a script:", ["printf 'Name a bird.\\nAnother.\\n' | nuthatch chat --temperature 0"])],
    "pull": [("Fetch a known model, and a file of a repository:",
              ["nuthatch pull gemma3", "nuthatch pull hf:owner/name:model.gguf"])],
    "list": [("Names alone, for a program:", ["nuthatch list --json"])],
    "info": [("A model's make-up, and what a token takes in a cache of 4 bits:",
              ["nuthatch info smollm2 --cache quantized"])],
    "plan": [
        ("The longest context in 1 GiB, then the largest batch of 4,096 tokens each:",
         ["nuthatch plan smollm2 --memory 1GiB", "nuthatch plan smollm2 --memory 1GiB --context 4096"]),
        ("A model that is not here, its weights in half floats, on a GPU of 24 GiB:",
         ["nuthatch plan --layers 32 --kv-heads 32 --head-dimension 128 --weights 14GiB --memory 24GiB"])],
    "tokenize": [("The ids of a text, as a model's prompt has them:", ['nuthatch tokenize -m gemma3 "Hello, world"'])],
    "bench": [
        ("Decoding behind 4,000 tokens, in 8 bits, in half floats and in 4 bits:",
         ["nuthatch bench smollm2 --depth 4000", "nuthatch bench smollm2 --depth 4000 --cache dynamic",
          "nuthatch bench smollm2 --depth 4000 --cache quantized"])],
    "perplexity": [
        ("What 4 bits cost on a text:",
         ["nuthatch perplexity smollm2 book.txt --context 2048 --kv-keys q4 --kv-values q4"])],
    "logits": [
        ("Logits of three tokens into a file:",
         ["echo '[504, 253, 1049]' | nuthatch logits smollm2 - --output logits.f32"])],
    "quantize": [("A directory of the Hugging Face Hub's layout, in 4 bits:",
                  ["nuthatch quantize ./my-model my-model.gguf --type q4_k"])],
    "explain": [
        ("The Chinese example of the introductions, then a prompt of one's own as a page:",
         ["nuthatch explain --scenario zhonghua",
          'nuthatch explain "The capital of France is" --steps 6 --html capital.html']),
        ("What is computed again where nothing is kept:", ['nuthatch explain --no-cache "A nuthatch is a small"'])],
    "compare": [
        ("Two caches on a text of one's own:",
         ["nuthatch compare smollm2 --prompt-file book.txt --cache q8 --cache q8/q4"]),
        ("Every cache there is, as a page of charts and as JSON:",
         ["nuthatch compare gemma3 --html caches.html --json caches.json"])],
    "cache-test": [
        ("Choose, use, and forget again:",
         ["nuthatch cache-test smollm2", 'nuthatch run "Name a bird."', "nuthatch cache-test smollm2 --forget"])],
}


def unknown(root):
    """Sentences on commands and options of the examples that the program does not have, and on what has no example."""
    known = {
        command["commandName"]: {
            ("-" if name["kind"] == "short" else "--") + name["name"]
            for argument in command.get("arguments", []) for name in argument.get("names", [])}
        for command in root["subcommands"] if command["commandName"] != "help"}
    for name in [*known, "nuthatch"]:
        if name not in EXAMPLES:
            yield f"nuthatch {name} has no example"
    for section in (ENVIRONMENT, FILES, EXAMPLES):
        yield from (f"there is no command {name}" for name in section if name not in {*known, "nuthatch"})
    for lines in (lines for examples in EXAMPLES.values() for _, lines in examples):
        for line in lines:
            words = shlex.split(line)
            begin = words.index("nuthatch")
            command, rest = words[begin + 1], words[begin + 2:]
            if command not in known:
                yield f"`{line}`: there is no command {command}"
            for word in rest:
                if word.startswith("-") and word != "-" and word.split("=")[0] not in known.get(command, {word}):
                    yield f"`{line}`: {command} has no option {word}"
