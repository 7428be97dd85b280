import NuthatchTensors

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Asks a hub what a repository holds, and fetches files from it.
struct HubClient: Sendable {
    let endpoint: HubEndpoint
    let timeouts: HTTPTimeouts
    let retries: RetryPolicy

    /// Every file of a revision, over all pages of the listing.
    func files(of reference: HubReference) async throws(HTTPFailure) -> [HubFile] {
        let source = "\(endpoint.host)/\(reference.repository)"
        guard
            var page = endpoint.listingURL(repository: reference.repository, revision: reference.revision)
        else { throw .wrongAnswer("the endpoint and the repository make no address") }
        var files: [HubFile] = []
        for _ in 0..<HubListing.pageLimit {
            let body = SmallBody(byteLimit: HubListing.pageByteLimit)
            let head = try await HTTPTransfer.get(
                page, headers: endpoint.headers, timeouts: timeouts, into: body)
            do {
                files += try HubListing.files(in: body.data, from: source)
            } catch {
                throw .store(error)
            }
            guard let next = head.nextPage else { return files }
            guard let url = endpoint.pageURL(next) else {
                throw .wrongAnswer("the listing goes on at another server")
            }
            page = url
        }
        throw .store(
            .refusedInput(
                source: source,
                reason: "its listing has more than \(Counted.text(HubListing.pageLimit, "page"))"))
    }

    func download(
        _ file: String, of repository: String, revision: String, byteCount: Int
    ) throws(HTTPFailure) -> FileDownload {
        guard let url = endpoint.fileURL(repository: repository, revision: revision, path: file) else {
            throw .wrongAnswer("the endpoint and the file make no address")
        }
        return FileDownload(
            url: url, headers: endpoint.headers, byteCount: byteCount, timeouts: timeouts, retries: retries)
    }
}
