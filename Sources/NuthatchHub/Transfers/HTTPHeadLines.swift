internal import NuthatchTensors

/// The lines of an answer's head as they arrive (RFC 9112, 2.1).
package struct HTTPHeadLines {
    private var status: Int?
    /// By lower-case name; what comes more than once is one list (RFC 9110, 5.3).
    private var fields: [String: String] = [:]

    package init() {}

    /// Takes one line; returns the whole head behind its last one. Heads of informational answers are left out.
    package mutating func take(_ line: String) -> (head: HTTPHead, location: String?)? {
        let line = line.trimmed
        if line.hasPrefix("HTTP/") {
            let parts = line.split(separator: " ")
            status = parts.count > 1 ? Int(parts[1]) : nil
            fields = [:]
            return nil
        }
        guard line.isEmpty else {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmed
            fields[name] = fields[name].map { $0 + ", " + value } ?? value
            return nil
        }
        guard let status, status >= 200 else { return nil }
        self.status = nil
        return (HTTPHead(status: status, fields: fields), fields["location"])
    }
}
