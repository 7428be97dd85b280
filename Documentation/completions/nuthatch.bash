#!/bin/bash

__nuthatch_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__nuthatch_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__nuthatch_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__nuthatch_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_nuthatch() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __nuthatch_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    run|chat|pull|list|info|plan|tokenize|bench|perplexity|logits|quantize|explain|compare|cache-test|help)
        # Offer subcommand argument completions
        "_nuthatch_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'run chat pull list info plan tokenize bench perplexity logits quantize explain compare cache-test help' -- "${cur}"))
        ;;
    esac
}

_nuthatch_run() {
    repeating_flags=()
    non_repeating_flags=(--pin-threads --ignore-end --read-markup-in-content --raw --no-cache --show-cache --json --version -h --help)
    repeating_options=(--stop --image)
    non_repeating_options=(--model -m --threads --weights --memory --context --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity --temperature --top-k --top-p --min-p --repetition-penalty --seed --max-new-tokens --chat-template --system)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--model'|'-m')
        __nuthatch_add_completions -f
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--context')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    '--temperature')
        return
        ;;
    '--top-k')
        return
        ;;
    '--top-p')
        return
        ;;
    '--min-p')
        return
        ;;
    '--repetition-penalty')
        return
        ;;
    '--seed')
        return
        ;;
    '--max-new-tokens')
        return
        ;;
    '--stop')
        return
        ;;
    '--chat-template')
        return
        ;;
    '--system')
        return
        ;;
    '--image')
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_chat() {
    repeating_flags=()
    non_repeating_flags=(--pin-threads --ignore-end --read-markup-in-content --version -h --help)
    repeating_options=(--stop)
    non_repeating_options=(--model -m --threads --weights --memory --context --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity --temperature --top-k --top-p --min-p --repetition-penalty --seed --max-new-tokens --chat-template --system)
    __nuthatch_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model'|'-m')
        __nuthatch_add_completions -f
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--context')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    '--temperature')
        return
        ;;
    '--top-k')
        return
        ;;
    '--top-p')
        return
        ;;
    '--min-p')
        return
        ;;
    '--repetition-penalty')
        return
        ;;
    '--seed')
        return
        ;;
    '--max-new-tokens')
        return
        ;;
    '--stop')
        return
        ;;
    '--chat-template')
        return
        ;;
    '--system')
        return
        ;;
    esac
}

_nuthatch_pull() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __nuthatch_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_list() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __nuthatch_offer_flags_options 0
}

