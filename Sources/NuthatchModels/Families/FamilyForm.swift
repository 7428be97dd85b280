/// One kind of file of a family: what it calls its tensors, and how its header is read.
struct FamilyForm<Reader, Names, Specification>: Sendable {
    /// What the file calls the family.
    let architecture: String
    let names: @Sendable (Reader) throws(ModelError) -> Names
    let read: @Sendable (Reader) throws(ModelError) -> Specification

    /// - Parameter names: they may depend on the header.
    init(
        _ architecture: String, names: @escaping @Sendable (Reader) throws(ModelError) -> Names,
        read: @escaping @Sendable (Reader) throws(ModelError) -> Specification
    ) {
        self.architecture = architecture
        self.names = names
        self.read = read
    }
}

extension FamilyForm where Names: Sendable {
    init(
        _ architecture: String, names: Names,
        read: @escaping @Sendable (Reader) throws(ModelError) -> Specification
    ) {
        self.init(architecture, names: { _ in names }, read: read)
    }
}
