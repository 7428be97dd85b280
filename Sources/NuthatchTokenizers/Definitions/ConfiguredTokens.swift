import NuthatchCheckpoints
import NuthatchTensors

/// The added tokens that the files beside tokenizer.json name, in the order in which they are added.
///
/// The rules are those of transformers 5 (`PreTrainedTokenizerBase._from_pretrained`, `TokenizersBackend`):
///  1. `added_tokens_decoder` of tokenizer_config.json, by its ids, which decide the order and nothing else;
///  2. where it has none: special_tokens_map.json, whose entries go before those of tokenizer_config.json, and
///     added_tokens.json;
///  3. the tokens that have a name: `bos_token` and its like, then others that end in `_token` (objects before strings),
///     then the members of `extra_special_tokens` where that is an object; where tokenizer_config.json has neither such
///     strings nor such members, those of its `model_specific_special_tokens`;
///  4. `extra_special_tokens` where it is a list; `additional_special_tokens` is its older name.
struct ConfiguredTokens {
    private typealias Named = [(key: String, token: ConfiguredToken)]

    /// To be added, in this order, unless there already.
    private(set) var tokens: [ConfiguredToken] = []
    /// What the seven usual names stand for.
    private(set) var contents: [String: String] = [:]

    /// What every name stands for, the usual ones among them: variables of chat templates.
    private(set) var names: [(name: String, content: String)] = []

    static let usualNames = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    private static let modelSpecificName = "model_specific_special_tokens"
    private static let extraNames = ["extra_special_tokens", "additional_special_tokens"]

    /// - Parameters:
    ///   - configuration: tokenizer_config.json.
    ///   - specialTokensMap: special_tokens_map.json.
    ///   - addedTokens: added_tokens.json.
    ///   - present: those of tokenizer.json.
    init(
        _ configuration: JSONField?, specialTokensMap: JSONField?, addedTokens: JSONField?,
        present: [AddedToken]
    ) throws(TokenizerError) {
        let decoder = configuration?["added_tokens_decoder"]
        let map = decoder == nil ? specialTokensMap : nil
        var usual: [String: ConfiguredToken] = [:]
        // Objects, and what the map has, come before the strings of the configuration.
        var objects: Named = []
        var objectPlaces: [ExactKey: Int] = [:]
        var strings: Named = []
        var members: Named = []
        var modelSpecific: Named = []
        var extra: [ConfiguredToken]?
        for source in [configuration, map].compactMap(\.self) {
            let isMap = source.file == map?.file
            for key in Self.keys(of: source) {
                guard let field = source[key] else {
                    // A null takes away what another file said.
                    if isMap { usual[key] = nil }
                    continue
                }
                if key == Self.modelSpecificName {
                    if !isMap { modelSpecific = try Self.members(of: field) }
                } else if Self.extraNames.contains(key) {
                    if field.value.object != nil {
                        members += try Self.members(of: field)
                    } else if key == Self.extraNames[0]
                        || source[Self.extraNames[0]]?.elements?.isEmpty != false
                    {
                        let listed = try Self.list(field)
                        if key == Self.extraNames[0] {
                            extra = (extra ?? []) + listed
                        } else if extra?.isEmpty != false {
                            extra = listed
                        }
                    }
                } else if Self.usualNames.contains(key) {
                    usual[key] = try ConfiguredToken(field)
                } else if key.hasSuffix("_token"), let token = try ConfiguredToken.ofOtherName(field) {
                    if isMap || field.value.string == nil {
                        if let place = objectPlaces[ExactKey(key)] {
                            objects[place].token = token
                        } else {
                            objectPlaces[ExactKey(key)] = objects.count
                            objects.append((key, token))
                        }
                    } else {
                        strings.append((key, token))
                    }
                }
            }
            // What the reference collects of the configuration takes the place of what is listed there as collected.
            if !isMap, strings.isEmpty, members.isEmpty { members = modelSpecific }
        }

        let presentByContent = Dictionary(
            present.map { (ExactKey($0.text), ConfiguredToken($0)) }, uniquingKeysWith: { $1 })
        var numbered = try Self.numbered(decoder)
        if decoder == nil, let addedTokens {
            let special = Set((usual.values + (extra ?? [])).map { ExactKey($0.content) })
            let presentIDs = Set(present.map { Int($0.id) })
            numbered = try Self.listed(addedTokens, special: special).filter { !presentIDs.contains($0.id) }
        }
        var known = decoder == nil ? presentByContent : [:]
        for (_, token) in numbered where decoder != nil || known[ExactKey(token.content)] == nil {
            known[ExactKey(token.content)] = token
        }
        for (key, token) in usual { usual[key] = known[ExactKey(token.content)] ?? token }
        contents = usual.mapValues(\.content)

        tokens = numbered.sorted { $0.id < $1.id }.map(\.token).filter {
            presentByContent[ExactKey($0.content)] != $0
        }
        var encoded = Set(present.map { ExactKey($0.text) } + tokens.map { ExactKey($0.content) })
        let others = objects + strings + members
        names =
            Self.usualNames.compactMap { name in usual[name].map { (name, $0.content) } }
            + others.map { ($0.key, $0.token.content) }
        let named = Self.usualNames.compactMap { usual[$0] } + others.map(\.token)
        for token in named + (extra ?? []) where encoded.insert(ExactKey(token.content)).inserted {
            tokens.append(token)
        }
        // A token that has a name is special, whatever is said of it.
        let special = Set(named.map { ExactKey($0.content) })
        for index in tokens.indices where special.contains(ExactKey(tokens[index].content)) {
            tokens[index].isSpecial = true
        }
    }

