extension LayerCache {
    /// Every page of a layer that was reserved up front, in the order of `reservedByteCounts`; whatever the layer held
    /// is forgotten.
    mutating func surrendered() -> [Page] {
        removeAll()
        return (reserve?.pages ?? []) + (memory?.pages ?? [])
    }

    /// Counts all pages, used and reserved.
    func count(in census: inout PageCensus) {
        for page in open.pages + sealed.pages + sinks.pages { census.add(page) }
        for page in (reserve?.pages ?? []) + (memory?.pages ?? []) { census.add(page) }
    }
}
