function __nuthatch_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __nuthatch_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __nuthatch_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __nuthatch_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __nuthatch_parse_tokens -S
    set -l unparsed_tokens (__nuthatch_tokens -pc)
    switch $unparsed_tokens[1]
    case 'nuthatch'
        __nuthatch_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'run'
            __nuthatch_parse_subcommand 1 'm/model=' 'threads=' 'pin-threads' 'weights=' 'memory=' 'context=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'temperature=' 'top-k=' 'top-p=' 'min-p=' 'repetition-penalty=' 'seed=' 'max-new-tokens=' 'stop=+' 'ignore-end' 'read-markup-in-content' 'chat-template=' 'system=' 'image=+' 'raw' 'no-cache' 'show-cache' 'json' 'version' 'h/help'
        case 'chat'
            __nuthatch_parse_subcommand 0 'm/model=' 'threads=' 'pin-threads' 'weights=' 'memory=' 'context=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'temperature=' 'top-k=' 'top-p=' 'min-p=' 'repetition-penalty=' 'seed=' 'max-new-tokens=' 'stop=+' 'ignore-end' 'read-markup-in-content' 'chat-template=' 'system=' 'version' 'h/help'
        case 'pull'
            __nuthatch_parse_subcommand 1 'version' 'h/help'
        case 'list'
            __nuthatch_parse_subcommand 0 'json' 'version' 'h/help'
        case 'info'
            __nuthatch_parse_subcommand 1 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'metadata' 'tensors' 'json' 'version' 'h/help'
        case 'plan'
            __nuthatch_parse_subcommand 1 'layers=' 'kv-heads=' 'head-dimension=' 'context=' 'source=' 'memory=' 'batch=' 'weights=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'json' 'version' 'h/help'
        case 'tokenize'
            __nuthatch_parse_subcommand 1 'm/model=' 'bare' 'plain' 'json' 'version' 'h/help'
        case 'bench'
            __nuthatch_parse_subcommand 1 'threads=' 'pin-threads' 'weights=' 'memory=' 'context=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'prompt-tokens=' 'generate-tokens=' 'depth=' 'sequences=' 'shared-prefix=' 'in-turn' 'repetitions=' 'warm-ups=' 'no-cache' 'json' 'version' 'h/help'
        case 'perplexity'
            __nuthatch_parse_subcommand 2 'context=' 'beyond-context' 'tokens=' 'threads=' 'pin-threads' 'weights=' 'memory=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'json' 'version' 'h/help'
        case 'logits'
            __nuthatch_parse_subcommand 2 'o/output=' 'force' 'threads=' 'pin-threads' 'weights=' 'memory=' 'context=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'version' 'h/help'
        case 'quantize'
            __nuthatch_parse_subcommand 2 't/type=' 'pure' 'force' 'allow-requantize' 'threads=' 'json' 'version' 'h/help'
        case 'explain'
            __nuthatch_parse_subcommand 1 'scenario=' 'm/model=' 'steps=' 'no-cache' 'layer=' 'head=' 'threads=' 'pin-threads' 'weights=' 'memory=' 'cache=' 'kv-keys=' 'kv-values=' 'kv-window-keys=' 'kv-window-values=' 'kv-method=' 'kv-group=' 'kv-axis-keys=' 'kv-axis-values=' 'kv-residual=' 'kv-exact-first=' 'kv-rotate=' 'kv-retention=' 'kv-placement=' 'kv-capacity=' 'json' 'html=' 'force' 'version' 'h/help'
        case 'compare'
            __nuthatch_parse_subcommand 1 'prompt-file=' 'tolerance=' 'cache=+' 'context=' 'generate=' 'rounds=' 'depths=' 'threads=' 'pin-threads' 'weights=' 'memory=' 'json=' 'html=' 'force' 'version' 'h/help'
        case 'cache-test'
            __nuthatch_parse_subcommand 1 'prompt-file=' 'tolerance=' 'context=' 'threads=' 'dry-run' 'forget' 'json' 'html=' 'force' 'version' 'h/help'
        case 'help'
            __nuthatch_parse_subcommand -r 1 'version'
        end
    end
end

