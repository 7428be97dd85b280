public import NuthatchTensors

extension ChatTemplate {
    /// The ChatML format: each message between `<|im_start|>role` and `<|im_end|>`.
    ///
    /// For models without a template of their own that were trained on this format. Nothing picks it silently:
    /// a model trained on another format answers badly to it, so the caller decides.
    ///
    /// - Throws: `NuthatchError`; not for this source, which can be read.
    public static func chatML() throws(NuthatchError) -> ChatTemplate {
        try ChatTemplate(
            source: """
                {% for message in messages %}
                {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
                {%- endfor %}
                {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
                """)
    }
}