_nuthatch_info() {
    repeating_flags=()
    non_repeating_flags=(--metadata --tensors --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_plan() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--layers --kv-heads --head-dimension --context --source --memory --batch --weights --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--layers')
        return
        ;;
    '--kv-heads')
        return
        ;;
    '--head-dimension')
        return
        ;;
    '--context')
        return
        ;;
    '--source')
        return
        ;;
    '--memory')
        return
        ;;
    '--batch')
        return
        ;;
    '--weights')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_tokenize() {
    repeating_flags=()
    non_repeating_flags=(--bare --plain --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model -m)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--model'|'-m')
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_bench() {
    repeating_flags=()
    non_repeating_flags=(--pin-threads --in-turn --no-cache --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--threads --weights --memory --context --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity --prompt-tokens --generate-tokens --depth --sequences --shared-prefix --repetitions --warm-ups)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--context')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    '--prompt-tokens')
        return
        ;;
    '--generate-tokens')
        return
        ;;
    '--depth')
        return
        ;;
    '--sequences')
        return
        ;;
    '--shared-prefix')
        return
        ;;
    '--repetitions')
        return
        ;;
    '--warm-ups')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_perplexity() {
    repeating_flags=()
    non_repeating_flags=(--beyond-context --pin-threads --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--context --tokens --threads --weights --memory --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity)
    __nuthatch_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--context')
        return
        ;;
    '--tokens')
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    2)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_logits() {
    repeating_flags=()
    non_repeating_flags=(--force --pin-threads --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --threads --weights --memory --context --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity)
    __nuthatch_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __nuthatch_add_completions -f
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--context')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    2)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_quantize() {
    repeating_flags=()
    non_repeating_flags=(--pure --force --allow-requantize --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--type -t --threads)
    __nuthatch_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--type'|'-t')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8_0'$'\n''q6_k'$'\n''q4_k'$'\n''q4_1'$'\n''q4_0'
        return
        ;;
    '--threads')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_explain() {
    repeating_flags=()
    non_repeating_flags=(--no-cache --pin-threads --json --force --version -h --help)
    repeating_options=()
    non_repeating_options=(--scenario --model -m --steps --layer --head --threads --weights --memory --cache --kv-keys --kv-values --kv-window-keys --kv-window-values --kv-method --kv-group --kv-axis-keys --kv-axis-values --kv-residual --kv-exact-first --kv-rotate --kv-retention --kv-placement --kv-capacity --html)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--scenario')
        __nuthatch_add_completions -W 'zhonghua'$'\n''prefix-table'$'\n''tiny-llama'$'\n''decoder-with-kv-cache'$'\n''one-token'$'\n''thousand-tokens'
        return
        ;;
    '--model'|'-m')
        __nuthatch_add_completions -f
        return
        ;;
    '--steps')
        return
        ;;
    '--layer')
        return
        ;;
    '--head')
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--cache')
        __nuthatch_add_completions -W 'dynamic'$'\n''static'$'\n''sliding_window'$'\n''offloaded'$'\n''offloaded_static'$'\n''quantized'
        return
        ;;
    '--kv-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-keys')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-window-values')
        __nuthatch_add_completions -W 'f32'$'\n''f16'$'\n''bf16'$'\n''q8'$'\n''q4'$'\n''q2'
        return
        ;;
    '--kv-method')
        __nuthatch_add_completions -W 'affine'$'\n''hqq'
        return
        ;;
    '--kv-group')
        return
        ;;
    '--kv-axis-keys')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-axis-values')
        __nuthatch_add_completions -W 'channel'$'\n''token'
        return
        ;;
    '--kv-residual')
        return
        ;;
    '--kv-exact-first')
        return
        ;;
    '--kv-rotate')
        __nuthatch_add_completions -W 'none'$'\n''keys'$'\n''values'$'\n''both'
        return
        ;;
    '--kv-retention')
        return
        ;;
    '--kv-placement')
        return
        ;;
    '--kv-capacity')
        return
        ;;
    '--html')
        __nuthatch_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    esac
}

_nuthatch_compare() {
    repeating_flags=()
    non_repeating_flags=(--pin-threads --force --version -h --help)
    repeating_options=(--cache)
    non_repeating_options=(--prompt-file --tolerance --context --generate --rounds --depths --threads --weights --memory --json --html)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--prompt-file')
        __nuthatch_add_completions -f
        return
        ;;
    '--tolerance')
        return
        ;;
    '--cache')
        return
        ;;
    '--context')
        return
        ;;
    '--generate')
        return
        ;;
    '--rounds')
        return
        ;;
    '--depths')
        return
        ;;
    '--threads')
        return
        ;;
    '--weights')
        __nuthatch_add_completions -W 'native'$'\n''f32'$'\n''bf16'$'\n''q8'
        return
        ;;
    '--memory')
        return
        ;;
    '--json')
        __nuthatch_add_completions -o plusdirs -fX '!*.@(json)'
        return
        ;;
    '--html')
        __nuthatch_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_cache-test() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --forget --json --force --version -h --help)
    repeating_options=()
    non_repeating_options=(--prompt-file --tolerance --context --threads --html)
    __nuthatch_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--prompt-file')
        __nuthatch_add_completions -f
        return
        ;;
    '--tolerance')
        return
        ;;
    '--context')
        return
        ;;
    '--threads')
        return
        ;;
    '--html')
        __nuthatch_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __nuthatch_add_completions -f
        return
        ;;
    esac
}

_nuthatch_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __nuthatch_offer_flags_options -1
}

complete -o filenames -F _nuthatch nuthatch
