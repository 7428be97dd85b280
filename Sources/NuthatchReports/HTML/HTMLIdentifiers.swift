/// Names for elements of a page that others refer to: counted, so a report always gives the same page.
struct HTMLIdentifiers {
    private var count = 0

    mutating func next(_ prefix: StaticString) -> String {
        "\(prefix)-\(nextNumber())"
    }

    mutating func nextNumber() -> Int {
        count += 1
        return count
    }
}