    /// tokenizer.json's tokens with these behind them: with the vocabulary's id where it has the text, else with the
    /// next one behind all.
    ///
    /// - Parameters:
    ///   - pieceCount: of the model's vocabulary.
    ///   - id: of a piece of that vocabulary.
    func added(to present: [AddedToken], pieceCount: Int, id: (String) -> Int?) -> [AddedToken] {
        var all = present
        var places = Dictionary(
            present.enumerated().map { (ExactKey($1.text), $0) }, uniquingKeysWith: { $1 })
        var highest = present.map { Int($0.id) }.max() ?? -1
        for token in tokens where !token.content.isEmpty {
            let key = ExactKey(token.content)
            if let place = places[key] {
                all[place] = token.added(id: all[place].id)
                continue
            }
            let new = id(token.content) ?? (highest >= pieceCount ? highest + 1 : pieceCount)
            highest = max(highest, new)
            places[key] = all.count
            all.append(token.added(id: TokenID(clamping: new)))
        }
        return all
    }

    // MARK: Forms

    private static func keys(of field: JSONField) -> [String] { field.value.object?.map(\.key) ?? [] }

    /// Tokens with names: {"image_token": "<image>"}.
    private static func members(of field: JSONField) throws(TokenizerError) -> Named {
        guard field.value.object != nil else {
            throw .checkpoint(field.wrongType(expected: "an object of tokens"))
        }
        var members: Named = []
        for key in keys(of: field) {
            guard let member = field[key] else { continue }
            members.append((key, try ConfiguredToken(member)))
        }
        return members
    }

    private static func list(_ field: JSONField) throws(TokenizerError) -> [ConfiguredToken] {
        guard let elements = field.elements else {
            throw .checkpoint(field.wrongType(expected: "a list or an object of tokens"))
        }
        try VocabularyBuilder.check(elements.count, .pieceCount, file: field.file, field: field.path)
        var tokens: [ConfiguredToken] = []
        for element in elements { tokens.append(try ConfiguredToken(element)) }
        return tokens
    }

    /// `added_tokens_decoder`: {"260": {"content": "<tool>", ...}}.
    private static func numbered(
        _ field: JSONField?
    ) throws(TokenizerError) -> [(id: Int, token: ConfiguredToken)] {
        guard let field else { return [] }
        guard let object = field.value.object else {
            throw .checkpoint(field.wrongType(expected: "an object"))
        }
        try VocabularyBuilder.check(object.count, .pieceCount, file: field.file, field: field.path)
        var tokens: [(id: Int, token: ConfiguredToken)] = []
        for key in keys(of: field) {
            guard let id = Int(key), let member = field[key] else {
                throw .malformed(
                    file: field.file, field: field.path, reason: "has '\(key.prefix(80))' for an id")
            }
            tokens.append((id, try ConfiguredToken(member, isSpecial: false)))
        }
        return tokens
    }

    /// added_tokens.json: {"<tool>": 260}.
    private static func listed(
        _ field: JSONField, special: Set<ExactKey>
    ) throws(TokenizerError) -> [(id: Int, token: ConfiguredToken)] {
        guard let object = field.value.object else {
            throw .checkpoint(field.wrongType(expected: "an object"))
        }
        try VocabularyBuilder.check(object.count, .pieceCount, file: field.file, field: "the list of tokens")
        var tokens: [(id: Int, token: ConfiguredToken)] = []
        for member in object {
            guard let id = member.value.integer else {
                throw .malformed(
                    file: field.file, field: "'\(member.key.prefix(80))'", reason: "is given no id")
            }
            let isSpecial = special.contains(ExactKey(member.key))
            tokens.append(
                (id, ConfiguredToken(content: member.key, isSpecial: isSpecial, isNormalized: !isSpecial)))
        }
        return tokens
    }
}
