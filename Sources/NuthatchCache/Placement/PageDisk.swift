/// A directory's page file and the thread that moves pages there and back, shared by all sequences of a pool.
final class PageDisk: Sendable {
    let file: PageFile
    let mover: PageMover

    /// - Throws: `CacheError.ioFailed` where the directory takes no file, `CacheError.noThread`.
    init(directory: String) throws(CacheError) {
        file = try PageFile(directory: directory)
        mover = try PageMover()
    }
}
