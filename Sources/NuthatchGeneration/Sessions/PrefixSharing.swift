/// Who may go on from keys and values that a session computed, where their prompts begin alike.
///
/// What is shared ends with a page of 64 tokens, or, where pages are held exactly, with the last token that is alike.
///
/// Sharing shows in time alone: an answer has the same bits either way. But time tells: who may share can find out what others
/// of the group asked. So a session shares with nobody unless the program says otherwise, and groups are the program's to
/// name, never a request's.
public enum PrefixSharing: Sendable, Hashable {
    /// The session and its forks.
    case `private`
    /// All sessions of the model that name this group and keep their caches alike. What they computed outlives them, until its
    /// memory is needed.
    case group(String)
}
