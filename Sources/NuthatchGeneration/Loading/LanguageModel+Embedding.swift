import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

extension LanguageModel {
    /// Refuses tokens that the tokenizer's files have and the model's embedding has not: added ones that it never learned.
    ///
    /// Such tokens are no reason to refuse the model, which never answers with one; only a prompt can have them.
    ///
    /// - Parameter tokens: what is to be read: a prompt, or an encoder's source.
    /// - Throws: `NuthatchError` (badData) that names the first.
    func requireEmbedding(of tokens: [TokenID]) throws(NuthatchError) {
        let rowCount =
            switch network {
            case .decoder(let decoder): decoder.specification.embedding.vocabularySize
            case .encoderDecoder(let model): model.specification.encoder.embedding.vocabularySize
            }
        guard let token = tokens.first(where: { !(0..<rowCount).contains(Int($0)) }) else { return }
        throw NuthatchError(
            code: .badData,
            message:
                "The text has the token \(tokenizer.text(of: token).debugDescription), id \(token), which the "
                + "model never learned: its embedding has the ids 0 to \(rowCount - 1).",
            remedy: "Leave that text out, or use the tokenizer files that belong to the model.")
    }
}
