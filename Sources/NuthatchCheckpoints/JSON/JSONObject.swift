/// The members of a JSON object in the order written.
///
/// Invariant: keys are unique by their bytes. A repeated key keeps its first place and takes its last value,
/// as in Python's `json`. Lookup is linear up to eight members and hashed beyond.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        package let key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member] = []
    private var places: [ExactKey: Int] = [:]

    // Below this, comparing keys costs less than hashing one.
    private static let linearCount = 8

    package init() {}

    package init(_ pairs: some Sequence<(String, JSONValue)>) {
        for (key, value) in pairs { set(key, to: value) }
    }

    /// Takes members as a file has them and indexes them at once, which is faster than one by one.
    ///
    /// - Parameter repeatedKey: a key that came more than once, if one did.
    init(_ members: [Member], repeatedKey: inout String?) {
        let isLinear = members.count <= Self.linearCount
        if !isLinear { places.reserveCapacity(members.count) }
        for (place, member) in members.enumerated() {
            let earlierPlace =
                isLinear
                ? members[..<place].firstIndex { $0.key.hasSameBytes(as: member.key) }
                : places.updateValue(place, forKey: ExactKey(member.key))
            if earlierPlace != nil { repeatedKey = member.key }
        }
        if repeatedKey == nil {
            self.members = members
        } else {
            places = [:]
            for member in members { set(member.key, to: member.value) }
        }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    package subscript(key: String) -> JSONValue? {
        place(of: key).map { members[$0].value }
    }

    /// Adds or replaces a member; true if it was there before.
    @discardableResult
    package mutating func set(_ key: String, to value: JSONValue) -> Bool {
        if members.count <= Self.linearCount {
            if let place = place(of: key) {
                members[place].value = value
                return true
            }
        } else if let place = places.updateValue(members.count, forKey: ExactKey(key)) {
            places[ExactKey(key)] = place
            members[place].value = value
            return true
        }
        members.append(Member(key: key, value: value))
        if members.count == Self.linearCount + 1 {
            for (place, member) in members.enumerated() { places[ExactKey(member.key)] = place }
        }
        return false
    }

    private func place(of key: String) -> Int? {
        if members.count > Self.linearCount { return places[ExactKey(key)] }
        return members.firstIndex { $0.key.hasSameBytes(as: key) }
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
}

extension JSONObject: Equatable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { left, right in
            left.key.hasSameBytes(as: right.key) && left.value == right.value
        }
    }
}