function __nuthatch_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __nuthatch_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __nuthatch_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __nuthatch_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__nuthatch_tokens -p)
    if test -z "$(__nuthatch_tokens -t)"
        set -l index (count (__nuthatch_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'nuthatch' -f
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'run' -d 'Answer one prompt, streaming; standard output holds the answer alone.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'chat' -d 'Talk with a model; the cache is kept from turn to turn.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'pull' -d 'Fetch a model, or make sure that it is here and whole.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'list' -d 'List the models that are here, and the known aliases.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'info' -d 'Show a model\'s architecture, formats, KV bytes per token, and the kernels in use.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'plan' -d 'Work out the memory that a context takes, or the context that a memory takes.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'tokenize' -d 'Show the token ids of a text.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'bench' -d 'Measure prefill and decode speed.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'perplexity' -d 'Measure how well a model predicts a text, and what the cache asked for costs in quality.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'logits' -d 'Write the logits of every position of a token sequence.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'quantize' -d 'Write a model as a GGUF file, quantised.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'explain' -d 'Watch what a KV cache does: each step\'s inputs, shapes, scores and work, with and without it.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'compare' -d 'Compare caches on your own text: speed by depth, bytes, and what each costs in quality.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'cache-test' -d 'Find the fewest bits for a model\'s keys and values, and remember them.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" m model' -l 'model' -s 'm' -d 'An alias (smollm2, gemma3), a .gguf file, a Hugging Face directory, or hf:owner/name[:file].' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" context' -l 'context' -d 'Load the model for sequences of this many tokens, prompt and answer together. Default: what it was made for; of a model whose positions turn in another way beyond a length (info says so), that length; with --kv-retention sinks=S+N no end.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" temperature' -l 'temperature' -d 'Divides the logits; 0 always takes the most probable token.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" top-k' -l 'top-k' -d 'Keep the k most probable tokens.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" top-p' -l 'top-p' -d 'Keep the most probable tokens up to this sum of probabilities; 1 keeps all.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" min-p' -l 'min-p' -d 'Drop tokens below this share of the most probable one.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" repetition-penalty' -l 'repetition-penalty' -d 'Penalty on tokens already seen; 1 is none. Default: 1.1, or 1 at temperature 0.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" seed' -l 'seed' -d 'Start of the random stream; the same seed gives the same answer.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" max-new-tokens' -l 'max-new-tokens' -d 'The most tokens to generate.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run"' -l 'stop' -d 'End the answer at this string, of text or special tokens; may be given several times.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" ignore-end' -l 'ignore-end' -d 'Go on after the model ends its turn, until another limit.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" read-markup-in-content' -l 'read-markup-in-content' -d 'Read markup such as <|im_end|> in messages as tokens. By default only the chat template\'s own text has markup, so that a message can\'t end its turn or begin another.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" chat-template' -l 'chat-template' -d 'The chat template, in Jinja, instead of the model\'s own; \'none\' continues raw text, as --raw does.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" system' -l 'system' -d 'The system message.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run"' -l 'image' -d 'An image for the model to look at; may be given several times. PPM, and in builds with the package trait ImageFiles PNG and JPEG.' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" raw' -l 'raw' -d 'Continue the prompt as it is: no chat template.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" no-cache' -l 'no-cache' -d 'Recompute the whole sequence for every token, in a cache emptied before (to compare with).'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" show-cache' -l 'show-cache' -d 'End with a table of what the cache holds, layer by layer.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" json' -l 'json' -d 'Print one JSON object instead of the answer.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" m model' -l 'model' -s 'm' -d 'An alias (smollm2, gemma3), a .gguf file, a Hugging Face directory, or hf:owner/name[:file].' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" context' -l 'context' -d 'Load the model for sequences of this many tokens, prompt and answer together. Default: what it was made for; of a model whose positions turn in another way beyond a length (info says so), that length; with --kv-retention sinks=S+N no end.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" temperature' -l 'temperature' -d 'Divides the logits; 0 always takes the most probable token.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" top-k' -l 'top-k' -d 'Keep the k most probable tokens.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" top-p' -l 'top-p' -d 'Keep the most probable tokens up to this sum of probabilities; 1 keeps all.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" min-p' -l 'min-p' -d 'Drop tokens below this share of the most probable one.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" repetition-penalty' -l 'repetition-penalty' -d 'Penalty on tokens already seen; 1 is none. Default: 1.1, or 1 at temperature 0.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" seed' -l 'seed' -d 'Start of the random stream; the same seed gives the same answer.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" max-new-tokens' -l 'max-new-tokens' -d 'The most tokens to generate.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat"' -l 'stop' -d 'End the answer at this string, of text or special tokens; may be given several times.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" ignore-end' -l 'ignore-end' -d 'Go on after the model ends its turn, until another limit.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" read-markup-in-content' -l 'read-markup-in-content' -d 'Read markup such as <|im_end|> in messages as tokens. By default only the chat template\'s own text has markup, so that a message can\'t end its turn or begin another.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" chat-template' -l 'chat-template' -d 'The chat template, in Jinja, instead of the model\'s own.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" system' -l 'system' -d 'The system message.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch chat" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch pull" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch pull" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch pull" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch list" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch list" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch info" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" metadata' -l 'metadata' -d 'List what the file\'s header says, which is done anyway for a model that does not load.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" tensors' -l 'tensors' -d 'List the tensors.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch info" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch plan" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" layers' -l 'layers' -d 'Layers, all of full attention.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-heads' -l 'kv-heads' -d 'Heads of keys and values in each layer, often fewer than query heads.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" head-dimension' -l 'head-dimension' -d 'Numbers of a head\'s key, and of its value.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" context' -l 'context' -d 'Tokens of each sequence, at most what the model was made for; of an encoder-decoder, of each answer.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" source' -l 'source' -d 'Tokens of an encoder-decoder\'s source. Default: as many as the answer.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" memory' -l 'memory' -d 'Bytes for weights, scratch memory and caches: 6GiB, 800MB.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" batch' -l 'batch' -d 'Sequences at the same time. Default: 1.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8; of a model that is not here, their bytes: 14GB.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch plan" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" m model' -l 'model' -s 'm' -d 'An alias (smollm2, gemma3), a .gguf file, a Hugging Face directory, or hf:owner/name[:file].' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" bare' -l 'bare' -d 'Do not add the model\'s beginning-of-sequence token.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" plain' -l 'plain' -d 'Read the names of special tokens in the text as text.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch tokenize" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch bench" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" context' -l 'context' -d 'Load the model for sequences of this many tokens, prompt and answer together. Default: what it was made for; of a model whose positions turn in another way beyond a length (info says so), that length; with --kv-retention sinks=S+N no end.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" prompt-tokens' -l 'prompt-tokens' -d 'Tokens of the prompt.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" generate-tokens' -l 'generate-tokens' -d 'Tokens to generate.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" depth' -l 'depth' -d 'Tokens already in the cache.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" sequences' -l 'sequences' -d 'Sequences at once.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" shared-prefix' -l 'shared-prefix' -d 'Tokens that all prompts begin with.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" in-turn' -l 'in-turn' -d 'Give each prompt when the one before has been computed, not all at once.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" repetitions' -l 'repetitions' -d 'Counted repetitions.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" warm-ups' -l 'warm-ups' -d 'Repetitions before those that count.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" no-cache' -l 'no-cache' -d 'Recompute the whole sequence for every token, in a cache emptied before.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch perplexity" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch perplexity" -eq 2' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" context' -l 'context' -d 'Tokens of a window, for which the model is loaded. Default: 2048, or the model\'s context if that is less.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" beyond-context' -l 'beyond-context' -d 'Let windows be longer than the model\'s context, whatever the cache keeps.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" tokens' -l 'tokens' -d 'Use only so many tokens of the text. Default: all.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch perplexity" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch logits" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch logits" -eq 2' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" o output' -l 'output' -s 'o' -d 'Where to write the floats.' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" force' -l 'force' -d 'Replace the output where it exists.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" context' -l 'context' -d 'Load the model for sequences of this many tokens, prompt and answer together. Default: what it was made for; of a model whose positions turn in another way beyond a length (info says so), that length; with --kv-retention sinks=S+N no end.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch logits" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch quantize" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" t type' -l 'type' -s 't' -d 'f32, f16, bf16, q8_0, q6_k, q4_k, q4_1 or q4_0.' -rfka 'f32 f16 bf16 q8_0 q6_k q4_k q4_1 q4_0'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" pure' -l 'pure' -d 'Store every matrix in that one format, the output matrix too.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" force' -l 'force' -d 'Replace OUTPUT where it exists.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" allow-requantize' -l 'allow-requantize' -d 'Quantise again what is in 8 bits or fewer already.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch quantize" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" scenario' -l 'scenario' -d 'An example that is ready: see above.' -rfka 'zhonghua prefix-table tiny-llama decoder-with-kv-cache one-token thousand-tokens'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" m model' -l 'model' -s 'm' -d 'An alias (smollm2, gemma3), a .gguf file, a Hugging Face directory, or hf:owner/name[:file]. Default: the scenario\'s, or smollm2.' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" steps' -l 'steps' -d 'Steps to go. Default: 4, or the scenario\'s.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" no-cache' -l 'no-cache' -d 'Compute without the cache alone.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" layer' -l 'layer' -d 'The layer to look at, from 0. Default: the last.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" head' -l 'head' -d 'The query head whose scores are shown, from 0.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" cache' -l 'cache' -d 'The cache by the name that transformers gives it: a combination of the options below, with keys and values in f16 where they don\'t say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and values. Default: as dynamic, but with keys and values in q8.' -rfka 'dynamic static sliding_window offloaded offloaded_static quantized'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-keys' -l 'kv-keys' -d 'How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat what cache-test chose.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-values' -l 'kv-values' -d 'How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-window-keys' -l 'kv-window-keys' -d 'How keys are held in layers whose model gives them a window. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-window-values' -l 'kv-window-values' -d 'How values are held in those layers. Default: as all others.' -rfka 'f32 f16 bf16 q8 q4 q2'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-method' -l 'kv-method' -d 'How codes are made: from a group\'s smallest and largest number, or refined. Default: the best measured.' -rfka 'affine hqq'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-group' -l 'kv-group' -d 'Numbers that share a scale: 32, 64 or 128. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-axis-keys' -l 'kv-axis-keys' -d 'What a group of keys has in common: its channel or its token. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-axis-values' -l 'kv-axis-values' -d 'What a group of values has in common. Default: the best measured.' -rfka 'channel token'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-residual' -l 'kv-residual' -d 'Newest tokens that stay exact, rounded up to pages. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-exact-first' -l 'kv-exact-first' -d 'First tokens that stay exact, 0 to 16. Default: the best measured.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-rotate' -l 'kv-rotate' -d 'What is held rotated by a Hadamard matrix. Default: the best measured.' -rfka 'none keys values both'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-retention' -l 'kv-retention' -d 'Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with compressive=N,rule=linear. Default: full.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-placement' -l 'kv-placement' -d 'Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv beside the models.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" kv-capacity' -l 'kv-capacity' -d 'Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" html' -l 'html' -d 'Write the report as a page too: one file that needs nothing else.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" force' -l 'force' -d 'Replace files that exist.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch compare" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" prompt-file' -l 'prompt-file' -d 'A text file, UTF-8; \'-\' reads standard input. Default: a text of the program\'s own.' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" tolerance' -l 'tolerance' -d 'The most that a cache may cost to be taken: mean KL divergence.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare"' -l 'cache' -d 'A cache to compare; may be given several times. Parts between commas: a preset (dynamic, static, sliding_window, offloaded, offloaded_static, quantized); how keys and values are held (q8, or q8/q4 for each); windows=q8/q4 for layers with a window; a retention (window=N, sinks=S+N, compressive=N); disk; capacity=N. Where none says how keys and values are held, presets have f16 (quantized q4), all others q8. Default: every preset and size.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" context' -l 'context' -d 'Tokens of the text. Default: 2048, or as many as there are.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" generate' -l 'generate' -d 'Tokens to generate at each depth.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" rounds' -l 'rounds' -d 'Rounds of all caches.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" depths' -l 'depths' -d 'Places at which speeds are taken.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" pin-threads' -l 'pin-threads' -d 'Bind each worker thread to one core.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" weights' -l 'weights' -d 'What weights are computed in: native (the file\'s formats), f32, bf16 or q8.' -rfka 'native f32 bf16 q8'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" memory' -l 'memory' -d 'The most memory for weights and cache, for example 6GiB. Default: what the system has free.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" json' -l 'json' -d 'Write the result as JSON; \'-\' prints it instead of the report.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" html' -l 'html' -d 'Write the report as a page too: one file that needs nothing else.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" force' -l 'force' -d 'Replace files that exist.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch compare" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_positional "nuthatch cache-test" -eq 1' -F
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" prompt-file' -l 'prompt-file' -d 'A text file, UTF-8; \'-\' reads standard input. Default: a text of the program\'s own.' -rF
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" tolerance' -l 'tolerance' -d 'The most that a cache may cost to be taken: mean KL divergence.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" context' -l 'context' -d 'Tokens of the text. Default: 512 of the program\'s own, 2048 of yours, or as many as there are.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" threads' -l 'threads' -d 'Worker threads, at most one per core this process may use. Default: so many.' -rfka ''
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" dry-run' -l 'dry-run' -d 'Test only: write no file.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" forget' -l 'forget' -d 'Remove the choice that there is, and test nothing.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" json' -l 'json' -d 'Print one JSON object.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" html' -l 'html' -d 'Write the report as a page too: one file that needs nothing else.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" force' -l 'force' -d 'Replace files that exist.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" version' -l 'version' -d 'Show the version.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch cache-test" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'nuthatch' -n '__nuthatch_should_offer_completions_for_flags_or_options "nuthatch help" version' -l 'version' -d 'Show the version.'
